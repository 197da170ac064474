/**
 * The lines that differ between two texts, as `diff -u` marks them, with a few lines around each;
 * empty when nothing does.
 */
export function lineDiff(before: string, after: string): string {
  const edits = editScript(before.split("\n"), after.split("\n"));
  if (edits.every(({ mark }) => mark === " ")) return "";
  const near = edits.map((_, i) =>
    edits.slice(Math.max(0, i - context), i + context + 1).some(({ mark }) => mark !== " ")
  );
  const lines: string[] = [];
  for (const [i, { mark, line }] of edits.entries()) {
    if (near[i]) lines.push(`${mark} ${line}`.trimEnd());
    else if (i === 0 || near[i - 1]) lines.push("  …");
  }
  return `${lines.join("\n")}\n`;
}

const context = 3;

interface Edit {
  readonly mark: " " | "-" | "+";
  readonly line: string;
}

function editScript(before: readonly string[], after: readonly string[]): Edit[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const same = (line: string): Edit => ({ mark: " ", line });
  return [
    ...before.slice(0, head).map(same),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(same),
  ];
}

/** By the longest common subsequence; goldens are short enough for the whole table. */
function middle(before: readonly string[], after: readonly string[]): Edit[] {
  const common = lengths(before, after);
  const edits: Edit[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [old, fresh] = [before[i], after[j]];
    if (old !== undefined && old === fresh) {
      edits.push({ mark: " ", line: old });
      i++;
      j++;
    } else if (
      old !== undefined &&
      (fresh === undefined || (common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0))
    ) {
      edits.push({ mark: "-", line: old });
      i++;
    } else {
      edits.push({ mark: "+", line: fresh ?? "" });
      j++;
    }
  }
  return edits;
}

/** For each pair of places the length of the longest common subsequence from there on. */
function lengths(before: readonly string[], after: readonly string[]): readonly number[][] {
  const table: number[][] = [];
  for (let i = before.length; i >= 0; i--) {
    const row: number[] = [];
    for (let j = after.length; j >= 0; j--) {
      if (i === before.length || j === after.length) row[j] = 0;
      else if (before[i] === after[j]) row[j] = (table[i + 1]?.[j + 1] ?? 0) + 1;
      else row[j] = Math.max(table[i + 1]?.[j] ?? 0, row[j + 1] ?? 0);
    }
    table[i] = row;
  }
  return table;
}
