import type { Paint } from "../../../command_line/mod.ts";
import type { CaseResult, Coverage } from "../../../request_tests/mod.ts";
import { counted } from "../diagnostics.ts";
import { printable } from "../lint/printable.ts";
import type { TestLook, TestReport } from "./report.ts";
import { placeText, reasons, requestText } from "./words.ts";

/** For people: each case that failed, with what was expected, what came, and why. */
export function textReport({ files, coverage }: TestReport, { paint, all }: TestLook): string {
  const results = files.flatMap(({ results }) => results);
  const shown = results.filter(({ kind }) => all || kind !== "passed");
  return [
    ...shown.map((result) => caseText(result, paint)),
    ...(coverage === undefined ? [] : [coverageText(coverage, paint)]),
    summary(results, coverage, paint),
  ].join("");
}

function caseText(result: CaseResult, paint: Paint): string {
  const { name, position: { file, line, column }, from } = result;
  const place = paint.bold(printable(`${file}:${line}:${column}`));
  if (result.kind === "passed") return `${paint.green("ok")}    ${place}  ${printable(name)}\n`;
  const rows: readonly (readonly [label: string, text: string])[] = [
    ...(result.kind === "failed" ? [["", requestText(result)] as const] : []),
    ...(result.kind === "unclear"
      ? [["request", result.message] as const]
      : result.differences.flatMap(({ field, expected, got }) => [
        ["expected", `${fieldText(field)}${expected}`] as const,
        ["got", got] as const,
      ])),
    ...reasons(result),
    ...(from === undefined ? [] : [["from", from] as const]),
  ];
  const lines = rows.map(([label, text]) =>
    `      ${paint.dim(label === "" ? "" : label.padEnd(10))}${printable(text)}\n`
  );
  return `${paint.red("FAIL")}  ${place}  ${printable(name)}\n${lines.join("")}\n`;
}

/** The value says itself what it is about, but for texts of the request. */
function fieldText(field: string): string {
  return field === "services" || field === "shares" || field.includes(".") ||
      field.startsWith("without")
    ? ""
    : `${field} `;
}

function coverageText({ routes }: Coverage, paint: Paint): string {
  const missed = routes.filter(({ isReached }) => !isReached);
  if (missed.length === 0) return "";
  const lines = missed.map((route) =>
    `  ${printable(`${placeText(route)}  ${route.fqdn}  ${route.conditions.join(", ")}`)}\n`
  );
  return `${paint.yellow("No request reaches:")}\n${lines.join("")}\n`;
}

function summary(
  results: readonly CaseResult[],
  coverage: TestReport["coverage"],
  paint: Paint,
): string {
  const failed = results.filter(({ kind }) => kind !== "passed").length;
  const passed = results.length - failed;
  const counts = results.length === 0
    ? paint.yellow("No cases")
    : failed === 0
    ? paint.green(paint.bold(`${counted(passed, "case")} passed`))
    : `${paint.red(paint.bold(`${failed} failed`))}, ${passed} passed`;
  if (coverage === undefined) return `${counts}.\n`;
  const { covered, routes, percent, least } = coverage;
  const share = `${covered} of ${counted(routes.length, "route")} reached (${percent}%)`;
  const isLow = percent < least;
  return `${counts}. ${isLow ? paint.red(`${share}, less than ${least}%`) : share}.\n`;
}
