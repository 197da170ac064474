import type { Paint } from "../../../command_line/mod.ts";
import { isShared } from "./secret_lines.ts";

/**
 * What changes in a file, as `diff -u` prints it and `patch` reads it; empty if nothing does. Of a file
 * that holds Secrets only the lines that change are shown, and of these none that a Secret may share.
 */
export function unifiedDiff(
  file: string,
  before: string,
  after: string,
  { paint, holdsSecrets }: { readonly paint: Paint; readonly holdsSecrets: boolean },
): string {
  if (before === after) return "";
  const a = linesOf(before);
  const b = linesOf(after);
  const hunks = hunksOf(changes(a, b), holdsSecrets ? 0 : 3);
  const name = file.replace(/^\/+/, "");
  const head = `${paint.bold(`--- a/${name}`)}\n${paint.bold(`+++ b/${name}`)}\n`;
  return head + hunks.map((hunk) => printed(hunk, paint, holdsSecrets)).join("");
}

interface Line {
  readonly mark: " " | "-" | "+";
  readonly text: string;
  /** Line numbers from 1, in the old and the new text. */
  readonly old: number;
  readonly new: number;
}

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Edits are few and small, so what is equal at both ends is cut off and the rest compared. */
function changes(a: readonly string[], b: readonly string[]): Line[] {
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  const push = (mark: Line["mark"], text: string) =>
    lines.push({ mark, text, old: i + 1, new: j + 1 });
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left === right) {
      push(" ", left);
      i++;
      j++;
      continue;
    }
    const { skipA, skipB } = resync(a, b, i, j);
    for (let n = 0; n < skipA; n++, i++) push("-", a[i] ?? "");
    for (let n = 0; n < skipB; n++, j++) push("+", b[j] ?? "");
  }
  return lines;
}

/** The nearest place from which both go on alike. */
function resync(
  a: readonly string[],
  b: readonly string[],
  i: number,
  j: number,
): { skipA: number; skipB: number } {
  const most = a.length - i + (b.length - j);
  for (let sum = 1; sum <= most; sum++) {
    for (let skipA = 0; skipA <= sum; skipA++) {
      const skipB = sum - skipA;
      if (i + skipA > a.length || j + skipB > b.length) continue;
      const atEnd = i + skipA === a.length && j + skipB === b.length;
      if (atEnd || (a[i + skipA] !== undefined && a[i + skipA] === b[j + skipB])) {
        return { skipA, skipB };
      }
    }
  }
  return { skipA: a.length - i, skipB: b.length - j };
}

/** Changes with lines of context around them. */
function hunksOf(lines: readonly Line[], context: number): Line[][] {
  const hunks: Line[][] = [];
  let last = -Infinity;
  for (const [index, line] of lines.entries()) {
    if (line.mark === " ") continue;
    const from = Math.max(index - context, last + 1, 0);
    const current = hunks.at(-1);
    if (current !== undefined && from <= last + 1) {
      current.push(...lines.slice(last + 1, index + 1));
    } else hunks.push([...lines.slice(from, index + 1)]);
    last = index;
    const rest = lines.slice(index + 1, index + 1 + context);
    const next = rest.findIndex(({ mark }) => mark !== " ");
    const tail = next < 0 ? rest : rest.slice(0, next);
    hunks.at(-1)?.push(...tail);
    last += tail.length;
  }
  return hunks;
}

function printed(hunk: readonly Line[], paint: Paint, holdsSecrets: boolean): string {
  const [first] = hunk;
  const old = hunk.filter(({ mark }) => mark !== "+").length;
  const added = hunk.filter(({ mark }) => mark !== "-").length;
  const head = `@@ -${begin(first?.old, old)} +${begin(first?.new, added)} @@`;
  if (holdsSecrets && hunk.some(({ text }) => isShared(text))) {
    return `${paint.blue(head)}\n\\ Not shown: a Secret may stand in the same line\n`;
  }
  const body = hunk.map(({ mark, text }) => {
    const line = `${mark}${text}`;
    return mark === "-" ? paint.red(line) : mark === "+" ? paint.green(line) : line;
  });
  return `${[paint.blue(head), ...body].join("\n")}\n`;
}

/** Where no line is left, the line before is meant. */
function begin(line = 0, count: number): string {
  return `${count === 0 ? line - 1 : line},${count}`;
}
