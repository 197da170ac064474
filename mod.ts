/**
 * Contour as a library: what `serve` computes, without serving it.
 * @module
 */
export {
  Translation,
  type TranslationDelta,
  type TranslationOptions,
} from "./controller/translation/mod.ts";
export {
  type Edit,
  type Finding,
  type Fix,
  fixAll,
  type FixOptions,
  type FixReport,
  lint,
  type LintCode,
  type LintOptions,
  type LintReport,
  type Related,
  type SourceFile,
} from "./lint/mod.ts";
export { explain, Explainer, type ExplainOptions, type Explanation } from "./explain/mod.ts";
export {
  type CaseResult,
  type RequestTestOptions,
  type RequestTestReport,
  testRequests,
} from "./request_tests/mod.ts";
export {
  type Conversion,
  conversionReport,
  convert,
  type ConvertOptions,
  writeRequestTests,
} from "./convert/mod.ts";
export {
  definePlugin,
  definePolicy,
  type HostContribution,
  type HostReach,
  type Json,
  type Plugin,
  type PluginCluster,
  type PluginContext,
  type PluginConversion,
  type PluginDefinition,
  type PluginDiagnostic,
  type PluginFilter,
  type PluginKit,
  type PluginLintRule,
  type PluginService,
  type PolicyDefinition,
  type RouteContribution,
  type RouteReach,
  type RunningService,
  type ServiceAddress,
  type ServiceSurroundings,
} from "./controller/plugin/mod.ts";
export { diff, type DiffOptions, type DiffReport } from "./diff/mod.ts";
