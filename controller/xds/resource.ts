/**
 * What Envoy is served: one encoded message with its name, its version, and the order in which it
 * may be sent relative to others.
 */
export interface Resource extends ResourceRef {
  /** Content hash of `body`: equal versions mean equal bytes, on any replica. */
  readonly version: string;
  /** The encoded message: the `value` of the `Any`, without envelope. */
  readonly body: Uint8Array;
  /** Must be active in an Envoy before this one is sent there: a route's clusters. */
  readonly needs?: readonly ResourceRef[];
  /** This one is active only when these were answered too: a cluster's endpoints. */
  readonly warms?: readonly ResourceRef[];
}

/** A resource by type and name, whether it exists or not. */
export interface ResourceRef {
  /** `type.googleapis.com/` and the full name of the message; one of {@linkcode TYPE_URLS}. */
  readonly typeUrl: string;
  /** Unique among the resources of the type. */
  readonly name: string;
}

/** A step from one set of resources to the next. A name is in one list or the other, not both. */
export interface ResourceDelta {
  /** New resources, and new forms of known ones. */
  readonly changed: readonly Resource[];
  /** Resources which are no longer served. */
  readonly removed: readonly ResourceRef[];
}

/** Type URL of `envoy.config.cluster.v3.Cluster` (CDS). */
export const CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
/** Type URL of `envoy.config.endpoint.v3.ClusterLoadAssignment` (EDS). */
export const CLUSTER_LOAD_ASSIGNMENT =
  "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
/** Type URL of `envoy.extensions.transport_sockets.tls.v3.Secret` (SDS). */
export const SECRET = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";
/** Type URL of `envoy.config.listener.v3.Listener` (LDS). */
export const LISTENER = "type.googleapis.com/envoy.config.listener.v3.Listener";
/** Type URL of `envoy.config.route.v3.ScopedRouteConfiguration` (SRDS). */
export const SCOPED_ROUTE_CONFIGURATION =
  "type.googleapis.com/envoy.config.route.v3.ScopedRouteConfiguration";
/** Type URL of `envoy.config.route.v3.RouteConfiguration` (RDS). */
export const ROUTE_CONFIGURATION = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";
/** Type URL of `envoy.service.runtime.v3.Runtime` (RTDS). */
export const RUNTIME = "type.googleapis.com/envoy.service.runtime.v3.Runtime";

/**
 * The types we know, in the order a stream is written: what is needed before what needs it. The
 * order only breaks ties; `needs` and `warms` decide what waits.
 */
export const TYPE_URLS: readonly string[] = [
  RUNTIME,
  CLUSTER,
  CLUSTER_LOAD_ASSIGNMENT,
  SECRET,
  LISTENER,
  SCOPED_ROUTE_CONFIGURATION,
  ROUTE_CONFIGURATION,
];

/** Types of which no other resource is in need: what is dropped of them need not wait. */
export const ROOT_TYPE_URLS: ReadonlySet<string> = new Set([LISTENER, SCOPED_ROUTE_CONFIGURATION]);

/**
 * Types of which Envoy takes all there are, and says so by a first request without names.
 * https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#how-the-client-specifies-what-resources-to-return
 */
export const WILDCARD_TYPE_URLS: ReadonlySet<string> = new Set([
  CLUSTER,
  LISTENER,
  SCOPED_ROUTE_CONFIGURATION,
]);
