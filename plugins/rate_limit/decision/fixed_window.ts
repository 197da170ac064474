import type { Counter, CountingSpec, Outcome } from "./counting.ts";

/**
 * The reference's counting: windows begin at whole multiples of their length since 1970, and hits that
 * are refused count too. Up to twice the limit passes around the end of a window.
 */
export function fixedWindow(
  counter: Counter,
  { windowMs, requestsPerUnit: limit }: CountingSpec,
  hits: number,
  nowMs: number,
): Outcome {
  const start = Math.floor(nowMs / windowMs) * windowMs;
  // A clock that went back does not bring back a window.
  if (start > counter.at) {
    counter.at = start;
    counter.level = 0;
  }
  const before = counter.level;
  const after = Math.max(0, before + hits);
  counter.level = after;
  counter.expiresAt = counter.at + windowMs;
  const resetMs = counter.expiresAt - nowMs;
  const isOver = hits >= 0 && after > limit;
  return {
    isOver,
    before,
    after,
    remaining: Math.max(0, limit - after),
    resetMs,
    shutMs: after >= limit ? resetMs : 0,
  };
}
