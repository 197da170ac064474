import type { AlgorithmName } from "../configuration/schema.ts";
import type { CountingSpec, Outcome } from "../decision/counting.ts";

/** Where counters are kept. */
export interface Store {
  /** For metrics and health: `memory`, `redis`. */
  readonly kind: string;
  /**
   * Counts hits, each on its own counter, and answers in the same order: at once, where that is
   * possible. Rejects with a {@link StoreFailure} when the counters cannot be reached; then some of
   * the hits may have been counted.
   */
  readonly count: (hits: readonly Hit[]) => readonly Outcome[] | Promise<readonly Outcome[]>;
  /** Whether counters can be reached at this moment, as far as is known. */
  readonly isUp: () => boolean;
  /** What is worth a metric. */
  readonly report: () => StoreReport;
  /** Lets go of connections. */
  readonly close: () => Promise<void>;
}

/** Hits on one counter. */
export interface Hit {
  /** The same for the same counter. */
  readonly key: string;
  readonly spec: CountingSpec;
  /** Below zero, they are given back. */
  readonly hits: number;
}

/** Facts of a store. */
export interface StoreReport {
  /** Counters held in this process. */
  readonly counters: number;
  /** Counters thrown away before their time, for want of room. */
  readonly evicted: number;
}

/** The counters could not be reached. */
export class StoreFailure extends Error {
  override readonly name = "StoreFailure";
}

/**
 * A key for the counter of a limit, among all counters there are: what is counted in another way is
 * another counter.
 */
export function storeKey({ key, spec }: Hit): string {
  return `${algorithmLetters[spec.algorithm]}${spec.windowMs}|${key}`;
}

/** The letter of an algorithm: what is kept has another form for each. */
export const algorithmLetters: Readonly<Record<AlgorithmName, string>> = {
  gcra: "g",
  fixed_window: "f",
  sliding_window: "s",
  concurrency: "c",
};
