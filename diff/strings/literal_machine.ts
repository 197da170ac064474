import { type CharSet, firstCode, setOf } from "./char_set.ts";
import type { Machine } from "./machine.ts";

/** A comparison with a text from its beginning. `segments`: the text itself, or it and a slash. */
export interface Literal {
  readonly kind: "exact" | "prefix" | "segments";
  readonly text: string;
  readonly id: number;
}

/** One automaton for any number of such comparisons: a tree of their beginnings. */
export function literalMachine(literals: readonly Literal[]): Machine {
  return new LiteralMachine(literals);
}

interface Node {
  readonly children: Map<number, Node>;
  readonly literals: Literal[];
}

interface State {
  /** Absent: no text goes on this way. */
  readonly node: Node | undefined;
  /** What holds whatever follows. */
  readonly settled: readonly number[];
  /** What holds if the text ends here. */
  readonly holds: readonly number[];
}

class LiteralMachine implements Machine {
  readonly start: number;
  readonly sets: readonly CharSet[];
  readonly #states: State[] = [];
  /** States off the tree, by what is settled. */
  readonly #off = new Map<string, number>();
  /** States on the tree, by node and what is settled, which is the same for all ways to a node. */
  readonly #on = new Map<Node, number>();

  constructor(literals: readonly Literal[]) {
    const root = node();
    const chars = new Set<string>("/");
    for (const literal of literals) {
      // A text with other characters is never met.
      if (/[^ -~]/.test(literal.text)) continue;
      let at = root;
      for (const char of literal.text) {
        chars.add(char);
        const symbol = char.charCodeAt(0) - firstCode;
        const next = at.children.get(symbol) ?? node();
        at.children.set(symbol, next);
        at = next;
      }
      at.literals.push(literal);
    }
    this.sets = [...chars].map((char) => setOf(char));
    this.start = this.#enter(root, []);
  }

  step(state: number, symbol: number): number {
    const { node, settled } = this.#state(state);
    if (node === undefined) return state;
    const isSlash = symbol === slash;
    const ended = node.literals.filter(({ kind }) => kind === "segments" && isSlash)
      .map(({ id }) => id);
    const now = ended.length === 0 ? settled : [...settled, ...ended];
    const next = node.children.get(symbol);
    return next === undefined ? this.#leave(now) : this.#on.get(next) ?? this.#enter(next, now);
  }

  holds(state: number): readonly number[] {
    return this.#state(state).holds;
  }

  isDead(state: number): boolean {
    const { node, holds } = this.#state(state);
    return node === undefined && holds.length === 0;
  }

  isSettled(state: number): boolean {
    return this.#state(state).node === undefined;
  }

  #state(state: number): State {
    const found = this.#states[state];
    if (found === undefined) throw new RangeError(`No state ${state}`);
    return found;
  }

  #enter(node: Node, before: readonly number[]): number {
    const prefixes = node.literals.filter(({ kind }) => kind === "prefix").map(({ id }) => id);
    const ends = node.literals.filter(({ kind }) => kind !== "prefix").map(({ id }) => id);
    const settled = prefixes.length === 0 ? before : [...before, ...prefixes];
    const holds = ends.length === 0 ? settled : [...settled, ...ends];
    const state = this.#add({ node, settled, holds });
    this.#on.set(node, state);
    return state;
  }

  #leave(settled: readonly number[]): number {
    const key = settled.join();
    const known = this.#off.get(key);
    if (known !== undefined) return known;
    const state = this.#add({ node: undefined, settled, holds: settled });
    this.#off.set(key, state);
    return state;
  }

  #add(state: State): number {
    this.#states.push(state);
    return this.#states.length - 1;
  }
}

function node(): Node {
  return { children: new Map(), literals: [] };
}

const slash = "/".charCodeAt(0) - firstCode;
