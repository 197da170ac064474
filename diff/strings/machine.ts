import type { CharSet } from "./char_set.ts";

/**
 * A deterministic automaton that reads a text from left to right and says at each place which of
 * several predicates would hold if the text ended there. States are made as they are reached.
 */
export interface Machine {
  readonly start: number;
  /** The state behind a character, given by its index in the alphabet. */
  step(state: number, symbol: number): number;
  /** Ids of the predicates that hold of the text read so far; equal lists for equal states. */
  holds(state: number): readonly number[];
  /** Whether nothing that follows can make any predicate hold. */
  isDead(state: number): boolean;
  /** Whether what follows makes no difference any more. */
  isSettled(state: number): boolean;
  /** The sets of characters it tells apart. */
  readonly sets: readonly CharSet[];
}

/** More states, or instructions, than are worth the wait. */
export class TooManyStates extends Error {
  override readonly name = "TooManyStates";
}
