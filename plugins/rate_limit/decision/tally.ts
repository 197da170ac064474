import type { Outcome } from "./counting.ts";
import type { CountedLimit } from "./plan.ts";

/** What the hits on a limit came to so far; in hits, not requests. */
export interface Tally {
  totalHits: number;
  overLimit: number;
  nearLimit: number;
  withinLimit: number;
  overLimitWithLocalCache: number;
  shadowMode: number;
}

/** Nothing yet. */
export function newTally(): Tally {
  return {
    totalHits: 0,
    overLimit: 0,
    nearLimit: 0,
    withinLimit: 0,
    overLimitWithLocalCache: 0,
    shadowMode: 0,
  };
}

/**
 * Adds hits to a tally as the reference does: hits that cross the limit, or come near it, are split at
 * the line. What is given back counts as nothing.
 */
export function tell(
  tally: Tally,
  limit: CountedLimit,
  { isOver, before, after }: Pick<Outcome, "isOver" | "before" | "after">,
  hits: number,
  isFromLocalCache = false,
): void {
  if (hits < 0) return;
  tally.totalHits += hits;
  const whole = limit.algorithm === "gcra" ? limit.burst : limit.requestsPerUnit;
  if (!isOver) {
    tally.withinLimit += hits;
    if (after > limit.nearAbove) tally.nearLimit += Math.min(hits, after - limit.nearAbove);
    return;
  }
  const over = isFromLocalCache || before >= whole ? hits : after - whole;
  tally.overLimit += over;
  if (limit.isShadow) tally.shadowMode += over;
  if (isFromLocalCache) tally.overLimitWithLocalCache += hits;
  else if (before < whole) tally.nearLimit += whole - Math.max(limit.nearAbove, before);
}
