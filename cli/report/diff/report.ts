import type { DiffFormat } from "./formats.ts";
import type { Paint } from "../../../command_line/mod.ts";
import type { DiffReport, ResourceChange, TrafficReport } from "../../../diff/mod.ts";
import { githubReport } from "./github.ts";
import { jsonReport } from "./json.ts";
import { markdownReport } from "./markdown.ts";
import { textReport } from "./text.ts";

/** What is to be printed. */
export interface ShownDiff {
  readonly report: DiffReport;
  /** Absent: not asked for. */
  readonly resources?: readonly ResourceChange[];
  readonly traffic?: TrafficReport;
}

/** How it is to look. */
export interface DiffLook {
  readonly paint: Paint;
  /** Characters in a line; `Infinity` for no terminal. */
  readonly columns: number;
  /** Whether everything is listed, however much is alike. */
  readonly all: boolean;
}

/** The difference in a format. */
export function diffReport(format: DiffFormat, shown: ShownDiff, look: DiffLook): string {
  switch (format) {
    case "text":
      return textReport(shown, look);
    case "json":
      return jsonReport(shown);
    case "markdown":
      return markdownReport(shown, look);
    case "github":
      return githubReport(shown);
  }
}
