import { alphabetSize, firstCode, pleasantOrder } from "./char_set.ts";
import { type Machine, TooManyStates } from "./machine.ts";

/** Texts of which the same predicates hold. */
export interface TextClass {
  /** Ids of the predicates. */
  readonly holds: ReadonlySet<number>;
  /** Some of the texts, the shortest first; at least one. */
  readonly samples: readonly string[];
}

/**
 * Parts the texts that `base` allows into those of which the same predicates hold: every class that
 * has a text at all, each once. Runs all automata at once over every text, breadth first. Throws
 * {@link TooManyStates} when they have more states together than `limit`.
 */
export function textClasses(
  base: Machine,
  machines: readonly Machine[],
  limit: number,
): readonly TextClass[] {
  const all = [base, ...machines];
  const symbols = differentSymbols(all);
  const found: Found = new Map();
  const states: (readonly number[])[] = [all.map(({ start }) => start)];
  const texts = [""];
  const known = new Set([key(states[0] ?? [])]);
  for (let at = 0; at < states.length; at++) {
    const state = states[at] ?? [];
    const text = texts[at] ?? "";
    const isSettled = machines.every((machine, i) => machine.isSettled(state[i + 1] ?? 0));
    // Once nothing makes a difference any more, some examples are all there is to find.
    if (isSettled && enough(found, machines, state)) continue;
    if (base.holds(state[0] ?? 0).length > 0) note(found, machines, state, text);
    for (const symbol of symbols) {
      const first = base.step(state[0] ?? 0, symbol);
      if (base.isDead(first)) continue;
      const next = all.map((machine, i) => i === 0 ? first : machine.step(state[i] ?? 0, symbol));
      const id = key(next);
      if (known.has(id)) continue;
      if (states.length >= limit) throw new TooManyStates("Conditions have too many states");
      known.add(id);
      states.push(next);
      texts.push(text + String.fromCharCode(symbol + firstCode));
    }
  }
  return [...found.values()];
}

const mostSamples = 4;

type Found = Map<string, { readonly holds: ReadonlySet<number>; readonly samples: string[] }>;

/** Whether the class of a state has examples enough. */
function enough(found: Found, machines: readonly Machine[], state: readonly number[]): boolean {
  const { samples } = found.get(idOf(holding(machines, state))) ?? { samples: [] };
  return samples.length > 1;
}

function holding(machines: readonly Machine[], state: readonly number[]): readonly number[] {
  return machines.flatMap((machine, i) => machine.holds(state[i + 1] ?? 0));
}

function idOf(holds: readonly number[]): string {
  return holds.toSorted((a, b) => a - b).join();
}

function note(
  found: Found,
  machines: readonly Machine[],
  state: readonly number[],
  text: string,
): void {
  const holds = holding(machines, state);
  const id = idOf(holds);
  const before = found.get(id);
  if (before === undefined) found.set(id, { holds: new Set(holds), samples: [text] });
  else if (before.samples.length < mostSamples) before.samples.push(text);
}

function key(state: readonly number[]): string {
  return state.join();
}

/** One character of each kind that some automaton tells from others. */
function differentSymbols(machines: readonly Machine[]): readonly number[] {
  const kinds = new Int32Array(alphabetSize);
  let count = 1;
  const seen = new Set<string>();
  for (const { sets } of machines) {
    for (const set of sets) {
      const text = set.join("");
      if (seen.has(text)) continue;
      seen.add(text);
      const parted = new Map<number, number>();
      for (const [symbol, isIn] of set.entries()) {
        const kind = kinds[symbol] ?? 0;
        if (!isIn) continue;
        const own = parted.get(kind) ?? count++;
        parted.set(kind, own);
        kinds[symbol] = own;
      }
    }
  }
  const chosen = new Map<number, number>();
  for (const symbol of pleasantOrder) {
    const kind = kinds[symbol] ?? 0;
    if (!chosen.has(kind)) chosen.set(kind, symbol);
  }
  const order = new Map(pleasantOrder.map((symbol, i) => [symbol, i]));
  return [...chosen.values()].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
}
