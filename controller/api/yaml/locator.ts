import type { Segment } from "../path.ts";
import { LineIndex, type LinePosition } from "./line_index.ts";
import { find, type Found, type Node, nodeTrees, pathTo, type Range } from "./node_tree.ts";
import { parse } from "./parse.ts";

/**
 * Finds where in a text the values of its documents stand. It parses the text when first asked, and
 * holds the result only until memory is wanted elsewhere: asking is rare, and comes in bursts.
 */
export class Locator {
  readonly #source: string;
  #held: WeakRef<Located> | undefined;

  constructor(source: string) {
    this.#source = source;
  }

  /** The value at a path, or its name; if it is not there, the nearest thing around it. */
  position(document: number, path: readonly Segment[], at: "key" | "value"): LinePosition {
    return this.range(rangeOf(this.#find(document, path), path, at));
  }

  /** A range of offsets in lines and columns. */
  range(range: Range): LinePosition {
    return this.#located().lines.position(range);
  }

  /** The text of a plain scalar, with nothing made of it yet. */
  plainText(document: number, path: readonly Segment[]): string | undefined {
    const { node, steps } = this.#find(document, path);
    if (steps < path.length || node.kind !== "scalar" || !node.plain) return undefined;
    return this.#source.slice(node.start, node.end);
  }

  /** The path to the innermost value around an offset; undefined outside of the document. */
  pathTo(document: number, offset: number): readonly Segment[] | undefined {
    const root = this.#root(document);
    if (root === undefined || offset < root.start || offset > root.end) return undefined;
    return pathTo(root, offset);
  }

  #find(document: number, path: readonly Segment[]): Found {
    const root = this.#root(document);
    return root === undefined ? nowhere : find(root, path);
  }

  #root(document: number): Node | undefined {
    return this.#located().trees[document];
  }

  #located(): Located {
    const held = this.#held?.deref();
    if (held !== undefined) return held;
    const parsed = parse(this.#source);
    const located = {
      trees: parsed.ok ? nodeTrees(this.#source, parsed.events) : [],
      lines: new LineIndex(this.#source),
    };
    this.#held = new WeakRef(located);
    return located;
  }
}

interface Located {
  readonly trees: readonly Node[];
  readonly lines: LineIndex;
}

const nowhere: Found = { node: { kind: "scalar", plain: false, start: 0, end: 0 }, steps: 0 };

/** The key, when that is wanted or the value is empty; else the value. */
function rangeOf(found: Found, path: readonly Segment[], at: "key" | "value"): Range {
  const { node, key, steps } = found;
  if (steps < path.length || key === undefined) return node;
  return at === "key" || node.end <= node.start ? key : node;
}
