import { keyId } from "../../../controller/api/mod.ts";
import type { Place } from "../../../explain/mod.ts";
import type { CaseResult } from "../../../request_tests/mod.ts";
import type { TestReport } from "./report.ts";

/** One object; its shape is described in docs/test.md and only grows while `version` is 1. */
export function jsonReport({ files, coverage }: TestReport): string {
  const results = files.flatMap(({ results }) => results);
  const failed = results.filter(({ kind }) => kind !== "passed").length;
  const report = {
    version: 1,
    results: results.map(resultJson),
    ...(coverage === undefined ? {} : {
      coverage: {
        routes: coverage.routes.length,
        covered: coverage.covered,
        percent: coverage.percent,
        uncovered: coverage.routes.filter(({ isReached }) => !isReached).map((route) => ({
          host: route.fqdn,
          ...flat(route),
          conditions: route.conditions,
        })),
      },
    }),
    summary: { cases: results.length, passed: results.length - failed, failed },
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

function resultJson(result: CaseResult) {
  const { name, from, position: { file, line, column } } = result;
  const begin = { name, file, line, column, ...(from === undefined ? {} : { from }) };
  if (result.kind === "unclear") {
    return { ...begin, passed: false, message: result.message };
  }
  const { rule, candidates } = result.explanation;
  return {
    ...begin,
    passed: result.kind === "passed",
    ...(rule === undefined ? {} : { rule: { ...flat(rule), conditions: rule.conditions } }),
    ...(result.kind === "passed" ? {} : {
      differences: result.differences,
      candidates: candidates.map((candidate) => ({
        ...flat(candidate),
        conditions: candidate.conditions,
        reason: candidate.reason,
      })),
    }),
  };
}

function flat({ object, path, position }: Place) {
  const place = position === undefined
    ? {}
    : { file: position.file, line: position.line, column: position.column };
  return { object: keyId(object), path, ...place };
}
