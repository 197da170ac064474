/**
 * What an operator configures: a file, a ContourConfiguration, flags; and what follows from it.
 * @module
 */
export { defaultJsonFields, fieldProblem, formatProblem, jsonFormat } from "./access_log_format.ts";
export type {
  CircuitBreakerLimits,
  Configuration,
  Endpoint,
  EnvoyConfiguration,
  HeadersConfiguration,
  ListenerConfiguration,
  LoggingConfiguration,
  MetricsEndpoint,
  NamespacedName,
  PolicyConfiguration,
  TlsFiles,
  TlsParameters,
  TracingConfiguration,
} from "./configuration.ts";
export { type ConfigurationSources, configure, type Configured } from "./configure.ts";
export { ConfigurationFile } from "./configuration_file.ts";
export { ContourConfiguration, ContourConfigurationSpec } from "./contour_configuration.ts";
export { configurationTables } from "./document.ts";
export { envoyOptionsOf, settingsOf } from "./effects.ts";
export { specOfFile } from "./from_file.ts";
export {
  type KeyRow,
  keys,
  type KeySource,
  rowOf,
  type Topic,
  topics,
  withoutEffect,
} from "./keys.ts";
export { fileBeneathFlags } from "./overlay.ts";
export {
  type ConfigurationReading,
  type PluginEntry,
  readConfigurationFile,
  readContourConfiguration,
  type ResourceReading,
} from "./read.ts";
export { resolve as resolveConfiguration, type ResolveOptions } from "./resolve.ts";
export { conflicts } from "./rules.ts";
export type { TlsVersion } from "./values.ts";
