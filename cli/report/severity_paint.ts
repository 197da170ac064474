import type { Paint } from "../../command_line/mod.ts";
import type { Severity } from "../../controller/api/mod.ts";

/** The colour of a severity. */
export function severityPaint(severity: Severity, paint: Paint): (text: string) => string {
  switch (severity) {
    case "error":
      return paint.red;
    case "warning":
      return paint.yellow;
    case "info":
      return paint.blue;
  }
}
