import type { ObjectKey, Timeout } from "../api/mod.ts";
import type { ExternalAuthorization, JwtProvider, RouteAuthorization } from "./protection_model.ts";

export type * from "./global_model.ts";
export type * from "./protection_model.ts";

/**
 * One hostname and everything Envoy has to know of it: the unit of translation.
 * It is a value: equal objects in, equal value out.
 */
export interface VirtualHost {
  /** Lower case; a wildcard reads `*.example.com`; `*` takes what no other host does. */
  readonly fqdn: string;
  /** Whom to blame: the root HTTPProxy that claims the name, else the oldest Ingress with rules. */
  readonly owner: ObjectKey;
  /** The others that have rules here: Ingresses, the oldest first. Absent: none. */
  readonly sharedWith?: readonly ObjectKey[];
  /** HTTP routes in the order Envoy has to try them: the first match takes the request. */
  readonly routes: readonly Route[];
  /** What holds for all routes, unless one says otherwise. */
  readonly policies?: HostPolicies;
  /** What the TLS listener does with connections to this name; absent: nothing. */
  readonly secure?: SecureHost;
}

/** Policies of a host, on the plain and on the TLS listener. */
export interface HostPolicies {
  readonly cors?: CorsPolicy;
  readonly rateLimits?: RateLimits;
  readonly ipFilter?: IpFilter;
  /** What plugins are told, by their field, as it was written. */
  readonly plugins?: PluginSettings;
}

/** Settings for plugins, which alone know what they mean. */
export type PluginSettings = Readonly<Record<string, unknown>>;

/** What happens to a TLS connection whose SNI is the host's name. */
export type SecureHost =
  | SecureHttpHost
  | { readonly kind: "tcp"; readonly tls: TlsTermination; readonly proxy: TcpProxy }
  | { readonly kind: "passthrough"; readonly proxy: TcpProxy };

/** HTTP behind TLS, and who checks the requests before their routes do. */
export interface SecureHttpHost {
  readonly kind: "http";
  readonly tls: TlsTermination;
  readonly authorization?: ExternalAuthorization;
  /** By the name that routes ask for; in the order of the object. */
  readonly jwtProviders?: readonly JwtProvider[];
  /** Also served, with this certificate, to clients that name no host, or none we know. */
  readonly fallbackCertificate?: SecretRef;
}

/** TLS versions, and the Secret whose certificate is served. */
export interface TlsTermination {
  readonly certificate: SecretRef;
  readonly minimumVersion: TlsVersion;
  readonly maximumVersion: TlsVersion;
  readonly clientValidation?: ClientValidation;
}

/** Certificates that clients have to show, or may. */
export interface ClientValidation {
  /** PEM certificates a client's has to be signed by. Absent: any certificate is taken. */
  readonly caBundle?: string;
  /** Whether a certificate that fails the check is taken all the same. */
  readonly acceptUntrusted: boolean;
  /** Whether a client without a certificate is refused. */
  readonly required: boolean;
  readonly revocation?: {
    /** PEM certificate revocation lists. */
    readonly lists: string;
    /** Whether the rest of the chain goes unchecked. */
    readonly leafOnly: boolean;
  };
  /** What `x-forwarded-client-cert` tells the upstream; absent: nothing. */
  readonly forward?: ForwardedCertificate;
}

/** The parts of a client's certificate that the upstream is told. */
export interface ForwardedCertificate {
  readonly subject: boolean;
  readonly cert: boolean;
  readonly chain: boolean;
  readonly dns: boolean;
  readonly uri: boolean;
}

/** Cross-origin resource sharing of a host. */
export interface CorsPolicy {
  readonly origins: readonly OriginMatch[];
  readonly methods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly allowCredentials: boolean;
  readonly allowPrivateNetwork: boolean;
  /** Whole seconds; absent: the header is not sent. */
  readonly maxAgeSeconds?: number;
}

/** An origin, compared without regard to case, or a pattern of RE2. */
export type OriginMatch =
  | { readonly kind: "any" }
  | { readonly kind: "exact" | "regex"; readonly text: string };

/** Limits that Envoy keeps by itself, and what it asks a rate limit service. */
export interface RateLimits {
  readonly local?: LocalRateLimit;
  readonly descriptors: readonly RateLimitDescriptor[];
}

/** A token bucket in each Envoy. */
export interface LocalRateLimit {
  /** Tokens added in each interval. */
  readonly requests: number;
  readonly intervalMs: number;
  /** Tokens on top. */
  readonly burst: number;
  /** Absent: 429. */
  readonly statusCode?: number;
  readonly responseHeaders: HeaderMutation["set"];
}

/** What is told of a request, in the order of the entries. */
export type RateLimitDescriptor = readonly RateLimitEntry[];

/** One entry of a descriptor. */
export type RateLimitEntry =
  | { readonly kind: "generic-key"; readonly key?: string; readonly value: string }
  | { readonly kind: "remote-address" }
  | { readonly kind: "request-header"; readonly header: string; readonly key: string }
  | {
    readonly kind: "header-match";
    readonly headers: readonly HeaderMatch[];
    readonly expectMatch: boolean;
    readonly value: string;
  };

/** Addresses that alone are let in, or that are kept out. */
export interface IpFilter {
  readonly action: "allow" | "deny";
  readonly ranges: readonly IpRange[];
}

/** A range of addresses, and whose address it is compared with. */
export interface IpRange {
  /** `peer`: the other end of the connection. `remote`: the client behind trusted proxies. */
  readonly source: "peer" | "remote";
  /** Host bits are zero. */
  readonly address: string;
  readonly prefixLength: number;
}

/** The TLS versions an HTTPProxy can ask for. */
export type TlsVersion = "1.2" | "1.3";

/** A Secret by name. */
export interface SecretRef {
  readonly namespace: string;
  readonly name: string;
}

/** A field of an object: what a route, a diagnostic or a refusal is traced back to. */
export interface Origin {
  readonly object: ObjectKey;
  /** `spec.routes[2]` */
  readonly path: string;
}

/** One rule: which requests, what happens to them, and who asked for it. */
export interface Route {
  readonly match: RouteMatch;
  readonly action: RouteAction;
  /** On the plain listener: served as it is, answered with 301 to https, or not there at all. */
  readonly plain: "serve" | "redirect-to-https" | "absent";
  /** Set where the rule is not on the TLS listener although the host is. */
  readonly secure?: "absent";
  readonly authorization?: RouteAuthorization;
  /** The provider of which requests over TLS need a token; absent: they need none. */
  readonly jwtProvider?: string;
  /** In place of the filter of the host, whatever becomes of the request. */
  readonly ipFilter?: IpFilter;
  /** What plugins are told, by their field, as it was written. */
  readonly plugins?: PluginSettings;
  readonly origin: Origin;
}

/** All conditions of one route; every one of them has to hold. */
export interface RouteMatch {
  readonly path: PathMatch;
  readonly headers: readonly HeaderMatch[];
  readonly query: readonly QueryMatch[];
}

/** How the path, without its query string, is compared. */
export type PathMatch =
  | { readonly kind: "exact"; readonly path: string }
  /** The whole path, in RE2 syntax, `^` not included. */
  | { readonly kind: "regex"; readonly regex: string }
  /** By characters: `/foo` takes `/foobar`. */
  | { readonly kind: "prefix"; readonly prefix: string }
  /** By segments: `/foo` takes `/foo` and `/foo/bar`, not `/foobar`. */
  | { readonly kind: "segment-prefix"; readonly prefix: string };

/** A comparison of one header's value. */
export interface HeaderMatch {
  readonly name: string;
  readonly value: ValueMatch<"exact" | "contains" | "regex">;
  readonly invert: boolean;
  readonly ignoreCase: boolean;
  /** Only with `invert`: a request without the header counts as one with an empty value. */
  readonly treatMissingAsEmpty: boolean;
}

/** A comparison of one query parameter's value. */
export interface QueryMatch {
  readonly name: string;
  readonly value: ValueMatch<"exact" | "contains" | "regex" | "prefix" | "suffix">;
  readonly ignoreCase: boolean;
}

/** A comparison by one of `Kinds`, or mere presence. */
export type ValueMatch<Kinds extends string> =
  | { readonly kind: "present" }
  | { readonly kind: Kinds; readonly text: string };

/** What becomes of a request that matched. */
export type RouteAction = ForwardAction | RedirectAction | DirectResponseAction;

/** Forwarding to one or several clusters. */
export interface ForwardAction {
  readonly kind: "forward";
  /** At least one; by name, then weight. Weights are as written, all 1 when their sum was 0. */
  readonly clusters: readonly WeightedCluster[];
  readonly mirrors: readonly Mirror[];
  /** From the complete request to the complete response. */
  readonly timeout: Timeout;
  readonly idleTimeout: Timeout;
  readonly retry?: RetryPolicy;
  readonly hashPolicies: readonly HashPolicy[];
  readonly prefixRewrite?: string;
  readonly hostRewrite?: HostRewrite;
  readonly websockets: boolean;
  readonly requestHeaders: HeaderMutation;
  readonly responseHeaders: HeaderMutation;
  readonly rateLimits?: RateLimits;
  /** Whether the descriptors of the host do not count here. */
  readonly ignoreHostDescriptors?: boolean;
  readonly internalRedirect?: InternalRedirect;
}

/** Redirects of the upstream that Envoy follows itself. */
export interface InternalRedirect {
  /** Absent: one. */
  readonly maximum?: number;
  /** Empty: 302. */
  readonly statusCodes: readonly number[];
  readonly crossScheme: "never" | "safe-only" | "always";
  /** Whether a route is followed to only once. */
  readonly denyRepeatedRoute: boolean;
}

/** One target of a route with its share of requests. */
export interface WeightedCluster {
  readonly cluster: ClusterSpec;
  readonly weight: number;
  readonly requestHeaders: HeaderMutation;
  readonly responseHeaders: HeaderMutation;
  /** A literal Host for this target alone. */
  readonly hostRewrite?: string;
  /** By cookie name; absent: none. */
  readonly cookies?: readonly CookieRewrite[];
  /** Where it stands in the route: `services[1]`. Absent: it is the route's own. */
  readonly at?: string;
}

/** New attributes of a cookie that an upstream sets; absent ones stay. */
export interface CookieRewrite {
  readonly name: string;
  readonly path?: string;
  readonly domain?: string;
  readonly secure?: boolean;
  readonly sameSite?: "Strict" | "Lax" | "None";
}

/** A copy of the requests whose responses nobody waits for. */
export interface Mirror {
  readonly cluster: ClusterSpec;
  /** 1 to 100. */
  readonly percent: number;
  /** As of a {@link WeightedCluster}. */
  readonly at?: string;
}

/** When and how often a request is tried again. */
export interface RetryPolicy {
  readonly retryOn: readonly string[];
  readonly retries: number;
  readonly perTryTimeoutMs?: number;
  readonly statusCodes: readonly number[];
}

/** What a ring hash is computed from, in this order. */
export type HashPolicy =
  | { readonly kind: "cookie"; readonly name: string }
  | { readonly kind: "header"; readonly name: string; readonly terminal: boolean }
  | { readonly kind: "query"; readonly name: string; readonly terminal: boolean }
  | { readonly kind: "source-ip"; readonly terminal: boolean };

/** A new Host: a text, or the value of a request header. */
export type HostRewrite =
  | { readonly kind: "literal"; readonly host: string }
  | { readonly kind: "header"; readonly name: string };

/** Headers written over and taken away; values are already in Envoy's format language. */
export interface HeaderMutation {
  /** By canonical name. */
  readonly set: readonly { readonly name: string; readonly value: string }[];
  readonly remove: readonly string[];
}

/** An answer that sends the client elsewhere. Absent parts stay as requested. */
export interface RedirectAction {
  readonly kind: "redirect";
  readonly statusCode: 301 | 302 | 303 | 307 | 308;
  readonly scheme?: "http" | "https";
  readonly hostname?: string;
  readonly port?: number;
  readonly path?: { readonly kind: "full" | "prefix"; readonly text: string };
}

/** An answer given by Envoy itself. */
export interface DirectResponseAction {
  readonly kind: "direct-response";
  readonly statusCode: number;
  readonly body: string;
}

/** A TCP proxy: targets with shares; by cluster name, then weight; at least one. */
export interface TcpProxy {
  readonly clusters: readonly { readonly cluster: ClusterSpec; readonly weight: number }[];
}

/** Which protocol is spoken to the endpoints. */
export type UpstreamProtocol = "http/1.1" | "h2c" | "tls" | "h2";

/** How an endpoint is picked. */
export type LoadBalancing = "RoundRobin" | "WeightedLeastRequest" | "Random" | "RingHash";

/**
 * A use of a Service: what a route asks of an Envoy cluster. A key, so plain data only; everything
 * that follows from other objects (endpoints, annotations, CA bytes) is left to {@link Cluster}.
 */
export interface ClusterSpec {
  /** Envoy's name, unique for the rest of the fields. Under 60 bytes. */
  readonly name: string;
  readonly namespace: string;
  readonly service: string;
  /** The Service port's number, and its name ("" when unnamed). */
  readonly port: number;
  readonly portName: string;
  readonly protocol: UpstreamProtocol;
  /** "" for none. */
  readonly sni: string;
  readonly loadBalancing: LoadBalancing;
  readonly validation?: UpstreamValidation;
  readonly healthCheck?: HealthCheck;
  /** Only with a health check, and when it differs from `port`. */
  readonly healthPort?: HealthPort;
  readonly idleConnectionTimeout: Timeout;
  readonly slowStart?: SlowStart;
}

/** The Service port that health checks go to. */
export interface HealthPort {
  readonly port: number;
  readonly portName: string;
}

/** Whom an upstream certificate must be signed by, and one of the names it must bear. */
export interface UpstreamValidation {
  readonly caSecret: SecretRef;
  /** At least one. */
  readonly subjectNames: readonly string[];
}

/** Active health checking; defaults are applied. */
export type HealthCheck = HealthCheckTiming & (HttpHealthCheck | { readonly kind: "tcp" });

/** Times and counts that every kind of health check has. */
export interface HealthCheckTiming {
  readonly timeoutMs: number;
  readonly intervalMs: number;
  readonly unhealthyThreshold: number;
  readonly healthyThreshold: number;
}

/** A probe by GET. */
export interface HttpHealthCheck {
  readonly kind: "http";
  readonly path: string;
  readonly host: string;
  /** Half-open ranges; empty means 200 alone. */
  readonly expectedStatuses: readonly { readonly start: number; readonly end: number }[];
}

/** How an endpoint that just appeared is given traffic little by little. */
export interface SlowStart {
  readonly windowMs: number;
  readonly aggression: number;
  readonly minimumWeightPercent: number;
}

/** An Envoy cluster: a use of a Service, and what the Service and the CA add to it. */
export interface Cluster {
  readonly spec: ClusterSpec;
  readonly discovery: Discovery;
  readonly connectTimeoutMs: number;
  readonly circuitBreakers: CircuitBreakers;
  /** PEM certificates; present exactly when `spec.validation` is. */
  readonly caBundle?: string;
  /** Shown to endpoints that ask for a certificate. Only with TLS. */
  readonly clientCertificate?: SecretRef;
}

/** Where the endpoints of a cluster come from. */
export type Discovery =
  | { readonly kind: "eds"; readonly assignment: LoadAssignmentRef }
  | {
    readonly kind: "dns";
    readonly address: string;
    readonly port: number;
    readonly healthPort?: number;
  };

/** Limits towards one cluster; absent ones are Envoy's defaults. */
export interface CircuitBreakers {
  readonly maxConnections?: number;
  readonly maxPendingRequests?: number;
  readonly maxRequests?: number;
  readonly maxRetries?: number;
  readonly perHostMaxConnections?: number;
}

/** The endpoints of one Service port: a key. */
export interface LoadAssignmentRef {
  /** Envoy's name: `default/kuard/http`. */
  readonly name: string;
  readonly namespace: string;
  readonly service: string;
  /** "" for an unnamed port. */
  readonly portName: string;
  readonly healthPortName?: string;
}

/** Endpoints that are ready, sorted. */
export interface LoadAssignment {
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
}

/** One address and port of a Service. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly healthPort?: number;
}

/** A certificate chain with its key, both PEM: Envoy's eyes only. */
export interface ServingCertificate {
  readonly certificateChain: string;
  readonly privateKey: string;
}
