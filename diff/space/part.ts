import { literalMachine } from "../strings/literal_machine.ts";
import type { Machine } from "../strings/machine.ts";
import { textClasses } from "../strings/partition.ts";
import { anything, literalRegex, parseRegex, type Regex } from "../strings/regex_syntax.ts";
import { regexMachine } from "../strings/regex_machine.ts";
import { type Condition, holds, type TextTest } from "./condition.ts";

/** What a part of a request can be. */
export type Domain =
  | { readonly kind: "listed"; readonly values: readonly string[] }
  /** Texts that a pattern allows; `optional`: it may be absent as well. */
  | {
    readonly kind: "texts";
    readonly pattern: string;
    /** Texts that are none of it although the pattern allows them. */
    readonly without?: string;
    readonly optional: boolean;
  };

/** Values of a part for which the same tests hold. */
export interface ValueClass {
  /** Indexes of the tests. */
  readonly holds: ReadonlySet<number>;
  /** Some of the values; `undefined` for absence; at least one. */
  readonly samples: readonly (string | undefined)[];
}

/** The tests of a part, each once. */
export class Tests {
  readonly list: TextTest[] = [];
  readonly #ids = new Map<string, number>();

  /** The index of a test. */
  id(test: TextTest): number {
    const key = `${test.kind} ${test.ignoreCase} ${test.text}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#ids.set(key, this.list.length);
    return this.list.push(test) - 1;
  }
}

/**
 * The values of a part, parted by which tests hold. Every class that has a value is there. Throws a
 * `TooManyStates` or an `UnsupportedRegex` where that cannot be found out.
 */
export function valueClasses(
  domain: Domain,
  tests: readonly TextTest[],
  limit: number,
): readonly ValueClass[] {
  switch (domain.kind) {
    case "listed": {
      const classes = new Map<string, { holds: ReadonlySet<number>; samples: string[] }>();
      for (const value of domain.values) {
        const held = tests.flatMap((test, id) => holds(test, value) ? [id] : []);
        const found = classes.get(held.join());
        if (found === undefined) {
          classes.set(held.join(), { holds: new Set(held), samples: [value] });
        } else found.samples.push(value);
      }
      return [...classes.values()];
    }
    case "texts": {
      const excluded = tests.length;
      const base = regexMachine([{ regex: parseRegex(domain.pattern), id: 0 }]);
      const without = domain.without === undefined
        ? []
        : [{ regex: parseRegex(domain.without), id: excluded }];
      const classes = textClasses(base, machines(tests, without), limit)
        .filter(({ holds }) => !holds.has(excluded));
      return [
        ...(domain.optional ? [absent] : []),
        ...classes.map(({ holds, samples }) => ({
          holds,
          // An empty value is a rare thing to send.
          samples: [...samples.filter((text) => text !== ""), ...samples.filter((t) => t === "")],
        })),
      ];
    }
  }
}

/** The class of what is not there. */
const absent: ValueClass = { holds: new Set(), samples: [undefined] };

/** Whether a condition holds for the values of a class; `test` is the index of its test. */
export function meets(
  { invert, whenAbsent }: Condition,
  test: number | undefined,
  { holds, samples }: ValueClass,
): boolean {
  if (samples[0] === undefined) return whenAbsent;
  return (test === undefined || holds.has(test)) !== invert;
}

function machines(
  tests: readonly TextTest[],
  others: readonly { readonly regex: Regex; readonly id: number }[],
): readonly Machine[] {
  const literals = tests.flatMap(({ kind, text, ignoreCase }, id) =>
    !ignoreCase && (kind === "exact" || kind === "prefix" || kind === "segments")
      ? [{ kind, text, id }]
      : []
  );
  const known = new Set(literals.map(({ id }) => id));
  const regexes = tests.flatMap((test, id) => known.has(id) ? [] : [{ regex: regexOf(test), id }]);
  return [literalMachine(literals), regexMachine([...regexes, ...others])];
}

function regexOf({ kind, text, ignoreCase }: TextTest): Regex {
  if (kind === "regex") return parseRegex(text);
  const literal = literalRegex(text, { ignoreCase });
  const sequence = (...parts: readonly Regex[]): Regex => ({ kind: "sequence", parts });
  switch (kind) {
    case "exact":
      return literal;
    case "prefix":
      return sequence(literal, anything);
    case "segments":
      return {
        kind: "choice",
        parts: [literal, sequence(literal, literalRegex("/"), anything)],
      };
    case "suffix":
      return sequence(anything, literal);
    case "contains":
      return sequence(anything, literal, anything);
  }
}
