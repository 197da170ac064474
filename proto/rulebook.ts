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

/**
 * Reads the rules of one kind and insists on knowing all of them: a rule that we passed over in
 * silence would let through what Envoy refuses.
 */
export class Rulebook<Value> {
  readonly #kind: string;
  readonly #rules: Rules;
  readonly #read = new Set<string>();
  readonly #tests: Test<Value>[] = [];

  constructor(kind: string, rules: Rules) {
    this.#kind = kind;
    this.#rules = rules;
  }

  /** A rule with a number. `holds` is asked of each value, `words` say what it must be. */
  number(
    rule: string,
    holds: (value: Value, n: number) => boolean,
    words: (n: number) => string,
  ): void {
    const n = this.#take(rule);
    if (n === undefined) return;
    if (typeof n !== "number") throw this.#malformed(rule);
    this.#add(rule, (value) => holds(value, n), words(n));
  }

  /** A rule with a text. */
  text(
    rule: string,
    holds: (text: string) => (value: Value) => boolean,
    words: (text: string) => string,
  ): void {
    const text = this.#take(rule);
    if (text === undefined) return;
    if (typeof text !== "string") throw this.#malformed(rule);
    this.#add(rule, holds(text), words(text));
  }

  /** A rule that is a word; what it asks for is tested by the reader. */
  word(rule: string): string | undefined {
    const text = this.#take(rule);
    if (text === undefined || typeof text === "string") return text;
    throw this.#malformed(rule);
  }

  /** A rule that may stand there several times, each a value that is read by `of`. */
  list<Listed>(
    rule: string,
    of: (listed: unknown) => Listed | undefined,
    holds: (value: Value, list: readonly Listed[]) => boolean,
    words: (list: readonly unknown[]) => string,
  ): void {
    const taken = this.#take(rule);
    if (taken === undefined) return;
    const all: readonly unknown[] = Array.isArray(taken) ? taken : [taken];
    const list = all.map((listed) => {
      const value = of(listed);
      if (value === undefined) throw this.#malformed(rule);
      return value;
    });
    this.#add(rule, (value) => holds(value, list), words(all));
  }

  /** Whether a rule that is on or off is on. */
  flag<Absent>(rule: string, absent: Absent): boolean | Absent {
    const value = this.#take(rule);
    if (value === undefined) return absent;
    if (typeof value !== "boolean") throw this.#malformed(rule);
    return value;
  }

  /** A bound, read by `of`. */
  bound(rule: string, of: (value: unknown) => number | undefined): number | undefined {
    const value = this.#take(rule);
    if (value === undefined) return undefined;
    const bound = of(value);
    if (bound === undefined) throw this.#malformed(rule);
    return bound;
  }

  /** A test of its own. */
  add(test: Test<Value>): void {
    this.#tests.push(test);
  }

  /**
   * All of it as one test. With `ignore_empty` what `isEmpty` is let pass.
   * Throws a `RangeError` for a rule that nobody asked about.
   */
  test(isEmpty: (value: Value) => boolean): Test<Value> {
    const ignoresEmpty = this.flag("ignore_empty", false);
    const unknown = Object.keys(this.#rules).find((rule) => !this.#read.has(rule));
    if (unknown !== undefined) throw new RangeError(`Unknown rule "${this.#kind}.${unknown}"`);
    const test = every(this.#tests);
    return ignoresEmpty ? (value) => isEmpty(value) ? undefined : test(value) : test;
  }

  #add(rule: string, holds: (value: Value) => boolean, message: string): void {
    const fault = { rule: `${this.#kind}.${rule}`, message };
    this.#tests.push((value) => holds(value) ? undefined : fault);
  }

  #take(rule: string): unknown {
    this.#read.add(rule);
    return this.#rules[rule];
  }

  #malformed(rule: string): RangeError {
    return new RangeError(`Malformed rule "${this.#kind}.${rule}"`);
  }
}

/** `must be one of internal, external` */
export const oneOf = (list: readonly unknown[]) => `must be one of ${list.map(quoted).join(", ")}`;

/** `must not be 2 or 3` */
export const notOneOf = (list: readonly unknown[]) =>
  `must not be ${list.map(quoted).join(" or ")}`;

const quoted = (value: unknown) => value === "" ? '""' : String(value);
