import type { Counter, CountingSpec, Outcome } from "./counting.ts";

/**
 * In no window of the length, wherever it begins, more hits pass than the limit. Hits that are
 * refused do not count.
 *
 * What passed is remembered with its time: exactly for limits up to {@link exactUpTo}, for larger
 * ones as if it came at the end of a slot of 1/128 of the window, so that the memory has bounds and
 * errors are on the safe side.
 */
export function slidingWindow(
  counter: Counter,
  { windowMs, requestsPerUnit: limit }: CountingSpec,
  hits: number,
  nowMs: number,
): Outcome {
  const log = counter.log ??= [];
  forgetBefore(counter, nowMs - windowMs);
  const before = counter.level;
  const isOver = hits > 0 && before + hits > limit;
  if (hits < 0) takeNewest(counter, -hits);
  else if (hits > 0 && !isOver) {
    remember(counter, hits, nowMs, limit <= exactUpTo ? 1 : slotMs(windowMs));
  }
  const newest = log[log.length - 2] ?? nowMs - windowMs;
  counter.expiresAt = newest + windowMs;
  const shutMs = counter.level < limit
    ? 0
    : limit === 0
    ? windowMs
    : untilFree(log, counter.level + 1 - limit, nowMs - windowMs);
  if (isOver) {
    const resetMs = hits > limit
      ? windowMs
      : untilFree(log, before + hits - limit, nowMs - windowMs);
    return { isOver, before: limit, after: limit + hits, remaining: 0, resetMs, shutMs };
  }
  const after = counter.level;
  const resetMs = counter.expiresAt - nowMs;
  return { isOver, before, after, remaining: limit - after, resetMs, shutMs };
}

/** Limits up to this are counted to the millisecond. */
export const exactUpTo = 128;

/** The length of a slot for larger limits. */
export function slotMs(windowMs: number): number {
  return Math.ceil(windowMs / 128);
}

/** Drops what came at or before a time. */
export function forgetBefore(counter: Counter, timeMs: number): void {
  const log = counter.log ?? [];
  let gone = 0;
  while (gone < log.length && (log[gone] ?? 0) <= timeMs) {
    counter.level -= log[gone + 1] ?? 0;
    gone += 2;
  }
  if (gone > 0) log.splice(0, gone);
}

/** Adds hits, as of the end of the slot they came in. */
export function remember(counter: Counter, hits: number, nowMs: number, slotMs: number): void {
  const log = counter.log ??= [];
  const newest = log[log.length - 2] ?? 0;
  const time = Math.max(newest, Math.ceil(nowMs / slotMs) * slotMs);
  if (time === newest && log.length > 0) log[log.length - 1] = (log[log.length - 1] ?? 0) + hits;
  else log.push(time, hits);
  counter.level += hits;
}

function takeNewest(counter: Counter, hits: number): void {
  const log = counter.log ?? [];
  let left = hits;
  while (left > 0 && log.length > 0) {
    const there = log[log.length - 1] ?? 0;
    const taken = Math.min(there, left);
    left -= taken;
    counter.level -= taken;
    if (taken === there) log.length -= 2;
    else log[log.length - 1] = there - taken;
  }
}

/** How long until so many hits have left, the oldest first. */
function untilFree(log: readonly number[], wanted: number, windowStart: number): number {
  let freed = 0;
  for (let i = 0; i < log.length; i += 2) {
    freed += log[i + 1] ?? 0;
    if (freed >= wanted) return (log[i] ?? 0) - windowStart;
  }
  return 0;
}
