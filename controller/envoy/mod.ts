/** Hosts and clusters as Envoy's messages, and which of them together make a resource. */
export type { Checked } from "./checked.ts";
export { clusterResource } from "./cluster.ts";
export {
  type HostFragment,
  hostFragment,
  type RoutedHost,
  type SecureFragment,
  type Surroundings,
} from "./host_fragment.ts";
export {
  createLayout,
  type Culprit,
  type FragmentDelta,
  type HostRef,
  type Layout,
  type LayoutKind,
  type RefusedSecret,
  type Verdict,
} from "./layout.ts";
export { loadAssignmentResource } from "./load_assignment.ts";
export { envoyViolations } from "./message_rules.ts";
export { extensionName, secretName } from "./names.ts";
export {
  type AccessLogOptions,
  type ConnectionManagerOptions,
  type ConnectionOptions,
  defaultEnvoyOptions,
  type EnvoyOptions,
  type ListenerOptions,
  type RuntimeOptions,
  type TlsOptions,
  type UpstreamOptions,
  type WatchEndpoint,
  type WatchOptions,
} from "./options.ts";
export type { Resource, ResourceDelta, ResourceRef } from "./resource.ts";
export { routeName } from "./route.ts";
export { secretResource } from "./secret.ts";
export type { OwnChange } from "./shared_resource.ts";
export { settingsRefusals } from "./settings_refusals.ts";
export {
  type AssignmentOutput,
  assignmentOutput,
  certificateResource,
  type ClusterOutput,
  clusterOutput,
  envoyOptionsInput,
  extensionAssignmentOutput,
  type ExtensionOutput,
  extensionOutput,
  extensionViolations,
  type GlobalServicesOutput,
  globalServicesOutput,
  hostFragmentOf,
  keyServerOutput,
} from "./queries.ts";
