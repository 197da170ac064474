import type { LintFormat } from "./formats.ts";
import type { Paint } from "../../../command_line/mod.ts";
import type { ObjectKey } from "../../../controller/api/mod.ts";
import type { Finding, LintReport } from "../../../lint/mod.ts";
import { conciseReport } from "./concise.ts";
import { frames } from "./frame.ts";
import { githubReport } from "./github.ts";
import { gitlabReport } from "./gitlab.ts";
import { jsonReport } from "./json.ts";
import { junitReport } from "./junit.ts";
import { sarifReport } from "./sarif.ts";

/** The report in a format. Every format says the same findings; ends with a newline unless empty. */
export function lintReport(format: LintFormat, report: ShownReport, look: Look): string {
  switch (format) {
    case "text":
      return frames(report, look);
    case "concise":
      return conciseReport(report, look.paint);
    case "json":
      return jsonReport(report, look);
    case "sarif":
      return sarifReport(report, look);
    case "github":
      return githubReport(report);
    case "gitlab":
      return gitlabReport(report);
    case "junit":
      return junitReport(report);
  }
}

/** What there is to show. */
export interface ShownReport extends Omit<LintReport, "findings"> {
  /** Those that are shown, in order. */
  readonly findings: readonly Finding[];
  /** The texts of the files, for excerpts and fingerprints. */
  readonly texts: ReadonlyMap<string, string>;
  /** Where an object stands. */
  readonly fileOf: (key: ObjectKey) => string | undefined;
}

/** How it is to look. */
export interface Look {
  readonly paint: Paint;
  /** Characters in a line. */
  readonly columns: number;
  /** Where the folder docs/ is published, for links; absent: they are relative, or left out. */
  readonly docsUrl?: string;
}
