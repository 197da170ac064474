import type { CaseResult } from "../../../request_tests/mod.ts";
import { xml } from "../xml.ts";
import type { TestedFile, TestReport } from "./report.ts";
import { failureText, reasons, requestText } from "./words.ts";

/** A suite a file, a case a case; coverage below the bar is a case of its own. */
export function junitReport({ files, coverage }: TestReport): string {
  const results = files.flatMap(({ results }) => results);
  const isLow = coverage !== undefined && coverage.percent < coverage.least;
  const tests = results.length + (coverage === undefined ? 0 : 1);
  const failures = results.filter(({ kind }) => kind !== "passed").length + (isLow ? 1 : 0);
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites name="contour test" tests="${tests}" failures="${failures}">`,
    ...files.map(suite),
    ...(coverage === undefined ? [] : [coverageSuite(coverage, isLow)]),
    `</testsuites>\n`,
  ].join("\n");
}

function suite({ file, results }: TestedFile): string {
  const failures = results.filter(({ kind }) => kind !== "passed").length;
  return [
    `  <testsuite name="${xml(file)}" tests="${results.length}" failures="${failures}">`,
    ...results.map(testcase),
    `  </testsuite>`,
  ].join("\n");
}

function testcase(result: CaseResult): string {
  const { name, position: { file, line } } = result;
  const open = `    <testcase name="${xml(name)}" classname="${xml(file)}" file="${
    xml(file)
  }" line="${line}"`;
  if (result.kind === "passed") return `${open}/>`;
  const why = reasons(result).map(([label, text]) => `${label} ${text}`.trim());
  const body = [requestText(result), failureText(result), ...why].join("\n");
  return [
    `${open}>`,
    `      <failure message="${xml(failureText(result))}">${xml(body)}</failure>`,
    `    </testcase>`,
  ].join("\n");
}

function coverageSuite(
  { percent, least }: NonNullable<TestReport["coverage"]>,
  isLow: boolean,
): string {
  const inside = isLow
    ? `><failure message="${percent}% of the routes are reached, less than ${least}%"/></testcase>`
    : "/>";
  return [
    `  <testsuite name="coverage" tests="1" failures="${isLow ? 1 : 0}">`,
    `    <testcase name="routes reached" classname="coverage"${inside}`,
    `  </testsuite>`,
  ].join("\n");
}
