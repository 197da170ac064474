import type { Counter, CountingSpec, Outcome } from "./counting.ts";

/**
 * The generic cell rate algorithm in its form as a leaky bucket, which decides as the form with
 * arrival times does (ITU-T I.371, annex A): hits fill the bucket, and it leaks the limit in each
 * window. Hits pass while they fit; those that do not are not counted. In any window at most
 * limit + burst pass.
 *
 * The level is in hits times milliseconds, so that all of it is whole numbers, and exact up to 2^53.
 */
export function gcra(
  counter: Counter,
  { windowMs, requestsPerUnit: limit, burst }: CountingSpec,
  hits: number,
  nowMs: number,
): Outcome {
  const capacity = burst * windowMs;
  const passedMs = Math.max(0, nowMs - counter.at);
  const level = Math.max(0, counter.level - passedMs * limit);
  const next = Math.max(0, level + hits * windowMs);
  const isOver = hits > 0 && next > capacity;
  counter.level = isOver ? level : next;
  counter.at = Math.max(counter.at, nowMs);
  counter.expiresAt = counter.at + inMs(counter.level, limit, windowMs);
  // The counter may be ahead of a clock that went back.
  const aheadMs = counter.at - nowMs;
  const tooMuch = counter.level + windowMs - capacity;
  const shutMs = tooMuch > 0 ? aheadMs + inMs(tooMuch, limit, windowMs) : 0;
  if (isOver) {
    const resetMs = hits > burst ? windowMs : aheadMs + inMs(next - capacity, limit, windowMs);
    return { isOver, before: burst, after: burst + hits, remaining: 0, resetMs, shutMs };
  }
  return {
    isOver,
    before: Math.ceil(level / windowMs),
    after: Math.ceil(next / windowMs),
    remaining: Math.max(0, Math.floor((capacity - next) / windowMs)),
    resetMs: aheadMs + inMs(next, limit, windowMs),
    shutMs,
  };
}

/** How long so much takes to leak, in whole milliseconds: a window, where nothing ever does. */
function inMs(level: number, limit: number, windowMs: number): number {
  return limit === 0 ? windowMs : Math.ceil(level / limit);
}
