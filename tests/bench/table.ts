import type { Measurement } from "./edits.ts";

/** A Markdown table with columns of even width. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0))
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/** The columns of {@link costRow}. */
export const costTitles: readonly string[] = [
  "change",
  "seen after, p50",
  "p95",
  "memos visited",
  "controller CPU",
  "bytes sent",
];

/** What a kind of change costs, as cells of a table. */
export function costRow(measurement: Measurement): readonly string[] {
  const { change, seenMs, memosVisited, cpuMs, bytes } = measurement;
  return [
    change,
    `${quantile(seenMs, 0.5).toFixed(1)} ms`,
    `${quantile(seenMs, 0.95).toFixed(1)} ms`,
    memosVisited.toFixed(1),
    `${cpuMs.toFixed(1)} ms`,
    `${Math.round(bytes)} B`,
  ];
}

/** The value that a share of all values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** Bytes, for people. */
export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
