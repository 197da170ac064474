import type { CountedSpec } from "../configuration/compiled.ts";
import { concurrency } from "./concurrency.ts";
import { fixedWindow } from "./fixed_window.ts";
import { gcra } from "./gcra.ts";
import { slidingWindow } from "./sliding_window.ts";

/**
 * Counts hits against a limit, by its algorithm: the counter is changed in place, and nothing else is
 * looked at. Hits below zero give back what was taken before.
 */
export function count(counter: Counter, spec: CountingSpec, hits: number, nowMs: number): Outcome {
  switch (spec.algorithm) {
    case "fixed_window":
      return fixedWindow(counter, spec, hits, nowMs);
    case "gcra":
      return gcra(counter, spec, hits, nowMs);
    case "sliding_window":
      return slidingWindow(counter, spec, hits, nowMs);
    case "concurrency":
      return concurrency(counter, spec, hits, nowMs);
  }
}

/** The part of a limit that counting needs. */
export type CountingSpec = Pick<
  CountedSpec,
  "algorithm" | "requestsPerUnit" | "windowMs" | "burst"
>;

/**
 * What is remembered of one counter. What the numbers mean is the algorithm's; a new one is all zero.
 */
export interface Counter {
  /** Hits in the window, or what they come to. */
  level: number;
  /** When the window began, or the level was last seen; milliseconds since 1970. */
  at: number;
  /** By some algorithms: time and hits, in turn, the oldest first. */
  log: number[] | undefined;
  /** From when on the counter is as good as new. */
  expiresAt: number;
}

/** A counter that nothing was counted by. */
export function newCounter(): Counter {
  return { level: 0, at: 0, log: undefined, expiresAt: 0 };
}

/** What came of counting. */
export interface Outcome {
  readonly isOver: boolean;
  /** Hits that were used before, and with these. Of hits refused, `before` is at least the limit. */
  readonly before: number;
  readonly after: number;
  /** Hits that would still pass now; 0 when over. */
  readonly remaining: number;
  /**
   * Milliseconds until all of the limit is there again; for hits refused, until as many could pass.
   */
  readonly resetMs: number;
  /** Milliseconds for which no single hit can pass, whatever happens; 0 when one could now. */
  readonly shutMs: number;
  /** Told without asking a store, since it had said so before. */
  readonly isCached?: boolean;
}

/** How many hits a limit is about at most: what `remaining` counts down from. */
export function capacityOf({ algorithm, burst, requestsPerUnit }: CountingSpec): number {
  return algorithm === "gcra" ? burst : requestsPerUnit;
}
