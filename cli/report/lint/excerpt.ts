import type { Finding } from "../../../lint/mod.ts";
import { printable } from "./printable.ts";
import { isShared, masked, mayBeSecret } from "./secret_lines.ts";

/**
 * The lines a finding is about, cut to the width of the screen around what is marked. Where bytes of
 * a Secret may stand, only names of fields are shown.
 */
export function excerpt(
  finding: Finding,
  file: LinesOfFile | undefined,
  columns: number,
): Excerpt | undefined {
  const { position } = finding;
  if (position === undefined || file === undefined) return undefined;
  const { lines, holdsSecrets } = file;
  const line = lines[position.line - 1];
  if (line === undefined) return undefined;
  const hide = holdsSecrets && mayBeSecret(finding);
  const numbers = holdsSecrets ? [position.line] : contextOf(lines, position.line);
  const gutter = String(position.line).length;
  const width = Math.max(20, columns - gutter - 4);

  const endsLater = position.endLine > position.line;
  const end = (endsLater ? line.length + 1 : position.endColumn) - 1;
  const start = position.column - 1;
  const node = line.slice(start, end);
  const isAlone = holdsSecrets && !hide && isShared(line, start);
  const before = !isAlone ? line.slice(0, start) : start > 0 ? "…" : "";
  const marked = isAlone ? `${before}${node}${end < line.length ? "…" : ""}` : line;
  const from = displayWidth(before);
  const span = Math.max(1, displayWidth(node));
  const window = windowFor(from, span, width);
  const column = from - window + (window > 0 ? 1 : 0);
  return {
    gutter,
    lines: numbers.map((number) => {
      const isMarked = number === position.line;
      const text = isMarked ? marked : lines[number - 1] ?? "";
      return { number, text: cut(expanded(hide ? masked(text) : text), window, width), isMarked };
    }),
    marked: {
      column,
      width: Math.max(1, Math.min(span, width - 1 - column)),
      rest: endsLater ? `to line ${position.endLine}` : "",
    },
  };
}

/** A file cut into lines. */
export interface LinesOfFile {
  readonly lines: readonly string[];
  /** Whether bytes of Secrets may be in it. */
  readonly holdsSecrets: boolean;
}

/** Cuts a text into lines, as positions count them. */
export function linesOfFile(text: string, holdsSecrets: boolean): LinesOfFile {
  const source = text.startsWith("\ufeff") ? text.slice(1) : text;
  return { lines: source.split(/\r\n|\n|\r/), holdsSecrets };
}

/** See {@link excerpt}. */
export interface Excerpt {
  /** Characters that the largest line number takes. */
  readonly gutter: number;
  readonly lines: readonly {
    readonly number: number;
    readonly text: string;
    readonly isMarked: boolean;
  }[];
  /** What to underline in the marked line. */
  readonly marked: { readonly column: number; readonly width: number; readonly rest: string };
}

/** The line and up to two before it, within its document. */
function contextOf(lines: readonly string[], line: number): number[] {
  const numbers = [line];
  while (numbers.length < 3) {
    const [first = line] = numbers;
    const before = lines[first - 2];
    if (before === undefined || /^---(\s|$)/.test(before) || before.trim() === "") break;
    numbers.unshift(first - 1);
  }
  return numbers;
}

/** How many columns to leave out at the left, so that what is marked can be seen. */
function windowFor(from: number, span: number, width: number): number {
  const end = from + Math.min(span, width / 2);
  return end <= width - 1 ? 0 : Math.max(0, Math.floor(end - width * 0.75));
}

function cut(line: string, window: number, width: number): string {
  const shown = window > 0 ? `…${split(line, window)[1]}` : line;
  return displayWidth(shown) <= width ? shown : `${split(shown, width - 1)[0]}…`;
}

/** The characters that fit in some columns, and the others. One that lies across leaves a blank. */
function split(line: string, columns: number): readonly [fitting: string, rest: string] {
  let at = 0;
  let width = 0;
  for (const character of line) {
    if (width >= columns) break;
    width += displayWidth(character);
    at += character.length;
  }
  return width > columns
    ? [line.slice(0, at - 1), ` ${line.slice(at)}`]
    : [line.slice(0, at), line.slice(at)];
}

/** A tab is shown as two spaces, and control characters as nothing a terminal would obey. */
function expanded(line: string): string {
  return printable(line.replaceAll("\t", "  "));
}

/** Columns a text takes in a terminal: wide characters take two, and tabs are shown as two. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += character === "\t" || wide.test(character) ? 2 : 1;
  return width;
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;
