import type { Paint } from "../../../command_line/mod.ts";
import { keyId, type ObjectKey, type Severity } from "../../../controller/api/mod.ts";
import type { Finding } from "../../../lint/mod.ts";
import { counted } from "../diagnostics.ts";
import { wrap } from "./frame.ts";
import type { ShownReport } from "./report.ts";

/** The counts of a report. */
export function summaryOf({ findings, files, objects, suppressed }: ShownReport): Summary {
  const count = (severity: Severity) =>
    findings.filter((finding) => finding.severity === severity).length;
  return {
    error: count("error"),
    warning: count("warning"),
    info: count("info"),
    files,
    filesWithFindings: new Set(findings.map(({ position }) => position?.file)).size,
    objects: objects.length,
    fixable: findings.filter(({ fix }) => fix !== undefined).length,
    safelyFixable: findings.filter(({ fix }) => fix?.safety === "safe").length,
    suppressed: suppressed.length,
  };
}

/** See {@link summaryOf}. */
export interface Summary extends Readonly<Record<Severity, number>> {
  readonly files: number;
  readonly filesWithFindings: number;
  readonly objects: number;
  readonly fixable: number;
  /** Of these, by `--fix` alone. */
  readonly safelyFixable: number;
  readonly suppressed: number;
}

/**
 * What it comes to, in a few lines:
 * `3 errors, 1 warning in 2 of 14 files (41 objects). 1 fixable with --fix.`
 */
export function summaryText(report: ShownReport, paint: Paint, columns: number): string {
  const summary = summaryOf(report);
  const { error, warning, info, files, filesWithFindings, objects, suppressed } = summary;
  const read = `(${counted(objects, "object")})`;
  const counts = [
    ...(error > 0 ? [paint.red(paint.bold(counted(error, "error")))] : []),
    ...(warning > 0 ? [paint.yellow(paint.bold(counted(warning, "warning")))] : []),
    ...(info > 0 ? [paint.blue(paint.bold(info === 1 ? "1 note" : `${info} notes`))] : []),
  ];
  // Objects without any file are those of a cluster.
  const all = files === 0 && objects > 0 ? "the cluster" : counted(files, "file");
  const where = filesWithFindings === files || files === 0 ? all : `${filesWithFindings} of ${all}`;
  const first = counts.length === 0 && objects === 0 && files > 0
    ? `Nothing to look at in ${all}: no object of a kind that plays a part in routing.`
    : counts.length === 0
    ? `${paint.green(paint.bold("No problems"))} in ${all} ${read}.`
    : `${counts.join(", ")} in ${where} ${read}.`;
  const more = [fixText(summary), suppressed === 0 ? "" : `${suppressed} ignored.`]
    .filter((text) => text !== "").join(" ");
  const isLong = `${plain(first)} ${more}`.length > columns;
  const head = more === "" ? first : `${first}${isLong ? "\n" : " "}${more}`;
  const assumed = assumedText(report.assumed, columns)
    .map((line) => `${paint.dim(line)}\n`);
  return `${head}\n${assumed.join("")}`;
}

/** Without the escapes of colours. */
function plain(text: string): string {
  return text.replace(/\p{Cc}\[\d+m/gu, "");
}

function fixText({ fixable, safelyFixable }: Summary): string {
  if (fixable === 0) return "";
  if (safelyFixable === fixable) return `${fixable} fixable with --fix.`;
  return safelyFixable === 0
    ? `${fixable} fixable with --fix --unsafe-fixes.`
    : `${safelyFixable} fixable with --fix, ${fixable - safelyFixable} more with --unsafe-fixes.`;
}

/** Nobody should think that what was not seen was checked. */
function assumedText(assumed: readonly ObjectKey[], columns: number): string[] {
  if (assumed.length === 0) return [];
  const named = assumed.slice(0, 3).map(({ kind, namespace, name }) =>
    kind === "HTTPProxy" ? `a root over ${namespace}/${name}` : `${kind} ${namespace}/${name}`
  );
  const more = assumed.length > 3 ? [`${assumed.length - 3} more`] : [];
  const list = [...named, ...more].join(", ");
  return wrap(
    `Not in these files, assumed to exist: ${list} (--strict-refs to demand them).`,
    columns,
    0,
  );
}

/** The findings at or above a severity. */
export function atLeast(findings: readonly Finding[], severity: Severity): readonly Finding[] {
  const rank = { error: 0, warning: 1, info: 2 } as const;
  return findings.filter((finding) => rank[finding.severity] <= rank[severity]);
}

/** `Service/web/shop` and so on, for `--verbose`. */
export function assumedLines(assumed: readonly ObjectKey[]): string {
  return assumed.map((key) => `assumed to exist: ${keyId(key)}\n`).join("");
}
