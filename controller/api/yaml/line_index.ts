import type { Range } from "./node_tree.ts";

/** Turns offsets of a text into lines and columns, both from 1. */
export class LineIndex {
  readonly #starts: number[] = [0];

  constructor(source: string) {
    for (const match of source.matchAll(/\r\n|\n|\r/g)) {
      this.#starts.push(match.index + match[0].length);
    }
  }

  /** The range in lines and columns; an empty one is taken as one column wide. */
  position(range: Range): LinePosition {
    const start = this.#at(range.start);
    const end = this.#at(Math.max(range.end, range.start + 1));
    return { ...start, endLine: end.line, endColumn: end.column };
  }

  #at(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }
}

/** A range within one text. */
export interface LinePosition {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}
