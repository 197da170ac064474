import type { TestFormat } from "./formats.ts";
import type { Paint } from "../../../command_line/mod.ts";
import type { CaseResult, Coverage } from "../../../request_tests/mod.ts";
import { githubReport } from "./github.ts";
import { jsonReport } from "./json.ts";
import { junitReport } from "./junit.ts";
import { textReport } from "./text.ts";

/** What became of the cases, in a format. Ends with a newline. */
export function testReport(format: TestFormat, report: TestReport, look: TestLook): string {
  switch (format) {
    case "text":
      return textReport(report, look);
    case "json":
      return jsonReport(report);
    case "junit":
      return junitReport(report);
    case "github":
      return githubReport(report);
  }
}

/** What there is to show. */
export interface TestReport {
  readonly files: readonly TestedFile[];
  /** Absent unless asked for. */
  readonly coverage?: Coverage & {
    /** Below this it is a failure. */
    readonly least: number;
  };
}

/** A file of cases, and what came of them. */
export interface TestedFile {
  readonly file: string;
  readonly results: readonly CaseResult[];
}

/** How it is to look. */
export interface TestLook {
  readonly paint: Paint;
  /** Whether cases that pass are told, too. */
  readonly all: boolean;
}
