/**
 * The rules of [protoc-gen-validate](https://github.com/bufbuild/protoc-gen-validate) on numbers and
 * what is counted like them, as Envoy's own build of it enforces them.
 */
import { notOneOf, oneOf, Rulebook, type Rules, type Test } from "./rulebook.ts";

/** Rules on numbers of the kind named: `uint32`, `double`. */
export function numberRules(kind: string, rules: Rules): Test<number> {
  return countedRules({ kind, rules, of: asNumber, word: String });
}

/** Rules on durations, given in nanoseconds. `required` is not of these, but of the field. */
export function durationRules(rules: Rules): Test<number> {
  const { required: _required, ...own } = rules;
  return countedRules({ kind: "duration", rules: own, of: asNanos, word: (n) => `${n / 1e9} s` });
}

/**
 * Rules on moments, given in nanoseconds since 1970. Those that ask for the time of day are unknown
 * here, as what we check must not depend on when we do.
 */
export function timestampRules(rules: Rules): Test<number> {
  const { required: _required, ...own } = rules;
  const word = (n: number) => new Date(n / 1e6).toISOString();
  return countedRules({ kind: "timestamp", rules: own, of: asNanos, word });
}

/** Rules on truth values. */
export function boolRules(rules: Rules): Test<boolean> {
  const book = new Rulebook<boolean>("bool", rules);
  const only = book.flag("const", undefined);
  if (only !== undefined) {
    const fault = { rule: "bool.const", message: `must be ${only}` };
    book.add((value) => value === only ? undefined : fault);
  }
  return book.test((value) => !value);
}

/** Rules on enums, given by their numbers; `values` are those that the enum declares. */
export function enumRules(rules: Rules, values: Readonly<Record<string, number>>): Test<number> {
  const book = new Rulebook<number>("enum", rules);
  const numbers = new Set(Object.values(values));
  const nameOf = (number: unknown) =>
    Object.keys(values).find((name) => values[name] === number) ?? String(number);
  const numberOf = (listed: unknown) =>
    typeof listed === "string" ? values[listed] : asNumber(listed);
  const only = book.bound("const", numberOf);
  if (only !== undefined) {
    const fault = { rule: "enum.const", message: `must be ${nameOf(only)}` };
    book.add((value) => value === only ? undefined : fault);
  }
  if (book.flag("defined_only", false)) {
    book.add((value) =>
      numbers.has(value)
        ? undefined
        : { rule: "enum.defined_only", message: `must be a value that Envoy knows, not ${value}` }
    );
  }
  const named = (list: readonly unknown[]) => list.map(nameOf);
  book.list("in", numberOf, (v, list) => list.includes(v), (list) => oneOf(named(list)));
  book.list("not_in", numberOf, (v, list) => !list.includes(v), (list) => notOneOf(named(list)));
  return book.test((value) => value === 0);
}

function countedRules({ kind, rules, of, word }: {
  readonly kind: string;
  readonly rules: Rules;
  readonly of: (value: unknown) => number | undefined;
  readonly word: (n: number) => string;
}): Test<number> {
  const book = new Rulebook<number>(kind, rules);
  const only = book.bound("const", of);
  if (only !== undefined) {
    const fault = { rule: `${kind}.const`, message: `must be ${word(only)}` };
    book.add((value) => value === only ? undefined : fault);
  }
  const bounds = {
    gt: book.bound("gt", of),
    gte: book.bound("gte", of),
    lt: book.bound("lt", of),
    lte: book.bound("lte", of),
  };
  for (const test of range(kind, bounds, word)) book.add(test);
  const words = (list: readonly unknown[]) => list.map((listed) => word(of(listed) ?? 0));
  book.list("in", of, (v, list) => list.includes(v), (list) => oneOf(words(list)));
  book.list("not_in", of, (v, list) => !list.includes(v), (list) => notOneOf(words(list)));
  return book.test((value) => value === 0);
}

function asNumber(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** Nanoseconds of a Duration or Timestamp as it is written beside a field. */
function asNanos(value: unknown): number | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { seconds = 0, nanos = 0 } = value as { seconds?: number; nanos?: number };
  return seconds * 1e9 + nanos;
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
  // What is no number is on no side of a bound, and so breaks none.
  const isAbove = (v: number) => gt !== undefined ? !(v <= gt) : gte === undefined || !(v < gte);
  const isBelow = (v: number) => lt !== undefined ? !(v >= lt) : lte === undefined || !(v > lte);
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
