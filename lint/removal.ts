/**
 * The edit that takes a field or an item out of a YAML or JSON text. Comments stay: one that stands
 * in what goes is put on a line of its own. `undefined` where the text is too odd to be sure.
 */
export function removal(text: string, node: RemovableNode): TextEdit | undefined {
  const { parent, key, value } = node;
  const start = key?.start ?? value.start;
  // What is behind an alias stands elsewhere, and an anchor may be needed elsewhere.
  if (key !== undefined && !between.test(text.slice(key.end, value.start))) return undefined;
  const opening = text[parent.start];
  if (opening === "{" || opening === "[") {
    return value.end > parent.end ? undefined : flowRemoval(text, parent, start, value.end);
  }
  if (/(^|[\s[{,])[&*][^\s,\]}]/.test(text.slice(start, value.end))) return undefined;
  return blockRemoval(text, start, value.end, key === undefined);
}

/** Where the node stands, in characters. */
export interface RemovableNode {
  /** The mapping or list around it. */
  readonly parent: TextRange;
  /** Absent for an item of a list. */
  readonly key?: TextRange;
  readonly value: TextRange;
}

/** A range of characters. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** A range and what stands there afterwards. */
export interface TextEdit extends TextRange {
  readonly text: string;
}

/** What may stand between a key and its value. */
const between = /^\s*(:|)\s*(#[^\n]*\n\s*)*$/;

function flowRemoval(
  text: string,
  parent: TextRange,
  start: number,
  end: number,
): TextEdit | undefined {
  const inner = text.slice(parent.start, start);
  const removed = text.slice(start, end);
  if (removed.includes("#") && /(^|\s)#/.test(removed)) return undefined;
  const comma = /^\s*,/.exec(text.slice(end));
  if (comma !== null) {
    const after = end + comma[0].length;
    const lineStart = text.lastIndexOf("\n", start - 1) + 1;
    const restOfLine = /^[ \t]*(\r?\n)/.exec(text.slice(after));
    const isAlone = text.slice(lineStart, start).trim() === "" && restOfLine !== null;
    if (isAlone) return { start: lineStart, end: after + restOfLine[0].length, text: "" };
    const spaces = /^[ \t]*/.exec(text.slice(after))?.[0].length ?? 0;
    return { start, end: after + spaces, text: "" };
  }
  const before = /,\s*$/.exec(inner);
  if (before !== null) return { start: parent.start + before.index, end, text: "" };
  const opened = /[[{][ \t]*$/.exec(inner);
  const closed = /^[ \t]*[\]}]/.exec(text.slice(end));
  if (opened === null || closed === null) return { start, end, text: "" };
  return { start: parent.start + opened.index + 1, end: end + closed[0].length - 1, text: "" };
}

function blockRemoval(
  text: string,
  start: number,
  end: number,
  isItem: boolean,
): TextEdit | undefined {
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const before = text.slice(lineStart, start);
  const lineEnd = text.indexOf("\n", end) < 0 ? text.length : text.indexOf("\n", end) + 1;
  const rest = text.slice(end, lineEnd);
  if (!/^[ \t]*(#[^\n]*)?\r?\n?$/.test(rest)) return undefined;
  const indent = /^[ \t]*/.exec(before)?.[0] ?? "";
  const lineBreak = rest.endsWith("\r\n") ? "\r\n" : "\n";
  const comments = commentsIn(text.slice(start, lineEnd))
    .map((comment) => `${indent}${comment}${lineBreak}`);
  const isWhole = isItem ? /^[ \t]*-[ \t]+$/.test(before) : before.trim() === "";
  if (isWhole) return { start: lineStart, end: lineEnd, text: comments.join("") };
  if (isItem || !/^[ \t]*(-[ \t]+)+$/.test(before)) return undefined;
  // The first field after a dash: the next one takes its place.
  const column = before.length;
  const next = /^[ \t]*(?=[^\s#])/.exec(text.slice(lineEnd));
  if (next === null || next[0].length !== column || comments.length > 0) return undefined;
  if (text.startsWith("-", lineEnd + column)) return undefined;
  return { start, end: lineEnd + column, text: "" };
}

/** The comments of a piece of block style; quoted texts and block scalars hold none. */
function commentsIn(piece: string): readonly string[] {
  return piece.split("\n").flatMap((line) => {
    const plain = line.replace(
      /"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g,
      (quoted) => "x".repeat(quoted.length),
    );
    const at = /(?:^|[ \t])#/.exec(plain);
    return at === null ? [] : [line.slice(line.indexOf("#", at.index)).trimEnd()];
  });
}
