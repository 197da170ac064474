/**
 * The API server: a client, the objects of the cluster as batches, statuses written back, and the
 * election of the replica that writes them.
 * @module
 */
export { ApiError, UnreachableError } from "./api_error.ts";
export {
  type ClientOptions,
  type KubeClient,
  kubeClient,
  type KubeRequest,
  type WatchEvent,
} from "./client.ts";
export { type Clock, systemClock } from "./clock.ts";
export { EventWriter, type EventWriterOptions, type Warning } from "./event_writer.ts";
export {
  type KubeSource,
  type KubeSourceEvent,
  type KubeSourceOptions,
  routingKinds,
  type SourceCounters,
  type SourceHealth,
  watchCluster,
} from "./kube_source.ts";
export type {
  AccessChoice,
  ClusterAccess,
  ExecPlugin,
  Identity,
  KubeconfigNames,
  Material,
} from "./kubeconfig.ts";
export { type LeaderNewsOptions, tellOfLeader } from "./leader_news.ts";
export {
  defaultLeaseTiming,
  type ElectionEvent,
  type ElectionOptions,
  type LeaseTiming,
  standForElection,
} from "./lease.ts";
export {
  type ClusterListing,
  listCluster,
  type ListOptions,
  type NotListed,
  type OtherKind,
} from "./list_cluster.ts";
export { type AccessOptions, loadAccess, loadKubeconfigNames } from "./load_access.ts";
export type { KubeBatch, ObservedStatus, Operation, UnreadObject } from "./object_table.ts";
export { type RateLimit, rateLimit } from "./rate_limiter.ts";
export type { ReflectorState, ReflectorStep, ReflectorTiming } from "./reflector.ts";
export {
  type DesiredCondition,
  type DesiredStatus,
  type LoadBalancer,
  type LoadBalancerAddress,
  mergeStatus,
} from "./status_merge.ts";
export {
  type StatusEvent,
  type StatusOutcome,
  StatusWriter,
  type StatusWriterOptions,
} from "./status_writer.ts";
