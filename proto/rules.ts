/**
 * The rules of [protoc-gen-validate](https://github.com/bufbuild/protoc-gen-validate) on single
 * values, as Envoy's own build of it enforces them, compiled to functions that answer in words.
 */
import { RE2JS } from "re2js";

/** The rules that stand beside a field in a .proto file, by the kind of value they are for. */
export type FieldRules = { readonly [kind: string]: Rules | undefined };

/** Rules of one kind by name: `{ min_len: 1, max_bytes: 255 }`. */
export type Rules = { readonly [rule: string]: unknown };

/** What is wrong with a value: the rule, and words that fit after the name of the field. */
export interface Fault {
  /** As it is called in the .proto file: `string.max_bytes`. */
  readonly rule: string;
  /** `must be at most 255 bytes` */
  readonly message: string;
}

/** Answers with the first rule that the value breaks. */
export type Test<Value> = (value: Value) => Fault | undefined;

/** Every rule must hold, the first that does not is the answer. */
export function every<Value>(tests: readonly Test<Value>[]): Test<Value> {
  const [first, second] = tests;
  if (!first) return () => undefined;
  if (!second) return first;
  return (value) => {
    for (const test of tests) {
      const fault = test(value);
      if (fault) return fault;
    }
    return undefined;
  };
}

/** Rules on text. Lengths count code points or, as `…_bytes`, bytes of UTF-8. */
export function stringRules(rules: Rules): Test<string> {
  const known = new Rulebook("string", rules);
  const tests: Test<string>[] = [];
  known.number("min_len", (n) => tests.push(known.unless((v) => length(v) >= n, atLeast(n))));
  known.number("max_len", (n) => {
    tests.push(known.unless((v) => length(v) <= n, `must be at most ${n} characters`));
  });
  known.number("min_bytes", (n) => tests.push(known.unless((v) => bytes(v) >= n, atLeast(n))));
  known.number("max_bytes", (n) => {
    tests.push(
      known.unless((v) => v.length * 3 <= n || bytes(v) <= n, `must be at most ${n} bytes`),
    );
  });
  known.text("prefix", (text) => {
    tests.push(known.unless((v) => v.startsWith(text), `must begin with ${JSON.stringify(text)}`));
  });
  known.text("pattern", (text) => {
    const pattern = RE2JS.compile(text);
    tests.push(known.unless((v) => pattern.matches(v), `must match ${text}`));
  });
  known.list("in", (list) => tests.push(known.unless((v) => list.includes(v), oneOf(list))));
  known.list(
    "not_in",
    (list) => tests.push(known.unless((v) => !list.includes(v), notOneOf(list))),
  );
  const strict = known.flag("strict", true);
  known.text("well_known_regex", (name) => tests.push(headerText(name, strict)));
  const ignoreEmpty = known.flag("ignore_empty", false);
  known.done();
  const test = every(tests);
  return ignoreEmpty ? (value) => value === "" ? undefined : test(value) : test;
}

/** Rules on `bytes`; lengths are in bytes. */
export function bytesRules(rules: Rules): Test<Uint8Array> {
  const known = new Rulebook("bytes", rules);
  const tests: Test<Uint8Array>[] = [];
  known.number("min_len", (n) => tests.push(known.unless((v) => v.length >= n, atLeast(n))));
  known.number("max_len", (n) => {
    tests.push(known.unless((v) => v.length <= n, `must be at most ${n} bytes`));
  });
  known.done();
  return every(tests);
}

/** Rules on numbers of the kind named: `uint32`, `double`. */
export function numberRules(kind: string, rules: Rules): Test<number> {
  const known = new Rulebook(kind, rules);
  const tests: Test<number>[] = [];
  const bound = (rule: string): number | undefined => {
    let found: number | undefined;
    known.number(rule, (n) => found = n);
    return found;
  };
  tests.push(
    ...range(
      kind,
      { gt: bound("gt"), gte: bound("gte"), lt: bound("lt"), lte: bound("lte") },
      String,
    ),
  );
  known.list("in", (list) => tests.push(known.unless((v) => list.includes(v), oneOf(list))));
  known.list(
    "not_in",
    (list) => tests.push(known.unless((v) => !list.includes(v), notOneOf(list))),
  );
  known.done();
  return every(tests);
}

/** Rules on truth values. */
export function boolRules(rules: Rules): Test<boolean> {
  const known = new Rulebook("bool", rules);
  const only = known.flag("const", undefined);
  known.done();
  return only === undefined
    ? () => undefined
    : (value) => value === only ? undefined : { rule: "bool.const", message: `must be ${only}` };
}

/** Rules on enums, given by their numbers; `values` are those that the enum declares. */
export function enumRules(rules: Rules, values: Readonly<Record<string, number>>): Test<number> {
  const known = new Rulebook("enum", rules);
  const tests: Test<number>[] = [];
  const numbers = new Set(Object.values(values));
  if (known.flag("defined_only", false)) {
    tests.push((value) =>
      numbers.has(value)
        ? undefined
        : { rule: "enum.defined_only", message: `must be a value that Envoy knows, not ${value}` }
    );
  }
  const nameOf = (number: unknown) =>
    Object.keys(values).find((name) => values[name] === number) ?? String(number);
  known.list("in", (list) => {
    tests.push(known.unless((v) => list.includes(v), oneOf(list.map(nameOf))));
  });
  known.list("not_in", (list) => {
    tests.push(known.unless((v) => !list.includes(v), notOneOf(list.map(nameOf))));
  });
  known.done();
  return every(tests);
}

/** Rules on durations, given in nanoseconds. `required` is not of these, but of the field. */
export function durationRules(rules: Rules): Test<number> {
  const known = new Rulebook("duration", rules);
  const bound = (rule: string): number | undefined => {
    let found: number | undefined;
    known.duration(rule, (n) => found = n);
    return found;
  };
  const bounds = { gt: bound("gt"), gte: bound("gte"), lt: bound("lt"), lte: bound("lte") };
  known.flag("required", false);
  known.done();
  return every(range("duration", bounds, (nanos) => `${nanos / 1e9} s`));
}

interface Bounds {
  readonly gt: number | undefined;
  readonly gte: number | undefined;
  readonly lt: number | undefined;
  readonly lte: number | undefined;
}

/** A pair of bounds where the upper is below the lower means: outside of the two. */
function range(kind: string, bounds: Bounds, word: (n: number) => string): Test<number>[] {
  const { gt, gte, lt, lte } = bounds;
  const low = gt ?? gte;
  const high = lt ?? lte;
  const above = gt !== undefined ? `greater than ${word(gt)}` : `at least ${word(gte ?? 0)}`;
  const below = lt !== undefined ? `less than ${word(lt)}` : `at most ${word(lte ?? 0)}`;
  const isAbove = (v: number) => gt !== undefined ? v > gt : gte === undefined || v >= gte;
  const isBelow = (v: number) => lt !== undefined ? v < lt : lte === undefined || v <= lte;
  const lowRule = `${kind}.${gt !== undefined ? "gt" : "gte"}`;
  const highRule = `${kind}.${lt !== undefined ? "lt" : "lte"}`;
  if (low !== undefined && high !== undefined && high < low) {
    const message = `must be ${below} or ${above}`;
    return [(v) => isAbove(v) || isBelow(v) ? undefined : { rule: lowRule, message }];
  }
  const tests: Test<number>[] = [];
  if (low !== undefined) {
    tests.push((v) => isAbove(v) ? undefined : { rule: lowRule, message: `must be ${above}` });
  }
  if (high !== undefined) {
    tests.push((v) => isBelow(v) ? undefined : { rule: highRule, message: `must be ${below}` });
  }
  return tests;
}

/** Text for HTTP headers. Not strict, it is only kept from ending the header early. */
function headerText(name: string, strict: boolean): Test<string> {
  const rule = "string.well_known_regex";
  const lineBreaks = { rule, message: "must not contain line breaks" };
  if (!strict) {
    return (value) => {
      if (/[\r\n]/.test(value)) return lineBreaks;
      return value.includes("\0")
        ? { rule, message: "must not contain NUL characters" }
        : undefined;
    };
  }
  if (name === "HTTP_HEADER_NAME") {
    const message = "must be the name of an HTTP header: letters, digits and !#$%&'*+,-.^_`|~ only";
    return (value) =>
      /^:?[0-9a-zA-Z!#$%&'*+,\-.^_`|~]+$/.test(value) ? undefined : { rule, message };
  }
  if (name !== "HTTP_HEADER_VALUE") throw new RangeError(`Unknown well_known_regex "${name}"`);
  const message = "must not contain control characters";
  return (value) => {
    if (!hasControl(value)) return undefined;
    return /[\r\n]/.test(value) ? lineBreaks : { rule, message };
  };
}

/** Whether there is a control character other than the tab. */
function hasControl(value: string): boolean {
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code < 0x20 && code !== 0x09 || code === 0x7f) return true;
  }
  return false;
}

const atLeast = (n: number) => n === 1 ? "must not be empty" : `must be at least ${n} long`;
const oneOf = (list: readonly unknown[]) => `must be one of ${list.map(quoted).join(", ")}`;
const notOneOf = (list: readonly unknown[]) => `must not be ${list.map(quoted).join(" or ")}`;
const quoted = (value: unknown) => value === "" ? '""' : String(value);

/** Length in code points. */
function length(text: string): number {
  let count = text.length;
  for (let index = 1; index < text.length; index++) {
    const low = text.charCodeAt(index);
    const high = text.charCodeAt(index - 1);
    if (low >= 0xdc00 && low < 0xe000 && high >= 0xd800 && high < 0xdc00) count--;
  }
  return count;
}

const encoder = new TextEncoder();

/** Length in bytes of UTF-8. */
function bytes(text: string): number {
  return encoder.encode(text).length;
}

/**
 * Reads the rules of one kind and insists on knowing all of them: a rule that we passed over in
 * silence would let through what Envoy refuses.
 */
class Rulebook {
  readonly #kind: string;
  readonly #rules: Rules;
  readonly #read = new Set<string>();
  #current = "";

  constructor(kind: string, rules: Rules) {
    this.#kind = kind;
    this.#rules = rules;
  }

  /** A test that finds fault, under the rule read last, with what does not hold. */
  unless<Value>(holds: (value: Value) => boolean, message: string): Test<Value> {
    const fault = { rule: `${this.#kind}.${this.#current}`, message };
    return (value) => holds(value) ? undefined : fault;
  }

  number(rule: string, use: (n: number) => void): void {
    const value = this.#take(rule);
    if (value === undefined) return;
    if (typeof value !== "number") throw this.#malformed(rule);
    use(value);
  }

  text(rule: string, use: (text: string) => void): void {
    const value = this.#take(rule);
    if (value === undefined) return;
    if (typeof value !== "string") throw this.#malformed(rule);
    use(value);
  }

  /** A rule that may stand there several times. */
  list(rule: string, use: (list: readonly unknown[]) => void): void {
    const value = this.#take(rule);
    if (value !== undefined) use(Array.isArray(value) ? value : [value]);
  }

  flag<Absent>(rule: string, absent: Absent): boolean | Absent {
    const value = this.#take(rule);
    if (value === undefined) return absent;
    if (typeof value !== "boolean") throw this.#malformed(rule);
    return value;
  }

  duration(rule: string, use: (nanos: number) => void): void {
    const value = this.#take(rule);
    if (value === undefined) return;
    if (typeof value !== "object" || value === null) throw this.#malformed(rule);
    const { seconds = 0, nanos = 0 } = value as { seconds?: number; nanos?: number };
    use(seconds * 1e9 + nanos);
  }

  done(): void {
    const unknown = Object.keys(this.#rules).find((rule) => !this.#read.has(rule));
    if (unknown) throw new RangeError(`Unknown rule "${this.#kind}.${unknown}"`);
  }

  #take(rule: string): unknown {
    this.#read.add(rule);
    this.#current = rule;
    return this.#rules[rule];
  }

  #malformed(rule: string): RangeError {
    return new RangeError(`Malformed rule "${this.#kind}.${rule}"`);
  }
}
