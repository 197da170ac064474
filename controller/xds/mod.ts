/**
 * Serving Envoy: versioned resources, subscriptions and streams of incremental xDS. It knows
 * nothing of Kubernetes, nor of what the resources say.
 * @module
 */
export {
  CLUSTER,
  CLUSTER_LOAD_ASSIGNMENT,
  EXTENSION_CONFIG,
  LISTENER,
  type Resource,
  type ResourceDelta,
  type ResourceRef,
  ROUTE_CONFIGURATION,
  RUNTIME,
  SCOPED_ROUTE_CONFIGURATION,
  SECRET,
  TYPE_URLS,
  WILDCARD_TYPE_URLS,
} from "./resource.ts";
export { ResourceCache, type ResourceView } from "./resource_cache.ts";
export type { Cursor } from "./change_log.ts";
export { nodeId, type NodeRef, type RefusedResource, type XdsEvent } from "./event.ts";
export { NodeState, NodeStates, type RefusedVersion } from "./node_state.ts";
export { MAX_HOLD_MS, MAX_RESPONSE_BYTES, Stream, type StreamOptions } from "./stream.ts";
export type { StreamReport, StreamRequest, StreamResponse, TypeReport } from "./stream_message.ts";
export { type Clock, systemClock } from "./clock.ts";
export type { XdsCredentialsOptions } from "./credentials.ts";
export { type NodeReport, serveXds, type XdsOptions, type XdsServer } from "./server.ts";
