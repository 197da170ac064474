import type { Counter, CountingSpec, Outcome } from "./counting.ts";
import { forgetBefore, remember, slotMs } from "./sliding_window.ts";

/**
 * How many requests are under way at once. The protocol has a signal for their end since Envoy 1.38:
 * hits that are negative, of a descriptor that is asked for when the stream is done. Requests that are
 * refused end too, so they are counted like the others for as long as they last. A request whose end
 * is never told is forgotten after the unit of the limit.
 */
export function concurrency(
  counter: Counter,
  { windowMs, requestsPerUnit: limit }: CountingSpec,
  hits: number,
  nowMs: number,
): Outcome {
  const log = counter.log ??= [];
  forgetBefore(counter, nowMs - windowMs);
  const before = counter.level;
  if (hits > 0) remember(counter, hits, nowMs, slotMs(windowMs));
  else if (hits < 0) takeOldest(counter, -hits);
  counter.expiresAt = (log[log.length - 2] ?? nowMs - windowMs) + windowMs;
  const after = counter.level;
  const isOver = hits >= 0 && after > limit;
  const remaining = Math.max(0, limit - after);
  // When a request ends nobody knows: one may at any time.
  return { isOver, before, after, remaining, resetMs: after === 0 ? 0 : endsInMs, shutMs: 0 };
}

/** What is told of when to come again. */
const endsInMs = 1_000;

function takeOldest(counter: Counter, hits: number): void {
  const log = counter.log ?? [];
  let left = hits;
  let gone = 0;
  while (left > 0 && gone < log.length) {
    const there = log[gone + 1] ?? 0;
    const taken = Math.min(there, left);
    left -= taken;
    counter.level -= taken;
    if (taken === there) gone += 2;
    else log[gone + 1] = there - taken;
  }
  if (gone > 0) log.splice(0, gone);
}
