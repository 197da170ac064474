export type { Resource, ResourceDelta, ResourceRef } from "../../proto/mod.ts";

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
/** Type URL of `envoy.config.core.v3.TypedExtensionConfig` (ECDS). */
export const EXTENSION_CONFIG = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig";

/**
 * The types we know, in the order a stream is written: what is needed before what needs it. The
 * order only breaks ties; `needs` and `warms` decide what waits.
 */
export const TYPE_URLS: readonly string[] = [
  RUNTIME,
  CLUSTER,
  CLUSTER_LOAD_ASSIGNMENT,
  SECRET,
  EXTENSION_CONFIG,
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

/**
 * Types of which Envoy remembers a part of a response that it refuses, without using it: what stood
 * before the bad resource. It compares what comes with what it remembers, so these forms are then
 * passed over when they are sent again, silently and acknowledged. Each has to be taken back first,
 * by the form that is in use or, where there is none, by its removal. A response that holds the bad
 * resource alone leaves nothing behind. Seen in Envoy 1.39.3.
 */
export const PARTIALLY_REMEMBERED_TYPE_URLS: ReadonlySet<string> = new Set([
  SCOPED_ROUTE_CONFIGURATION,
]);
