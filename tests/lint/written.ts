/** Writes objects in many styles of YAML and JSON, and remembers where each node went. */

/** A value as JSON has it. */
export type Value = string | number | boolean | null | readonly Value[] | {
  readonly [name: string]: Value;
};

/** A range of characters. */
export interface Written {
  readonly start: number;
  readonly end: number;
}

/** A text and where its nodes stand: `spec.routes[0].services` is a value, `key spec.routes` a name. */
export interface Manuscript {
  readonly text: string;
  readonly nodes: ReadonlyMap<string, Written>;
}

/** Ways to write one object. */
export const styles: Readonly<Record<string, (object: Value) => Manuscript>> = {
  "block": (object) => new Writer({}).document(object),
  "block, lists not indented": (object) => new Writer({ flushLists: true }).document(object),
  "block, four columns and comments": (object) =>
    new Writer({ step: 4, comments: true }).document(object),
  "block, single quotes": (object) => new Writer({ quotes: "'" }).document(object),
  "block, double quotes, CRLF": (object) =>
    new Writer({ quotes: '"', lineBreak: "\r\n" }).document(object),
  "block, anchors everywhere": (object) => new Writer({ anchors: true }).document(object),
  "flow inside block": (object) => new Writer({ flowBelow: 2 }).document(object),
  "flow": (object) => new Writer({ flowBelow: 0 }).document(object),
  "flow over lines": (object) => new Writer({ flowBelow: 1, spread: true }).document(object),
  "item of a List": (object) => new Writer({}).list(object),
  "item of a List in flow style": (object) => new Writer({ flowBelow: 3 }).list(object),
  "JSON": (object) => new Writer({ json: true, flowBelow: 0, spread: true }).document(object),
  "JSON in one line": (object) => new Writer({ json: true, flowBelow: 0 }).document(object),
  "List in JSON": (object) => new Writer({ json: true, flowBelow: 0, spread: true }).list(object),
  "third document": (object) => new Writer({ before: twoDocuments }).document(object),
  "behind a byte order mark": (object) => new Writer({ before: "\ufeff" }).document(object),
};

const twoDocuments = `# first
apiVersion: v1
kind: Namespace
metadata: { name: one }
---
apiVersion: v1
kind: Namespace
metadata: { name: two }
...
---
`;

interface Style {
  readonly step?: number;
  readonly flushLists?: boolean;
  readonly comments?: boolean;
  readonly quotes?: '"' | "'";
  readonly lineBreak?: string;
  readonly anchors?: boolean;
  /** Deeper than this all is in flow style. */
  readonly flowBelow?: number;
  /** Flow style with a line for each part. */
  readonly spread?: boolean;
  readonly json?: boolean;
  readonly before?: string;
}

class Writer {
  readonly #style: Style;
  readonly #nodes = new Map<string, Written>();
  #text = "";
  /** Where the last value ends, a comment behind it not included. */
  #end = 0;
  #anchorCount = 0;

  constructor(style: Style) {
    this.#style = style;
    this.#text = style.before ?? "";
  }

  document(object: Value): Manuscript {
    this.#value(object, "", 0, 0);
    return this.#finished();
  }

  /** Between two other objects of a List; paths are those of the object. */
  list(object: Value): Manuscript {
    const other = (name: string): Value => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name },
    });
    const items = [other("one"), object, other("two")];
    this.#value({ apiVersion: "v1", kind: "List", items }, "", 0, 0);
    const nodes = new Map<string, Written>();
    for (const [path, range] of this.#nodes) {
      const own = /^(key )?items\[1\]\.?(.*)$/.exec(path);
      if (own !== null) nodes.set(`${own[1] ?? ""}${own[2] ?? ""}`, range);
    }
    return { ...this.#finished(), nodes };
  }

  #finished(): Manuscript {
    return { text: this.#text + this.#break, nodes: this.#nodes };
  }

  get #break(): string {
    return this.#style.lineBreak ?? "\n";
  }

  #value(value: Value, path: string, indent: number, depth: number): void {
    const isCollection = typeof value === "object" && value !== null;
    const start = this.#text.length;
    if (!isCollection) {
      this.#scalar(value);
      this.#end = this.#text.length;
    } else if (depth >= (this.#style.flowBelow ?? 99) || size(value) === 0) {
      this.#flow(value, path, indent, depth);
      this.#end = this.#text.length;
    } else if (isList(value)) this.#blockList(value, path, indent, depth);
    else this.#blockMapping(value, path, indent, depth);
    this.#nodes.set(path, { start, end: this.#end });
  }

  #blockMapping(
    value: { readonly [name: string]: Value },
    path: string,
    indent: number,
    depth: number,
  ): void {
    for (const [i, [name, field]] of Object.entries(value).entries()) {
      if (i > 0) this.#line(indent);
      const at = join(path, name);
      this.#key(name, at);
      this.#text += ":";
      const isBlock = typeof field === "object" && field !== null && size(field) > 0 &&
        depth + 1 < (this.#style.flowBelow ?? 99);
      if (isBlock) {
        if (this.#style.anchors) this.#text += ` &a${this.#anchorCount++}`;
        const below = isList(field) && this.#style.flushLists
          ? indent
          : indent + (this.#style.step ?? 2);
        this.#line(below);
        this.#value(field, at, below, depth + 1);
      } else {
        this.#text += this.#style.anchors ? ` &a${this.#anchorCount++} ` : " ";
        this.#value(field, at, indent, depth + 1);
        if (this.#style.comments) this.#text += " # why: not";
      }
    }
  }

  #blockList(value: readonly Value[], path: string, indent: number, depth: number): void {
    const step = this.#style.step ?? 2;
    for (const [i, item] of value.entries()) {
      if (i > 0) this.#line(indent);
      this.#text += `-${" ".repeat(step - 1)}`;
      this.#value(item, `${path}[${i}]`, indent + step, depth + 1);
    }
  }

  #flow(
    value: readonly Value[] | { readonly [name: string]: Value },
    path: string,
    indent: number,
    depth: number,
  ): void {
    const list = isList(value);
    const parts = list
      ? value.map((item, i) => [undefined, item, `${path}[${i}]`] as const)
      : Object.entries(value).map(([name, item]) => [name, item, join(path, name)] as const);
    const spread = this.#style.spread === true && parts.length > 0;
    const padding = this.#style.json || spread || parts.length === 0 ? "" : " ";
    this.#text += (list ? "[" : "{") + padding;
    for (const [i, [name, item, at]] of parts.entries()) {
      if (i > 0) this.#text += spread ? "," : ", ";
      if (spread) this.#text += this.#break + " ".repeat(indent + 2);
      if (name !== undefined) {
        this.#key(name, at);
        this.#text += ": ";
      }
      this.#value(item, at, indent + 2, depth + 1);
    }
    // Outside of JSON the closing bracket belongs to the block around it, and has to be indented.
    if (spread) this.#text += this.#break + " ".repeat(indent + (this.#style.json ? 0 : 1));
    this.#text += padding + (list ? "]" : "}");
  }

  #key(name: string, path: string): void {
    const start = this.#text.length;
    this.#text += this.#style.json
      ? JSON.stringify(name)
      : this.#style.quotes === '"'
      ? `"${name}"`
      : name.includes("/")
      ? `"${name}"`
      : name;
    this.#nodes.set(`key ${path}`, { start, end: this.#text.length });
  }

  #scalar(value: string | number | boolean | null): void {
    const { json, quotes } = this.#style;
    if (typeof value !== "string" || json) this.#text += JSON.stringify(value);
    else if (quotes === "'") this.#text += `'${value.replaceAll("'", "''")}'`;
    else if (quotes === '"' || !/^[A-Za-z/][\w./-]*$/.test(value)) {
      this.#text += JSON.stringify(value);
    } else if (/^(?:y|yes|n|no|on|off|true|false|null)$/i.test(value)) this.#text += `"${value}"`;
    else this.#text += value;
  }

  #line(indent: number): void {
    if (this.#style.comments && this.#text.length % 3 === 0) {
      this.#text += `${this.#break}${" ".repeat(indent)}# a: comment, [with] {signs}`;
    }
    this.#text += this.#break + " ".repeat(indent);
  }
}

function join(path: string, name: string): string {
  if (!/^[\w$-]+$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === "" ? name : `${path}.${name}`;
}

function isList(value: unknown): value is readonly Value[] {
  return Array.isArray(value);
}

function size(value: object): number {
  return Object.keys(value).length;
}
