import type { Position } from "../controller/api/mod.ts";

/** A way to mend a finding, in edits of the text. */
export interface Fix {
  /** What it does, as an order: `Quote the value`. */
  readonly title: string;
  /**
   * `safe`: what is served stays as it is, or was refused and can mean but one thing. `unsafe`: most
   * likely what was meant, but look at it.
   */
  readonly safety: "safe" | "unsafe";
  /** They do not overlap. */
  readonly edits: readonly Edit[];
}

/** A range of a file and what stands there afterwards. */
export interface Edit {
  readonly position: Position;
  readonly text: string;
}

/** The text after the edits, which must be of this file and must not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const starts = lineStarts(text);
  const ranges = edits
    .map(({ position, text }) => ({ ...offsets(starts, position), text }))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  let result = "";
  let at = 0;
  for (const { start, end, text: inserted } of ranges) {
    if (start < at) throw new RangeError("Cannot edit: two edits overlap");
    result += text.slice(at, start) + inserted;
    at = end;
  }
  return result + text.slice(at);
}

/** Whether two edits touch the same text. */
export function overlaps({ position: a }: Edit, { position: b }: Edit): boolean {
  if (a.file !== b.file) return false;
  const endsBefore = (first: Position, second: Position) =>
    first.endLine < second.line ||
    (first.endLine === second.line && first.endColumn <= second.column);
  return !endsBefore(a, b) && !endsBefore(b, a);
}

/** Where the lines of a text begin. A byte order mark does not count: positions know nothing of it. */
export function lineStarts(text: string): readonly number[] {
  const starts = [text.startsWith("\ufeff") ? 1 : 0];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
  return starts;
}

/** A range in characters of the text. */
export function offsets(
  starts: readonly number[],
  { line, column, endLine, endColumn }: Position,
): { readonly start: number; readonly end: number } {
  const at = (line: number, column: number) => (starts[line - 1] ?? 0) + column - 1;
  return { start: at(line, column), end: at(endLine, endColumn) };
}

/** The position of a range of characters. */
export function positionAt(
  starts: readonly number[],
  file: string,
  { start, end }: { readonly start: number; readonly end: number },
): Position {
  const from = place(starts, start);
  const to = place(starts, end);
  return { file, ...from, endLine: to.line, endColumn: to.column };
}

function place(starts: readonly number[], offset: number): { line: number; column: number } {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}
