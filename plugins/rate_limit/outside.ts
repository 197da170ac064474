/**
 * All that the rate limit service takes from the rest of the tree, in one place: what stands here is
 * what a plugin of a stranger would need as well.
 */
export { nearest } from "../../controller/api/mod.ts";
export {
  followTlsFiles,
  type TlsFilePaths,
  type TlsFilesEvent,
} from "../../controller/certs/mod.ts";
export {
  definePlugin,
  definePolicy,
  type HostContribution,
  type HostReach,
  type Json,
  type PluginContext,
  type PluginDiagnostic,
  type PluginLintRule,
  type RouteContribution,
  type RouteReach,
  type RunningService,
  type ServiceSurroundings,
} from "../../mod.ts";
