/**
 * All that the plugin takes from the rest of the tree, in one place: what stands here is what a plugin of a
 * stranger would need as well. What its servers need beside it stands in `server/outside.ts`, so that who
 * only judges policies does not read it.
 */
export { nearest } from "../../controller/api/mod.ts";
export {
  definePlugin,
  definePolicy,
  type EnvoyReach,
  type HostContribution,
  type HostReach,
  type Json,
  type LintFinding,
  type PluginContext,
  type PluginDiagnostic,
  type PluginLintRule,
  quoteRegex,
  regexProblem,
  type RouteContribution,
  type RouteReach,
  type RunningService,
  type ServiceSurroundings,
} from "../../controller/plugin/mod.ts";
