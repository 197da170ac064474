/**
 * The plugin contract, and what the core makes of plugins: which policies reach a host, what they
 * add to it, and where filters go. Runs nothing by itself.
 * @module
 */
/** About how many steps Envoy makes of a regular expression, found without compiling it. */
export * from "./contract.ts";
export type * from "./calls.ts";
export {
  clusterName,
  type FilterFacts,
  filterName,
  type PluginFacts,
  pluginFacts,
  pluginProblem,
  type PolicyFacts,
} from "./facts.ts";
export { type FilterOrder, filterOrder, type SeekingFilter, type Stage } from "./filter_order.ts";
export { type Addition, type HostPlugins, hostPlugins, type RoutePlugins } from "./host_plugins.ts";
export { answerer, attempt, inProcess } from "./in_process.ts";
export {
  type Admission,
  admit,
  type AdmittedPlugin,
  builtInPlace,
  furnish,
  type Furnishing,
  type GivenSettings,
  notUsable,
  type PlacedFilter,
  type PluginOptions,
  type PluginStage,
  type RequestedPlugin,
} from "./installation.ts";
export {
  type ConfiguredPlugin,
  type InstalledPolicy,
  type PluginSet,
  pluginSet,
  pluginsInput,
} from "./plugin_set.ts";
export { quoteRegex, regexProblem } from "./regex.ts";
