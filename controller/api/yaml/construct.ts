import { type Event, EVENT_ID, getScalarValue, SCALAR_STYLE, type ScalarEvent } from "js-yaml";
import type { Mistake } from "./parse.ts";
import { maximumDepth } from "./parse.ts";
import { plainScalar, type Scalar, taggedScalar } from "./scalar.ts";

/**
 * The values of the documents in a text. js-yaml's own constructor is not used because three
 * things are as in kubectl, or better: a merge key overrides what stands before it, keys that are
 * no strings become the strings kubectl makes of them, and a key given twice spoils no more than
 * the object it stands in. Aliases share one value, so what they expand to is counted on the way.
 */
export function construct(source: string, events: readonly Event[]): Constructed {
  return new Constructor(source, events).run();
}

/** The values, and what was wrong; a value exists wherever the text could be understood. */
export interface Constructed {
  readonly documents: readonly unknown[];
  /** Found while constructing; each belongs to the innermost object around its offset. */
  readonly mistakes: readonly Mistake[];
  /** A mistake after which nothing was constructed. */
  readonly fatal?: Mistake;
}

/** The plain scalar that merges other mappings into the one it is a key of. */
export const mergeKey = "<<";

/** The name of a mapping's key, or undefined for a key that JSON cannot have. */
export function keyText(source: string, event: Event): string | undefined {
  if (event.type !== EVENT_ID.SCALAR) return undefined;
  const value = scalarValue(source, event);
  return value === null || value === undefined ? undefined : String(value);
}

/** Whether an event is the key of a merge. Quoted, it is a key like any other. */
export function isMergeKey(source: string, event: Event): boolean {
  return event.type === EVENT_ID.SCALAR && event.style === SCALAR_STYLE.PLAIN &&
    event.valueEnd - event.valueStart === 2 && source.startsWith(mergeKey, event.valueStart);
}

/** Nodes that aliases may add to those written. */
const maximumExpansion = 100_000;

/** Depth that aliases may add up to. */
const maximumExpandedDepth = 2 * maximumDepth;

type JsonObject = Record<string, unknown>;

interface Node {
  readonly value: unknown;
  /** Nodes in it, aliases expanded. */
  readonly size: number;
  /** Levels of nesting in it. */
  readonly height: number;
}

class Constructor {
  readonly #source: string;
  readonly #events: readonly Event[];
  readonly #mistakes: Mistake[] = [];
  /** Undefined while the node of the anchor is not finished: an alias to it would contain itself. */
  #anchors = new Map<string, Node | undefined>();
  #index = 0;
  #expansion = 0;

  constructor(source: string, events: readonly Event[]) {
    this.#source = source;
    this.#events = events;
  }

  run(): Constructed {
    const documents: unknown[] = [];
    try {
      while (this.#index < this.#events.length) {
        this.#anchors = new Map();
        this.#index++; // the start of the document
        documents.push(this.#node().value);
        this.#index++; // and its end
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { documents: [], mistakes: [], fatal: error.mistake };
    }
    return { documents, mistakes: this.#mistakes };
  }

  #node(): Node {
    const event = this.#next();
    switch (event.type) {
      case EVENT_ID.SCALAR: {
        const value = scalarValue(this.#source, event);
        if (value === undefined) {
          const tag = this.#source.slice(event.tagStart, event.tagEnd);
          // Any other may be a password, or a key in base64, that should have been quoted.
          const message = /^!![a-z]{1,9}$/.test(tag)
            ? `cannot read the value as ${tag}`
            : 'unknown tag: text that begins with "!" has to be quoted';
          throw new Refusal("CTR001", event.tagStart, message);
        }
        return this.#anchor(event, { value, size: 1, height: 0 });
      }
      case EVENT_ID.SEQUENCE:
        this.#checkTag(event, "!!seq");
        this.#announce(event);
        return this.#anchor(event, this.#sequence());
      case EVENT_ID.MAPPING:
        this.#checkTag(event, "!!map");
        this.#announce(event);
        return this.#anchor(event, this.#mapping());
      case EVENT_ID.ALIAS:
        return this.#alias(event.anchorStart, event.anchorEnd);
      case EVENT_ID.DOCUMENT:
      case EVENT_ID.POP:
        throw new Error("Cannot construct a value: the events are out of order");
    }
  }

  #sequence(): Node {
    const value: unknown[] = [];
    let size = 1;
    let height = 0;
    while (this.#peek().type !== EVENT_ID.POP) {
      const item = this.#node();
      value.push(item.value);
      size += item.size;
      height = Math.max(height, item.height);
    }
    this.#index++;
    return { value, size, height: height + 1 };
  }

  #mapping(): Node {
    const value: JsonObject = {};
    /** The keys written out, once they differ from those there are. */
    let written: Set<string> | undefined;
    let size = 1;
    let height = 0;
    while (this.#peek().type !== EVENT_ID.POP) {
      const key = this.#peek();
      const offset = offsetOf(key);
      if (isMergeKey(this.#source, key)) {
        this.#index++;
        written ??= new Set(Object.keys(value));
        const merged = this.#node();
        this.#merge(value, merged.value, offset);
        size += merged.size;
        height = Math.max(height, merged.height);
        continue;
      }
      const name = this.#key(offset);
      const item = this.#node();
      size += item.size;
      height = Math.max(height, item.height);
      if (written === undefined ? Object.hasOwn(value, name) : written.has(name)) {
        this.#mistakes.push({ code: "CTR002", offset, message: `key "${name}" is given twice` });
      }
      written?.add(name);
      setField(value, name, item.value);
    }
    this.#index++;
    return { value, size, height: height + 1 };
  }

  #key(offset: number): string {
    const { value } = this.#node();
    if (typeof value === "string") return value;
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    throw new Refusal("CTR001", offset, "the key of a mapping has to be text");
  }

  #merge(into: JsonObject, from: unknown, offset: number): void {
    // Of several mappings the earlier ones win, so the last is merged first.
    const sources = Array.isArray(from) ? from.toReversed() : [from];
    for (const source of sources) {
      if (!isObject(source)) {
        throw new Refusal("CTR001", offset, "a merge takes a mapping or a list of mappings");
      }
      for (const name of Object.keys(source)) setField(into, name, source[name]);
    }
  }

  #alias(start: number, end: number): Node {
    const name = this.#source.slice(start, end);
    const node = this.#anchors.get(name);
    if (node === undefined) {
      const message = this.#anchors.has(name)
        ? `alias "${name}" stands inside the node it refers to`
        // Without the name: it may be a password that should have been quoted.
        : 'an alias refers to no anchor before it: text that begins with "*" has to be quoted';
      throw new Refusal(this.#anchors.has(name) ? "CTR012" : "CTR001", start, message);
    }
    this.#expansion += node.size;
    if (this.#expansion > maximumExpansion) {
      const message = `aliases expand to more than ${maximumExpansion} nodes`;
      throw new Refusal("CTR012", start, message);
    }
    if (node.height > maximumExpandedDepth) {
      throw new Refusal(
        "CTR014",
        start,
        `aliases nest more than ${maximumExpandedDepth} levels deep`,
      );
    }
    return node;
  }

  /** Makes the anchor of a collection known before its end, to tell a loop from a missing anchor. */
  #announce(event: { readonly anchorStart: number; readonly anchorEnd: number }): void {
    if (event.anchorStart >= 0) this.#anchors.set(this.#anchorName(event), undefined);
  }

  #anchor(event: { readonly anchorStart: number; readonly anchorEnd: number }, node: Node): Node {
    if (event.anchorStart >= 0) this.#anchors.set(this.#anchorName(event), node);
    return node;
  }

  #anchorName(event: { readonly anchorStart: number; readonly anchorEnd: number }): string {
    return this.#source.slice(event.anchorStart, event.anchorEnd);
  }

  #checkTag(event: { readonly tagStart: number; readonly tagEnd: number }, known: string): void {
    if (event.tagStart < 0) return;
    const tag = this.#source.slice(event.tagStart, event.tagEnd);
    if (tag !== known && tag !== "!") {
      throw new Refusal("CTR001", event.tagStart, `the tag ${tag} has no meaning here`);
    }
  }

  #peek(): Event {
    const event = this.#events[this.#index];
    if (event === undefined) throw new Error("Cannot construct a value: the events end too early");
    return event;
  }

  #next(): Event {
    const event = this.#peek();
    this.#index++;
    return event;
  }
}

/** Ends the construction of a text. */
class Refusal extends Error {
  readonly mistake: Mistake;

  constructor(code: Mistake["code"], offset: number, message: string) {
    super(message);
    this.mistake = { code, offset, message };
  }
}

function scalarValue(source: string, event: ScalarEvent): Scalar | undefined {
  const text = scalarText(source, event);
  if (event.tagStart >= 0) return taggedScalar(source.slice(event.tagStart, event.tagEnd), text);
  return event.style === SCALAR_STYLE.PLAIN ? plainScalar(text) : text;
}

function scalarText(source: string, event: ScalarEvent): string {
  const text = getScalarValue(source, event);
  // A block scalar that the end of the text cuts off in its last line has no line break to keep.
  const isBlock = event.style === SCALAR_STYLE.LITERAL_BLOCK ||
    event.style === SCALAR_STYLE.FOLDED_BLOCK;
  const isCutOff = isBlock && event.valueEnd === source.length && !/[\r\n]$/.test(source);
  return isCutOff && text.endsWith("\n") ? text.slice(0, -1) : text;
}

/** Where a node begins, as far as its first event says; 0 for an empty node. */
function offsetOf(event: Event): number {
  switch (event.type) {
    case EVENT_ID.SCALAR:
      return Math.max(0, event.valueStart);
    case EVENT_ID.ALIAS:
      return Math.max(0, event.anchorStart - 1);
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return event.start;
    case EVENT_ID.DOCUMENT:
    case EVENT_ID.POP:
      return 0;
  }
}

function setField(object: JsonObject, name: string, value: unknown): void {
  if (name !== "__proto__") object[name] = value;
  else {
    Object.defineProperty(object, name, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
