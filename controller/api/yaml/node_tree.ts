import { COLLECTION_STYLE, type Event, EVENT_ID, SCALAR_STYLE, type ScalarEvent } from "js-yaml";
import type { Segment } from "../path.ts";
import { isMergeKey, keyText } from "./construct.ts";

/**
 * Where the nodes of a text are. Built only when a position is asked for, from events parsed anew,
 * so that nothing of it has to be kept.
 */
export function nodeTrees(source: string, events: readonly Event[]): readonly Node[] {
  return new Builder(source, events).run();
}

/** A node and the range of the text it takes up. An alias is the node it refers to. */
export type Node = ScalarNode | SequenceNode | MappingNode;

/** A range of offsets, the end not included. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A value without parts. Its range includes the quotes. */
export interface ScalarNode extends Range {
  readonly kind: "scalar";
  readonly plain: boolean;
}

/** A list. */
export interface SequenceNode extends Range {
  readonly kind: "sequence";
  readonly items: readonly Node[];
}

/** Named fields, and the mappings merged in. */
export interface MappingNode extends Range {
  readonly kind: "mapping";
  readonly fields: readonly Field[];
  readonly merged: readonly Node[];
}

/** A key and its value. */
export interface Field {
  readonly name: string;
  readonly key: Range;
  readonly value: Node;
}

/** What a path leads to. */
export interface Found {
  readonly node: Node;
  /** The key that leads there, if the last step was a field. */
  readonly key?: Range;
  /** How many steps of the path there are in the text. */
  readonly steps: number;
}

/** Follows a path as far as the text has it. */
export function find(root: Node, path: readonly Segment[]): Found {
  let found: Found = { node: root, steps: 0 };
  for (const segment of path) {
    const next = typeof segment === "number"
      ? item(found.node, segment)
      : field(found.node, segment);
    if (next === undefined) return found;
    found = { ...next, steps: found.steps + 1 };
  }
  return found;
}

/** The path to the innermost node around an offset. */
export function pathTo(root: Node, offset: number): readonly Segment[] {
  const path: Segment[] = [];
  let node = root;
  while (true) {
    const step = stepTowards(node, offset);
    if (step === undefined) return path;
    path.push(step.segment);
    node = step.node;
  }
}

function stepTowards(node: Node, offset: number): { segment: Segment; node: Node } | undefined {
  switch (node.kind) {
    case "scalar":
      return undefined;
    case "sequence": {
      const index = node.items.findLastIndex(({ start }) => start <= offset);
      const found = node.items[index];
      return found !== undefined && offset <= found.end
        ? { segment: index, node: found }
        : undefined;
    }
    case "mapping": {
      const found = node.fields.findLast(({ key }) => key.start <= offset);
      return found !== undefined && offset <= Math.max(found.key.end, found.value.end)
        ? { segment: found.name, node: found.value }
        : undefined;
    }
  }
}

function item(node: Node, index: number): Pick<Found, "node"> | undefined {
  const found = node.kind === "sequence" ? node.items[index] : undefined;
  return found === undefined ? undefined : { node: found };
}

function field(node: Node, name: string): Pick<Found, "node" | "key"> | undefined {
  if (node.kind !== "mapping") return undefined;
  const own = node.fields.findLast((candidate) => candidate.name === name);
  if (own !== undefined) return { node: own.value, key: own.key };
  for (const merged of node.merged) {
    const sources = merged.kind === "sequence" ? merged.items : [merged];
    for (const source of sources) {
      const found = field(source, name);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

class Builder {
  readonly #source: string;
  readonly #events: readonly Event[];
  #anchors = new Map<string, Node>();
  #index = 0;
  /** End of what was read last: where an empty node stands. */
  #end = 0;

  constructor(source: string, events: readonly Event[]) {
    this.#source = source;
    this.#events = events;
  }

  run(): Node[] {
    const documents: Node[] = [];
    while (this.#index < this.#events.length) {
      this.#anchors = new Map();
      this.#index++;
      documents.push(this.#node());
      this.#index++;
    }
    return documents;
  }

  #node(): Node {
    const event = this.#events[this.#index++];
    switch (event?.type) {
      case EVENT_ID.SCALAR:
        return this.#anchor(event, {
          kind: "scalar",
          ...this.#scalarRange(event),
          ...plain(event),
        });
      case EVENT_ID.SEQUENCE: {
        this.#open(event);
        const items: Node[] = [];
        while (this.#events[this.#index]?.type !== EVENT_ID.POP) items.push(this.#node());
        const end = this.#close(event.style, "]");
        return this.#anchor(event, { kind: "sequence", start: event.start, end, items });
      }
      case EVENT_ID.MAPPING: {
        this.#open(event);
        const { fields, merged } = this.#fields();
        const end = this.#close(event.style, "}");
        return this.#anchor(event, { kind: "mapping", start: event.start, end, fields, merged });
      }
      case EVENT_ID.ALIAS: {
        this.#end = event.anchorEnd;
        const node = this.#anchors.get(this.#source.slice(event.anchorStart, event.anchorEnd));
        const range = { start: event.anchorStart - 1, end: event.anchorEnd };
        return node ?? { kind: "scalar", plain: true, ...range };
      }
      default:
        throw new Error("Cannot locate nodes: the events are out of order");
    }
  }

  #fields(): { fields: Field[]; merged: Node[] } {
    const fields: Field[] = [];
    const merged: Node[] = [];
    while (true) {
      const event = this.#events[this.#index];
      if (event === undefined || event.type === EVENT_ID.POP) return { fields, merged };
      const name = keyText(this.#source, event);
      const isMerge = isMergeKey(this.#source, event);
      const key = this.#node();
      const value = this.#node();
      // Of several merge keys the last wins.
      if (isMerge) merged.unshift(value);
      else fields.push({ name: name ?? "", key: { start: key.start, end: key.end }, value });
    }
  }

  #open(event: { readonly start: number; readonly style: number }): void {
    this.#end = event.style === COLLECTION_STYLE.FLOW ? event.start + 1 : event.start;
  }

  /** Takes the event that ends a collection, and finds where it ends in the text. */
  #close(style: number, bracket: string): number {
    this.#index++;
    if (style === COLLECTION_STYLE.FLOW) {
      const end = closing(this.#source, this.#end, bracket);
      if (end !== undefined) this.#end = end;
    }
    return this.#end;
  }

  #scalarRange(event: ScalarEvent): Range {
    if (event.valueStart < 0) return { start: this.#end, end: this.#end };
    const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED ||
      event.style === SCALAR_STYLE.DOUBLE_QUOTED;
    const start = quoted ? event.valueStart - 1 : event.valueStart;
    const text = this.#source.slice(event.valueStart, event.valueEnd);
    const end = quoted ? event.valueEnd + 1 : event.valueStart + text.trimEnd().length;
    this.#end = Math.max(start, end);
    return { start, end: this.#end };
  }

  #anchor(event: { readonly anchorStart: number; readonly anchorEnd: number }, node: Node): Node {
    if (event.anchorStart >= 0) {
      this.#anchors.set(this.#source.slice(event.anchorStart, event.anchorEnd), node);
    }
    return node;
  }
}

function plain(event: ScalarEvent): { plain: boolean } {
  return { plain: event.style === SCALAR_STYLE.PLAIN };
}

/** The offset after a closing bracket, past spaces, commas and comments. */
function closing(source: string, from: number, bracket: string): number | undefined {
  const pattern = /(?:[\s,]|#[^\r\n]*)*/y;
  pattern.lastIndex = from;
  pattern.exec(source);
  return source[pattern.lastIndex] === bracket ? pattern.lastIndex + 1 : undefined;
}
