import { keyId } from "../../../controller/api/mod.ts";
import { annotation } from "../workflow_command.ts";
import type { ShownReport } from "./report.ts";

/** Annotations of a pull request, a finding each. */
export function githubReport({ findings }: ShownReport): string {
  return findings.map(({ code, severity, message, position, object, hint }) => {
    const about = object === undefined ? "" : ` (${keyId(object)})`;
    const text = `${message}${about}${hint === undefined ? "" : `\nhint: ${hint}`}`;
    return annotation({ severity, title: code, message: text, position });
  }).join("");
}
