import {
  boolYaml11Tag,
  COLLECTION_STYLE,
  type Event,
  EVENT_ID,
  getScalarValue,
  NOT_RESOLVED,
  nullCoreTag,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  YAMLException,
} from "js-yaml";

/**
 * The first document of a YAML text as nodes that know where they stand, with scalars read as the
 * reference service reads them: YAML 1.1, but a number or a boolean can still be had as the text it
 * was written in. Later documents are passed over. Throws a {@link YamlMistake}.
 */
export function yamlNodes(source: string): YamlNode {
  let events: Event[];
  try {
    events = parseEvents(source, { maxDepth: maximumDepth });
  } catch (error) {
    // js-yaml may throw more than its own class on odd input, so whatever it throws is the input's.
    const reason = error instanceof YAMLException ? error.reason : String(error);
    throw new YamlMistake(reason, error instanceof YAMLException ? error.mark?.position ?? 0 : 0);
  }
  return new Composer(source, events).compose();
}

/** A node and the range of the text it takes up. An alias is the node it refers to. */
export type YamlNode = YamlScalar | YamlList | YamlMap;

/** Offsets into the text, the end exclusive. */
export interface YamlRange {
  readonly start: number;
  readonly end: number;
}

/** A value without parts. */
export interface YamlScalar extends YamlRange {
  readonly kind: "scalar";
  /** As written, without quotes. */
  readonly text: string;
  readonly value: string | number | boolean | null;
  /** A number written with a dot or an exponent, whatever its value, or one that is too large. */
  readonly isFloat: boolean;
}

/** Items in order. */
export interface YamlList extends YamlRange {
  readonly kind: "list";
  readonly items: readonly YamlNode[];
}

/** Entries by name; of a name given twice the last, merges spread out in their place. */
export interface YamlMap extends YamlRange {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, YamlEntry>;
  /** Keys that are no text. */
  readonly oddKeys: readonly YamlNode[];
}

/** A key with its value. */
export interface YamlEntry {
  readonly key: YamlRange;
  readonly value: YamlNode;
}

/** A text that is no YAML, or is too much of it. */
export class YamlMistake extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const maximumDepth = 200;

/** Nodes that aliases and merges may add to those written. */
const maximumExpansion = 100_000;

class Composer {
  readonly #source: string;
  readonly #events: readonly Event[];
  readonly #anchors = new Map<string, { readonly node: YamlNode; readonly size: number }>();
  #index = 0;
  /** End of what was read last: where an empty node stands. */
  #end = 0;
  /** Nodes so far, aliases expanded. */
  #size = 0;

  constructor(source: string, events: readonly Event[]) {
    this.#source = source;
    this.#events = events;
  }

  compose(): YamlNode {
    this.#index++; // the start of the document
    return this.#events.length === 0 ? nothing : this.#node();
  }

  #node(): YamlNode {
    const event = this.#events[this.#index++];
    const sizeBefore = this.#size++;
    switch (event?.type) {
      case EVENT_ID.SCALAR:
        return this.#anchored(event, this.#scalar(event), sizeBefore);
      case EVENT_ID.SEQUENCE: {
        this.#open(event);
        const items: YamlNode[] = [];
        while (this.#events[this.#index]?.type !== EVENT_ID.POP) items.push(this.#node());
        const end = this.#close(event.style, "]");
        return this.#anchored(event, { kind: "list", start: event.start, end, items }, sizeBefore);
      }
      case EVENT_ID.MAPPING: {
        this.#open(event);
        const parts = this.#entries();
        const end = this.#close(event.style, "}");
        return this.#anchored(
          event,
          { kind: "map", start: event.start, end, ...parts },
          sizeBefore,
        );
      }
      case EVENT_ID.ALIAS: {
        this.#end = event.anchorEnd;
        const name = this.#source.slice(event.anchorStart, event.anchorEnd);
        const found = this.#anchors.get(name);
        if (found === undefined) {
          throw new YamlMistake(`unknown anchor '${name}' referenced`, event.anchorStart);
        }
        this.#size += found.size;
        if (this.#size > maximumExpansion) {
          throw new YamlMistake("document contains excessive aliasing", event.anchorStart);
        }
        return found.node;
      }
      default:
        return nothing;
    }
  }

  #entries(): { readonly entries: Map<string, YamlEntry>; readonly oddKeys: YamlNode[] } {
    const entries = new Map<string, YamlEntry>();
    const oddKeys: YamlNode[] = [];
    while (true) {
      const event = this.#events[this.#index];
      if (event === undefined || event.type === EVENT_ID.POP) return { entries, oddKeys };
      const isMerge = isMergeKey(this.#source, event);
      const key = this.#node();
      const value = this.#node();
      if (isMerge) this.#merge(entries, value);
      else if (key.kind === "scalar" && typeof key.value === "string") {
        entries.set(key.text, { key, value });
      } else oddKeys.push(key);
    }
  }

  /** What is merged replaces what stands before it, and is replaced by what follows. */
  #merge(entries: Map<string, YamlEntry>, merged: YamlNode): void {
    const sources = merged.kind === "list" ? merged.items.toReversed() : [merged];
    for (const source of sources) {
      if (source.kind !== "map") {
        throw new YamlMistake(
          "map merge requires map or sequence of maps as the value",
          merged.start,
        );
      }
      for (const [name, entry] of source.entries) entries.set(name, entry);
    }
  }

  #anchored(
    event: { readonly anchorStart: number; readonly anchorEnd: number },
    node: YamlNode,
    sizeBefore: number,
  ): YamlNode {
    if (event.anchorStart >= 0) {
      const name = this.#source.slice(event.anchorStart, event.anchorEnd);
      this.#anchors.set(name, { node, size: this.#size - sizeBefore });
    }
    return node;
  }

  #scalar(event: ScalarEvent): YamlScalar {
    const text = getScalarValue(this.#source, event);
    const range = this.#scalarRange(event);
    const isPlain = event.style === SCALAR_STYLE.PLAIN;
    const tag = event.tagStart < 0 ? "" : this.#source.slice(event.tagStart, event.tagEnd);
    const isTyped = ["!!int", "!!bool", "!!float", "!!null"].includes(tag);
    if ((!isPlain && !isTyped) || tag === "!!str" || tag === "!") {
      return { kind: "scalar", text, value: text, isFloat: false, ...range };
    }
    const value = plainValue(text);
    const isFloat = value.isFloat || tag === "!!float";
    return { kind: "scalar", text, ...value, isFloat, ...range };
  }

  #open(event: { readonly start: number; readonly style: number }): void {
    this.#end = event.style === COLLECTION_STYLE.FLOW ? event.start + 1 : event.start;
  }

  /** Takes the event that ends a collection, and finds where it ends in the text. */
  #close(style: number, bracket: string): number {
    this.#index++;
    if (style === COLLECTION_STYLE.FLOW) {
      const end = this.#source.indexOf(bracket, this.#end);
      if (end >= 0) this.#end = end + 1;
    }
    return this.#end;
  }

  #scalarRange(event: ScalarEvent): YamlRange {
    if (event.valueStart < 0) return { start: this.#end, end: this.#end };
    const isQuoted = event.style === SCALAR_STYLE.SINGLE_QUOTED ||
      event.style === SCALAR_STYLE.DOUBLE_QUOTED;
    const start = isQuoted ? event.valueStart - 1 : event.valueStart;
    const written = this.#source.slice(event.valueStart, event.valueEnd);
    const end = isQuoted ? event.valueEnd + 1 : event.valueStart + written.trimEnd().length;
    this.#end = Math.max(start, end);
    return { start, end: this.#end };
  }
}

const nothing: YamlScalar = {
  kind: "scalar",
  text: "",
  value: null,
  isFloat: false,
  start: 0,
  end: 0,
};

function isMergeKey(source: string, event: Event): boolean {
  return event.type === EVENT_ID.SCALAR && event.style === SCALAR_STYLE.PLAIN &&
    event.valueEnd - event.valueStart === 2 && source.startsWith("<<", event.valueStart);
}

const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const special = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

function plainValue(text: string): Pick<YamlScalar, "value" | "isFloat"> {
  if (nullCoreTag.resolve(text, false, nullCoreTag.tagName) !== NOT_RESOLVED) {
    return { value: null, isFloat: false };
  }
  const boolean = boolYaml11Tag.resolve(text, false, boolYaml11Tag.tagName);
  if (boolean !== NOT_RESOLVED) return { value: boolean, isFloat: false };
  const digits = text.replaceAll("_", "");
  const match = integer.exec(digits);
  if (match !== null) {
    const [, sign, hexadecimal, binary, octal, decimal] = match;
    const size = hexadecimal !== undefined
      ? Number.parseInt(hexadecimal, 16)
      : binary !== undefined
      ? Number.parseInt(binary, 2)
      : octal !== undefined
      ? Number.parseInt(octal, 8)
      : Number(decimal);
    // What does not fit into 64 bits is no integer to the reference.
    return { value: sign === "-" && size !== 0 ? -size : size, isFloat: size >= 2 ** 63 };
  }
  if (float.test(digits) || special.test(text)) return { value: Number(digits), isFloat: true };
  return { value: text, isFloat: false };
}
