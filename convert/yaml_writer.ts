import { formatPath, type Segment } from "../controller/api/mod.ts";

/**
 * Writes a value as YAML in block style, with comments above the lines they are about. Same value,
 * same text. Strings are quoted wherever kubectl could make something else of them.
 */
export function writeYaml(
  value: unknown,
  comments: ReadonlyMap<string, readonly string[]>,
): Written {
  const writer = new Writer(comments);
  writer.write(value);
  return { text: writer.lines.map((line) => `${line}\n`).join(""), lineOf: writer.lineOf };
}

/** A text, and the line (from 1) of each path in it. */
export interface Written {
  readonly text: string;
  readonly lineOf: ReadonlyMap<string, number>;
}

class Writer {
  readonly lines: string[] = [];
  readonly lineOf = new Map<string, number>();
  readonly #comments: ReadonlyMap<string, readonly string[]>;

  constructor(comments: ReadonlyMap<string, readonly string[]>) {
    this.#comments = comments;
  }

  write(value: unknown): void {
    this.#comment([], "");
    this.#entries(value, [], "", "");
  }

  /** The lines of a map or list; `lead` stands in front of the first one instead of the indent. */
  #entries(value: unknown, path: readonly Segment[], indent: string, lead: string): void {
    let first = true;
    for (const [segment, item] of entriesOf(value)) {
      const at = [...path, segment];
      const begin = first && lead !== "" ? lead : indent;
      // The comment of an item's first field stands above the item.
      if (!(first && lead !== "")) this.#comment(at, indent);
      const label = typeof segment === "number" ? "-" : `${key(segment)}:`;
      this.lineOf.set(formatPath(at), this.lines.length + 1);
      if (isEmpty(item) || !isNested(item)) {
        this.lines.push(`${begin}${label} ${inline(item)}`);
      } else if (typeof segment === "number") {
        this.#commentInside(item, at, indent);
        this.lineOf.set(formatPath(at), this.lines.length + 1);
        this.#entries(item, at, `${indent}  `, `${begin}- `);
      } else {
        this.lines.push(`${begin}${label}`);
        this.#entries(item, at, Array.isArray(item) ? `${indent}  ` : `${indent}  `, "");
      }
      first = false;
    }
  }

  #comment(path: readonly Segment[], indent: string): void {
    for (const text of this.#comments.get(formatPath(path)) ?? []) {
      for (const line of wrapped(text, 98 - indent.length)) this.lines.push(`${indent}# ${line}`);
    }
  }

  #commentInside(item: unknown, path: readonly Segment[], indent: string): void {
    const [first] = entriesOf(item);
    if (first !== undefined) this.#comment([...path, first[0]], indent);
  }
}

function entriesOf(value: unknown): readonly (readonly [Segment, unknown])[] {
  if (Array.isArray(value)) return value.map((item, index) => [index, item] as const);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).filter(([, item]) => item !== undefined);
}

function isNested(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function isEmpty(value: unknown): boolean {
  return isNested(value) && entriesOf(value).length === 0;
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return "[]";
  if (isNested(value)) return "{}";
  return typeof value === "string" ? scalar(value) : JSON.stringify(value);
}

function key(text: string): string {
  return /^[A-Za-z_][\w./-]*$/.test(text) && !ambiguous.test(text) ? text : quoted(text);
}

/** What is text in every version of YAML, and to every reader. */
function scalar(text: string): string {
  const plain = /^[A-Za-z_/][\w./@-]*( [\w./@(-][\w./@()-]*)*$/.test(text) ||
    /^\d+(ms|s|m|h)$/.test(text);
  return plain && !ambiguous.test(text) ? text : quoted(text);
}

/** In double quotes; what ends a line for some reader, or cannot be seen, is escaped. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(treacherous, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** Controls, separators of lines and paragraphs, byte order marks, and what is no character. */
const treacherous = /[\p{Cc}\u2028\u2029\ufeff\ufffe\uffff]/gu;

const ambiguous = /^(y|n|yes|no|on|off|true|false|null|nan|inf)$/i;

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split(/\r?\n/)) {
    let line = "";
    const words = paragraph.toWellFormed().replaceAll(treacherous, "?").split(" ");
    for (const word of words) {
      if (line !== "" && line.length + 1 + word.length > Math.max(width, 40)) {
        lines.push(line);
        line = `  ${word}`;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines;
}
