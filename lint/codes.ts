import { type Code, type CodeRow, codes, isCode } from "../controller/api/mod.ts";
import type { AdviceCode } from "./rule.ts";
import { rules } from "./rules.ts";
import { suppressionCodes } from "./suppression_codes.ts";

/** A code of the controller or of a rule. */
export type LintCode = Code | AdviceCode;

/** Every code lint may print, with what is known of it; by code. */
export function allCodes(): ReadonlyMap<LintCode, CodeRow> {
  return table;
}

/** What is known of a code. */
export function codeRow(code: LintCode): CodeRow {
  const row = table.get(code);
  if (row === undefined) throw new Error(`No code "${code}"`);
  return row;
}

/** Whether the text is a code. */
export function isLintCode(text: string): text is LintCode {
  return isCode(text) || table.has(text as LintCode);
}

const table: ReadonlyMap<LintCode, CodeRow> = new Map(
  [
    ...Object.entries(codes) as [Code, CodeRow][],
    ...rules.map(({ code, row }): [LintCode, CodeRow] => [code, row]),
    ...Object.entries(suppressionCodes) as [AdviceCode, CodeRow][],
  ].sort(([a], [b]) => a < b ? -1 : 1),
);
