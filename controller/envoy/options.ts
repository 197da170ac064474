import type { Timeout } from "../api/mod.ts";
import type { CircuitBreakers, TlsVersion } from "../graph/mod.ts";
import type { PluginOptions } from "../plugin/mod.ts";

/** What the administrator decides about all hosts. */
export interface EnvoyOptions {
  readonly http: ListenerOptions;
  readonly https: ListenerOptions;
  /** When a client's connection without requests is closed; `default` leaves it to Envoy: 1 h. */
  readonly connectionIdleTimeout: Timeout;
  /** How clients are spoken to. */
  readonly connectionManager?: ConnectionManagerOptions;
  /** How connections of clients are taken. */
  readonly connections?: ConnectionOptions;
  /** TLS with clients; hosts can only narrow its versions. */
  readonly tls?: TlsOptions & {
    /** Whether JA3 fingerprints of clients are taken, for access logs. Default: no. */
    readonly takesFingerprints?: boolean;
    /** The same with JA4. Default: no. */
    readonly takesJa4Fingerprints?: boolean;
  };
  /** How Services are spoken to. */
  readonly upstream?: UpstreamOptions;
  /** Listeners that reach the admin interface, for who watches over Envoy. Default: none. */
  readonly watch?: WatchOptions;
  /** Settings for Envoys whose bootstrap asks for them. Default: none. */
  readonly runtime?: RuntimeOptions;
  /** What plugins add for all hosts. Default: no plugin is in use. */
  readonly plugins?: PluginOptions;
}

/**
 * How HTTP is spoken with clients. What is absent is left to Envoy.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto
 */
export interface ConnectionManagerOptions {
  /** For a request to arrive as a whole. */
  readonly requestTimeout?: Timeout;
  /** A request or answer without a byte is ended then. Envoy's own: 5 min. */
  readonly streamIdleTimeout?: Timeout;
  /** A connection is drained when it is that old; anything but a time means never. */
  readonly maxConnectionDuration?: Timeout;
  /** From the end of a connection on our side to its end. Envoy's own: 1 s. */
  readonly delayedCloseTimeout?: Timeout;
  /** From saying that a connection ends to its end. Envoy's own: 5 s. */
  readonly drainTimeout?: Timeout;
  /** Requests after which a connection is ended; at least 1. */
  readonly maxRequestsPerConnection?: number;
  /** Requests at once on one HTTP/2 connection; at least 1. */
  readonly http2MaxConcurrentStreams?: number;
  /** Proxies in front of Envoy whose `X-Forwarded-For` is believed. Default: 0. */
  readonly trustedHops?: number;
  /** Whether `shop.example.` is taken as `shop.example`. Default: no. */
  readonly stripTrailingHostDot?: boolean;
  /** Whether `//` in a path is taken as `/`. Default: yes. */
  readonly mergeSlashes?: boolean;
  /** Whether a request may have Content-Length beside chunked encoding. Default: yes. */
  readonly allowChunkedLength?: boolean;
  /** What becomes of the `Server` header of Services. Default: overwrite. */
  readonly serverHeader?: "overwrite" | "append-if-absent" | "pass-through";
  /** Versions of HTTP that are spoken. Default: both. */
  readonly httpVersions?: "both" | "http/1.1" | "http/2";
  /** How answers are compressed for clients that ask for it. Default: gzip. */
  readonly compression?: "gzip" | "brotli" | "zstd" | "none";
}

/** How connections of clients are taken. What is absent is left to Envoy. */
export interface ConnectionOptions {
  /** Whether a PROXY header stands before each connection's first byte. Default: no. */
  readonly useProxyProtocol?: boolean;
  /** Whether worker threads get equally many connections. Default: whoever is first. */
  readonly exactBalance?: boolean;
  /** Bytes of a connection to hold in memory. Envoy's own: 1 MiB. */
  readonly bufferLimitBytes?: number;
  /** Connections to take at once; at least 1. */
  readonly maxAcceptsPerEvent?: number;
  /** The type-of-service byte of IPv4, 0 to 255; 0: as the system has it. */
  readonly typeOfService?: number;
  /** The traffic class of IPv6, 0 to 255; 0: as the system has it. Only at addresses of IPv6. */
  readonly trafficClass?: number;
}

/** How TLS is spoken. */
export interface TlsOptions {
  /** Default: 1.2. */
  readonly minimumVersion?: TlsVersion;
  /** Default: 1.3. */
  readonly maximumVersion?: TlsVersion;
  /** Used up to TLS 1.2, in order; `[A|B]` are of equal preference. Default: those of Contour. */
  readonly cipherSuites?: readonly string[];
  /** Curves for key agreement, in order. Absent: left to Envoy. */
  readonly curves?: readonly string[];
}

/** How Services are spoken to. */
export interface UpstreamOptions {
  readonly tls?: TlsOptions;
  /** Which addresses of a name in DNS are used. Default: `auto`, which prefers IPv6. */
  readonly dnsLookupFamily?: "auto" | "v4" | "v6" | "all";
  /** Requests after which a connection is ended; at least 1. */
  readonly maxRequestsPerConnection?: number;
  /** Bytes of a connection to hold in memory. Envoy's own: 1 MiB. */
  readonly bufferLimitBytes?: number;
  /** Limits of Services that have none of their own, limit by limit. */
  readonly circuitBreakers?: CircuitBreakers;
}

/**
 * Settings that Envoy takes while it runs.
 * See https://www.envoyproxy.io/docs/envoy/latest/configuration/operations/runtime
 */
export interface RuntimeOptions {
  /** By key. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Requests of one connection to work on before others have their turn; at least 1. */
  readonly maxRequestsPerIoCycle?: number;
  /** Connections that a listener for clients holds at once; at least 1. */
  readonly maxConnectionsPerListener?: number;
}

/** Where Envoy can be asked how it is. Each place is a listener beside those for clients. */
export interface WatchOptions {
  /** Answers `/stats` and `/stats/prometheus`. */
  readonly metrics?: WatchEndpoint & {
    /** Files that Envoy reads; with `caFile` clients have to show a certificate. */
    readonly tls?: {
      readonly certFile: string;
      readonly keyFile: string;
      readonly caFile?: string;
    };
  };
  /** Answers `/ready`. May be the same place as that of metrics without TLS. */
  readonly health?: WatchEndpoint;
  /** Answers `/ready`, but not when Envoy has as many connections as it may. */
  readonly healthWithinLimits?: WatchEndpoint;
  /** The port at 127.0.0.1 where what the admin interface tells is to be had, and read only. */
  readonly adminPort?: number;
}

/** A place to listen at. */
export interface WatchEndpoint {
  /** An IP address. */
  readonly address: string;
  /** 1 to 65535. */
  readonly port: number;
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
  /** Fields of a log of JSON objects, with their formats; empty ones are left out. */
  readonly jsonFormat?: Readonly<Record<string, string>>;
  /** Only answers with at least this status, and those that Envoy flagged. Default: all. */
  readonly leastStatus?: number;
}

/** Contour's ports and times, with access logs on Envoy's standard output. */
export const defaultEnvoyOptions: EnvoyOptions = {
  http: { address: "0.0.0.0", port: 8080, accessLog: { path: "/dev/stdout" } },
  https: { address: "0.0.0.0", port: 8443, accessLog: { path: "/dev/stdout" } },
  connectionIdleTimeout: { kind: "explicit", ms: 60_000 },
};
