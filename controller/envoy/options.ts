import type { Timeout } from "../api/mod.ts";

/** What the administrator decides about all hosts. */
export interface EnvoyOptions {
  readonly http: ListenerOptions;
  readonly https: ListenerOptions;
  /** When a client's connection without requests is closed; `default` leaves it to Envoy: 1 h. */
  readonly connectionIdleTimeout: Timeout;
}

/** One listener. */
export interface ListenerOptions {
  /** An IP address; `::` takes IPv4 too. */
  readonly address: string;
  /** 1 to 65535. */
  readonly port: number;
  /** Absent: no access log. */
  readonly accessLog?: AccessLogOptions;
}

/** Where requests are logged. */
export interface AccessLogOptions {
  /** A path in Envoy's file system. */
  readonly path: string;
  /**
   * A format string; absent: Envoy's own format.
   * See https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
   */
  readonly format?: string;
}

/** Contour's ports and times, with access logs on Envoy's standard output. */
export const defaultEnvoyOptions: EnvoyOptions = {
  http: { address: "0.0.0.0", port: 8080, accessLog: { path: "/dev/stdout" } },
  https: { address: "0.0.0.0", port: 8443, accessLog: { path: "/dev/stdout" } },
  connectionIdleTimeout: { kind: "explicit", ms: 60_000 },
};
