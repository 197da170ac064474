/**
 * What the algorithms are to decide, once more and in another way: with whole numbers of any size, and
 * with everything that ever passed remembered. Slow, and plain enough to be believed.
 */
import type { CountingSpec } from "../mod.ts";

/** A limit that remembers everything. */
export interface Model {
  /** Whether hits pass at a time, which is counted if so. */
  readonly passes: (nowMs: number, hits: number) => boolean;
}

/** The model of a limit's algorithm. */
export function modelOf(spec: CountingSpec): Model {
  switch (spec.algorithm) {
    case "fixed_window":
      return fixedWindowModel(spec);
    case "gcra":
      return gcraModel(spec);
    case "sliding_window":
      return slidingLogModel(spec);
    case "concurrency":
      throw new TypeError("Concurrency has a model of its own");
  }
}

/** The reference's arithmetic: in whole seconds, a counter for each window. */
function fixedWindowModel({ windowMs, requestsPerUnit }: CountingSpec): Model {
  const counters = new Map<bigint, bigint>();
  return {
    passes(nowMs, hits) {
      const seconds = BigInt(Math.floor(nowMs / 1_000));
      const length = BigInt(windowMs / 1_000);
      const window = (seconds / length) * length;
      const count = (counters.get(window) ?? 0n) + BigInt(hits);
      counters.set(window, count);
      return count <= BigInt(requestsPerUnit);
    },
  };
}

/**
 * Virtual scheduling, with the theoretical time of arrival in milliseconds times the limit, so that the
 * interval of one hit is a whole number.
 */
function gcraModel({ windowMs, requestsPerUnit, burst }: CountingSpec): Model {
  const limit = BigInt(requestsPerUnit);
  const interval = BigInt(windowMs);
  const tolerance = BigInt(burst) * interval;
  let arrival = 0n;
  return {
    passes(nowMs, hits) {
      const now = BigInt(nowMs) * limit;
      const next = (arrival > now ? arrival : now) + BigInt(hits) * interval;
      if (hits > 0 && next - now > tolerance) return false;
      arrival = next;
      return true;
    },
  };
}

/** Every hit that passed, with its time. */
function slidingLogModel({ windowMs, requestsPerUnit }: CountingSpec): Model {
  const log: { readonly at: number; readonly hits: number }[] = [];
  return {
    passes(nowMs, hits) {
      const inWindow = log.filter(({ at }) => at > nowMs - windowMs)
        .reduce((sum, { hits }) => sum + hits, 0);
      if (hits > 0 && inWindow + hits > requestsPerUnit) return false;
      log.push({ at: nowMs, hits });
      return true;
    },
  };
}

/** The most hits that passed in any window of a length, wherever it begins. */
export function mostInAnyWindow(
  passed: readonly { readonly at: number; readonly hits: number }[],
  windowMs: number,
): number {
  let most = 0;
  let sum = 0;
  let first = 0;
  for (const { at, hits } of passed) {
    sum += hits;
    for (; (passed[first]?.at ?? at) <= at - windowMs; first++) sum -= passed[first]?.hits ?? 0;
    most = Math.max(most, sum);
  }
  return most;
}
