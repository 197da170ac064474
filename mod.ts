/**
 * Contour as a library: what `serve` computes, without serving it.
 * @module
 */
export type { Code, Diagnostic, KubeObject, ObjectKey, Position } from "./controller/api/mod.ts";
export { defaultSettings, type Settings } from "./controller/store/mod.ts";
export {
  Translation,
  type TranslationDelta,
  type TranslationOptions,
} from "./controller/translation/mod.ts";
export {
  type AdviceCode,
  type AssumedObject,
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
export {
  type AskedRequest,
  type Candidate,
  explain,
  Explainer,
  type ExplainOptions,
  type Explanation,
  type HostRule,
  type Outcome,
  parseAsked,
} from "./explain/mod.ts";
export {
  type CaseResult,
  type Coverage,
  type Difference,
  type RequestTestOptions,
  type RequestTestReport,
  testRequests,
} from "./request_tests/mod.ts";
export {
  type Conversion,
  conversionReport,
  convert,
  type ConvertOptions,
  type Dialect,
  type Note,
  type OutputFile,
  type ReportFormat,
  type RequestTest,
  type WriteOptions,
  writeRequestTests,
} from "./convert/mod.ts";
export {
  definePlugin,
  definePolicy,
  type EnvoyReach,
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
  quoteRegex,
  regexProblem,
  type RouteContribution,
  type RouteReach,
  type RunningService,
  type ServiceAddress,
  type ServiceSurroundings,
} from "./controller/plugin/mod.ts";
export {
  diff,
  type DiffFile,
  type DiffOptions,
  type DiffReport,
  type HostDiff,
  type RequestClass,
  type Witness,
} from "./diff/mod.ts";
