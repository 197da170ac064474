import { alphabetSize, type CharSet, wordChars } from "./char_set.ts";
import { type Machine, TooManyStates } from "./machine.ts";
import type { Assertion, Regex } from "./regex_syntax.ts";

/**
 * One automaton for any number of regular expressions: an id holds of the texts that its expression
 * matches as a whole. Throws {@link TooManyStates} when they are too large, at once or while it is
 * stepped through.
 */
export function regexMachine(
  regexes: readonly { readonly regex: Regex; readonly id: number }[],
): Machine {
  return new RegexMachine(program(regexes));
}

/** Whether a text is matched as a whole. */
export function matchesWhole(regex: Regex, text: string): boolean {
  const machine = regexMachine([{ regex, id: 0 }]);
  let state = machine.start;
  for (const char of text) {
    const symbol = char.charCodeAt(0) - 0x20;
    if (symbol < 0 || symbol >= alphabetSize) return false;
    state = machine.step(state, symbol);
  }
  return machine.holds(state).length > 0;
}

type Instruction =
  | { readonly kind: "chars"; readonly set: CharSet; next: number }
  | { readonly kind: "split"; readonly targets: number[] }
  | { readonly kind: "assert"; readonly what: Assertion; next: number }
  | { readonly kind: "match"; readonly id: number };

const mostInstructions = 20_000;
const mostStates = 20_000;

interface Program {
  readonly instructions: readonly Instruction[];
  readonly starts: readonly number[];
  readonly hasAssertions: boolean;
  readonly sets: readonly CharSet[];
}

/** Thompson's construction, from the end to the beginning. */
function program(
  regexes: readonly { readonly regex: Regex; readonly id: number }[],
): Program {
  const instructions: Instruction[] = [];
  const sets = new Set<CharSet>();
  let hasAssertions = false;
  const add = (instruction: Instruction): number => {
    if (instructions.length >= mostInstructions) throw new TooManyStates("Regex is too large");
    instructions.push(instruction);
    return instructions.length - 1;
  };
  /** The entry of what matches `part` and goes on at `next`. */
  const compile = (part: Regex, next: number): number => {
    switch (part.kind) {
      case "chars":
        sets.add(part.set);
        return add({ kind: "chars", set: part.set, next });
      case "assert":
        hasAssertions = true;
        if (part.what.includes("word")) sets.add(wordChars);
        return add({ kind: "assert", what: part.what, next });
      case "sequence":
        return part.parts.reduceRight((after, inner) => compile(inner, after), next);
      case "choice":
        return add({ kind: "split", targets: part.parts.map((inner) => compile(inner, next)) });
      case "repeat": {
        const { part: inner, minimum, maximum } = part;
        let entry = next;
        if (maximum === Infinity) {
          const targets = [next];
          entry = add({ kind: "split", targets });
          targets.push(compile(inner, entry));
        } else {
          for (let i = minimum; i < maximum; i++) {
            entry = add({ kind: "split", targets: [next, compile(inner, entry)] });
          }
        }
        for (let i = 0; i < minimum; i++) entry = compile(inner, entry);
        return entry;
      }
    }
  };
  const starts = regexes.map(({ regex, id }) => compile(regex, add({ kind: "match", id })));
  return { instructions, starts, hasAssertions, sets: [...sets] };
}

/** What stands before a place, or behind it. */
type Side = "nothing" | "word" | "other";

interface State {
  /** Instructions to go on at, before assertions are looked at. */
  readonly kernel: readonly number[];
  readonly before: Side;
  readonly next: Int32Array;
  holds: readonly number[] | undefined;
  isSettled: boolean | undefined;
}

class RegexMachine implements Machine {
  readonly start: number;
  readonly sets: readonly CharSet[];
  readonly #program: Program;
  readonly #states: State[] = [];
  readonly #byKey = new Map<string, number>();

  constructor(program: Program) {
    this.#program = program;
    this.sets = program.sets;
    this.start = this.#intern(program.starts, "nothing");
  }

  step(state: number, symbol: number): number {
    const from = this.#state(state);
    const known = from.next[symbol] ?? -1;
    if (known >= 0) return known;
    const side: Side = wordChars[symbol] ? "word" : "other";
    const kernel: number[] = [];
    for (const at of this.#closure(from, side)) {
      const instruction = this.#program.instructions[at];
      if (instruction?.kind === "chars" && instruction.set[symbol]) kernel.push(instruction.next);
    }
    const next = this.#intern(kernel, side);
    from.next[symbol] = next;
    return next;
  }

  holds(state: number): readonly number[] {
    const from = this.#state(state);
    from.holds ??= [...this.#closure(from, "nothing")].flatMap((at) => {
      const instruction = this.#program.instructions[at];
      return instruction?.kind === "match" ? [instruction.id] : [];
    }).sort((a, b) => a - b);
    return from.holds;
  }

  isDead(state: number): boolean {
    return this.#state(state).kernel.length === 0;
  }

  isSettled(state: number): boolean {
    const from = this.#state(state);
    from.isSettled ??= Array.from(
      { length: alphabetSize },
      (_, symbol) => this.step(state, symbol),
    ).every((next) => next === state);
    return from.isSettled;
  }

  #state(state: number): State {
    const found = this.#states[state];
    if (found === undefined) throw new RangeError(`No state ${state}`);
    return found;
  }

  #closure({ kernel, before }: State, after: Side): ReadonlySet<number> {
    const reached = new Set(kernel);
    for (const at of reached) {
      const instruction = this.#program.instructions[at];
      if (instruction?.kind === "split") instruction.targets.forEach((to) => reached.add(to));
      else if (instruction?.kind === "assert" && assertionHolds(instruction.what, before, after)) {
        reached.add(instruction.next);
      }
    }
    return reached;
  }

  #intern(kernel: readonly number[], side: Side): number {
    const sorted = [...new Set(kernel)].sort((a, b) => a - b);
    const before = this.#program.hasAssertions && sorted.length > 0 ? side : "other";
    const key = `${before[0]} ${sorted.join()}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    if (this.#states.length >= mostStates) throw new TooManyStates("Regex has too many states");
    const next = new Int32Array(alphabetSize).fill(-1);
    this.#states.push({ kernel: sorted, before, next, holds: undefined, isSettled: undefined });
    this.#byKey.set(key, this.#states.length - 1);
    return this.#states.length - 1;
  }
}

function assertionHolds(what: Assertion, before: Side, after: Side): boolean {
  switch (what) {
    case "begin":
      return before === "nothing";
    case "end":
      return after === "nothing";
    case "word-boundary":
      return (before === "word") !== (after === "word");
    case "no-word-boundary":
      return (before === "word") === (after === "word");
  }
}
