import type { Immutable, Timeout } from "../api/mod.ts";
import type { ContourConfigurationSpec } from "./contour_configuration.ts";
import type { TlsVersion } from "./values.ts";

/** Everything that is configured, whatever the source, with defaults where nothing was said. */
export interface Configuration {
  readonly xds: Endpoint & {
    /** Serve without TLS. */
    readonly insecure: boolean;
    readonly tls: Required<TlsFiles>;
  };
  /** Where the engine can be looked into. */
  readonly debug: Endpoint;
  readonly health: Endpoint;
  readonly metrics: MetricsEndpoint;
  readonly ingressClassNames: readonly string[];
  /** Addresses for the status of objects; empty: those of the Service of Envoy. */
  readonly statusAddresses: readonly string[];
  readonly gateway: NamespacedName | undefined;
  readonly rootNamespaces: readonly string[];
  readonly fallbackCertificate: NamespacedName | undefined;
  readonly disablePermitInsecure: boolean;
  /** How many routes the includes of one host may come to; absent: as many as by default. */
  readonly maxRoutesPerHost: number | undefined;
  readonly enableExternalNameService: boolean;
  readonly featureFlags: readonly string[];
  readonly envoy: EnvoyConfiguration;
  readonly globalExtAuth: ContourConfigurationSpec["globalExtAuth"];
  readonly rateLimitService: ContourConfigurationSpec["rateLimitService"];
  readonly tracing: TracingConfiguration | undefined;
  readonly policy: PolicyConfiguration;
}

/** What Envoys are told. Absent: left to Envoy. */
export interface EnvoyConfiguration {
  /** Whose addresses go into the status of objects. */
  readonly service: NamespacedName;
  readonly http: ListenerConfiguration;
  readonly https: ListenerConfiguration;
  readonly health: Endpoint;
  readonly metrics: MetricsEndpoint;
  readonly omEnforcedHealth: Endpoint | undefined;
  /** Shown to Services that ask for a certificate. */
  readonly clientCertificate: NamespacedName | undefined;
  readonly listener: {
    readonly useProxyProtocol: boolean;
    readonly allowChunkedLength: boolean;
    readonly mergeSlashes: boolean;
    readonly serverHeaderTransformation: "overwrite" | "append_if_absent" | "pass_through";
    readonly compression: "gzip" | "brotli" | "zstd" | "disabled";
    readonly exactBalance: boolean;
    readonly maxRequestsPerConnection: number | undefined;
    readonly bufferLimitBytes: number | undefined;
    readonly maxRequestsPerIoCycle: number | undefined;
    readonly http2MaxConcurrentStreams: number | undefined;
    readonly maxConnections: number | undefined;
    readonly maxAcceptsPerEvent: number | undefined;
    readonly typeOfService: number;
    readonly trafficClass: number;
  };
  readonly tls: TlsParameters & { readonly ja3: boolean; readonly ja4: boolean };
  readonly upstreamTls: TlsParameters;
  readonly httpVersions: "both" | "http/1.1" | "http/2";
  readonly logging: LoggingConfiguration;
  readonly timeouts: {
    readonly request: Timeout;
    readonly connectionIdle: Timeout;
    readonly streamIdle: Timeout;
    readonly maxConnectionDuration: Timeout;
    readonly delayedClose: Timeout;
    readonly connectionShutdownGracePeriod: Timeout;
    readonly connectMs: number;
  };
  readonly cluster: {
    readonly dnsLookupFamily: "auto" | "v4" | "v6" | "all";
    readonly maxRequestsPerConnection: number | undefined;
    readonly bufferLimitBytes: number | undefined;
    readonly circuitBreakers: CircuitBreakerLimits;
  };
  readonly trustedHops: number;
  readonly adminPort: number;
  readonly stripTrailingHostDot: boolean;
  readonly runtimeSettings: Readonly<Record<string, string>>;
}

/** An address and a port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** PEM files. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** With it clients have to show a certificate. */
  readonly caFile?: string;
}

/** Where metrics are; with `tls` over HTTPS. */
export interface MetricsEndpoint extends Endpoint {
  readonly tls: TlsFiles | undefined;
}

/** A listener for clients. */
export interface ListenerConfiguration extends Endpoint {
  /** Path of its access log. */
  readonly accessLog: string;
}

/** An object of the cluster. */
export interface NamespacedName {
  readonly namespace: string;
  readonly name: string;
}

/** How TLS is spoken. */
export interface TlsParameters {
  readonly minimumVersion: TlsVersion;
  readonly maximumVersion: TlsVersion;
  /** Empty: Contour's default. */
  readonly cipherSuites: readonly string[];
  /** Empty: Envoy's default. */
  readonly curves: readonly string[];
}

/** What stands in access logs. */
export interface LoggingConfiguration {
  readonly format: "envoy" | "json";
  /** Empty: Envoy's own format. */
  readonly formatString: string;
  readonly jsonFields: readonly string[];
  readonly level: "info" | "error" | "critical" | "disabled";
}

/** Limits of Services without their own; 0 and absent mean Envoy's. */
export interface CircuitBreakerLimits {
  readonly maxConnections?: number;
  readonly maxPendingRequests?: number;
  readonly maxRequests?: number;
  readonly maxRetries?: number;
  readonly perHostMaxConnections?: number;
}

/** Where traces go. */
export interface TracingConfiguration {
  readonly extensionService: NamespacedName;
  readonly serviceName: string;
  /** Shares in percent. */
  readonly overallSampling: number;
  readonly clientSampling: number;
  readonly randomSampling: number;
  readonly maxPathTagLength: number;
  readonly includePodDetail: boolean;
  readonly customTags: Immutable<
    NonNullable<NonNullable<ContourConfigurationSpec["tracing"]>["customTags"]>
  >;
}

/** Headers of all hosts. */
export interface PolicyConfiguration {
  readonly requestHeaders: HeadersConfiguration;
  readonly responseHeaders: HeadersConfiguration;
  readonly applyToIngress: boolean;
}

/** Headers to set and to take away. */
export interface HeadersConfiguration {
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
}
