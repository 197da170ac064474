import type { Position, Severity } from "../../controller/api/mod.ts";
import { printable } from "./lint/printable.ts";

/**
 * An annotation of a pull request.
 * See https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
 */
export function annotation(
  { severity, title, message, position }: {
    readonly severity: Severity;
    readonly title: string;
    readonly message: string;
    readonly position?: Position | undefined;
  },
): string {
  const properties: readonly (readonly [string, string | number])[] = [
    ...(position === undefined ? [] : [
      ["file", position.file],
      ["line", position.line],
      ["endLine", position.endLine],
      // Columns are for one line alone.
      ...(position.line === position.endLine
        ? [["col", position.column], ["endColumn", position.endColumn]] as const
        : []),
    ] as const),
    ["title", title],
  ];
  const list = properties.map(([name, value]) => `${name}=${property(String(value))}`);
  return `::${commands[severity]} ${list.join(",")}::${data(message)}\n`;
}

const commands = { error: "error", warning: "warning", info: "notice" } as const;

function data(text: string): string {
  const lines = text.replaceAll("%", "%25").replaceAll("\r", "%0D").split("\n");
  return lines.map(printable).join("%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
