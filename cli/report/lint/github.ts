import { keyId } from "../../../controller/api/mod.ts";
import { printable } from "./printable.ts";
import type { ShownReport } from "./report.ts";

/**
 * Annotations of a pull request.
 * See https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
 */
export function githubReport({ findings }: ShownReport): string {
  return findings.map(({ code, severity, message, position, object, hint }) => {
    const properties: [string, string | number][] = [
      ...(position === undefined ? [] : [
        ["file", position.file],
        ["line", position.line],
        ["endLine", position.endLine],
        // Columns are for one line alone.
        ...(position.line === position.endLine
          ? [["col", position.column], ["endColumn", position.endColumn]]
          : []),
      ] as [string, string | number][]),
      ["title", code],
    ];
    const about = object === undefined ? "" : ` (${keyId(object)})`;
    const text = `${message}${about}${hint === undefined ? "" : `\nhint: ${hint}`}`;
    const list = properties.map(([name, value]) => `${name}=${property(String(value))}`);
    return `::${commands[severity]} ${list.join(",")}::${data(text)}\n`;
  }).join("");
}

const commands = { error: "error", warning: "warning", info: "notice" } as const;

function data(text: string): string {
  const lines = text.replaceAll("%", "%25").replaceAll("\r", "%0D").split("\n");
  return lines.map(printable).join("%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
