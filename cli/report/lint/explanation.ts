import type { Paint } from "../../../command_line/mod.ts";
import { allCodes, codeRow, type LintCode } from "../../../lint/mod.ts";
import { severityPaint } from "../severity_paint.ts";
import { wrap } from "./frame.ts";

/** A code in words: what `--explain` prints. */
export function explanation(
  code: LintCode,
  { paint, columns }: { readonly paint: Paint; readonly columns: number },
): string {
  const { title, severity, condition, explanation } = codeRow(code);
  const label = severityPaint(severity, paint)(paint.bold(`${severity}[${code}]`));
  const status = condition === undefined
    ? ""
    : `\nIn the status of the object: ${condition.type} / ${condition.reason}\n`;
  const body = wrap(explanation, Math.min(columns, 100), 0).join("\n");
  return `${label} ${paint.bold(title)}\n\n${body}\n${status}
To silence it, in the line or above it: ${paint.dim(`# contour-lint-ignore ${code} -- reason`)}
`;
}

/** Every code in a line, or those that are asked for: what `--rules` prints. */
export function codeList(paint: Paint, isAsked: (code: string) => boolean = () => true): string {
  const rows = [...allCodes()].filter(([code]) => isAsked(code)).map((
    [code, { severity, title }],
  ) => `${code}  ${severityPaint(severity, paint)(severity.padEnd(7))}  ${title}\n`);
  return rows.join("");
}
