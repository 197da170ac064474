import { keys, topics } from "./keys.ts";

/** The tables of docs/configuration.md: all keys, topic by topic. */
export function configurationTables(): string {
  return topics.map((topic) => {
    const rows = keys.filter((row) => row.topic === topic).map((row) => [
      keyText(row.file),
      keyText(row.resource),
      (row.flags ?? []).map((flag) => `\`${flag}\``).join(" "),
      row.meaning,
      row.default,
      row.hasEffect === false ? "not yet" : "yes",
    ]);
    const head = ["File", "ContourConfiguration", "Flags", "Meaning", "Default", "Effect"];
    const lines = [head, head.map(() => "---"), ...rows].map(line);
    return `### ${topic}\n\n${lines.join("\n")}\n`;
  }).join("\n");
}

function keyText(key: string | undefined): string {
  return key === undefined ? "" : `\`${key}\``;
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
