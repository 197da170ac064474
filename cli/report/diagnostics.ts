import type { Paint } from "../../command_line/mod.ts";
import { type Diagnostic, keyId, type Severity } from "../../controller/api/mod.ts";
import { severityPaint } from "./severity_paint.ts";

/**
 * A diagnostic in a line, as compilers write it and editors understand it, and a second one with
 * the hint: `shop.yaml:14:17: error[CTR201] service "shop-v2" does not exist (HTTPProxy/web/shop)`.
 */
export function diagnosticLines(diagnostic: Diagnostic, paint: Paint): string {
  const { code, severity, message, object, path, position: at, hint } = diagnostic;
  const place = at === undefined ? "" : `${at.file}:${at.line}:${at.column}: `;
  const about = object === undefined ? "" : ` (${keyId(object)}${path === "" ? "" : ` ${path}`})`;
  const label = severityPaint(severity, paint)(`${severity}[${code}]`);
  const first = `${paint.bold(place)}${label} ${message}${paint.dim(about)}\n`;
  return hint === undefined ? first : `${first}    hint: ${hint}\n`;
}

/** `2 errors, 1 warning in 3 files (41 objects)` */
export function summaryLine(
  diagnostics: readonly Diagnostic[],
  read: { readonly files: number; readonly objects: number },
): string {
  const count = (severity: Severity) =>
    diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
  const errors = counted(count("error"), "error");
  const warnings = counted(count("warning"), "warning");
  return `${errors}, ${warnings} in ${counted(read.files, "file")} (${
    counted(read.objects, "object")
  })\n`;
}

/** By file, line and column; what has no place comes last. */
export function byPlace({ position: a }: Diagnostic, { position: b }: Diagnostic): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}

/** `1 file`, `2,000 files` */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}
