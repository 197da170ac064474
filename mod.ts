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
  type Conversion,
  conversionReport,
  convert,
  type ConvertOptions,
  writeRequestTests,
} from "./convert/mod.ts";
