/**
 * What is wrong with objects in files, and what could be better: the verdict of the controller, and
 * rules of our own. Answers only to what it is given: no clock, network or file.
 * @module
 */
export { type AssumedObject, assumedObjects, assumedSettings, withAssumed } from "./assumed.ts";
export { allCodes, codeRow, isLintCode, type LintCode } from "./codes.ts";
export { applyEdits, type Edit, type Fix } from "./edit.ts";
export { byPlace, type Finding, type Related } from "./finding.ts";
export { fixAll, type FixOptions, type FixReport, fixRounds } from "./fix_all.ts";
export {
  judge,
  lint,
  type LintContents,
  type LintOptions,
  type LintReport,
  type SourceFile,
} from "./lint.ts";
export { rules } from "./rules.ts";
export type { Advice, AdviceCode, Change, Rule, RuleContext, Step } from "./rule.ts";
