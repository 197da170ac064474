/** Random limits, and random hits on them over hours of a clock that nobody waits for. */
import { type AlgorithmName, type CountingSpec, unitMs, units } from "../mod.ts";
import type { Random } from "../../../tests/support/world.ts";

/** A limit of an algorithm. */
export function randomSpec(random: Random, algorithm: AlgorithmName): CountingSpec {
  const unit = random.of(units.slice(0, 4));
  const requestsPerUnit = random.of([0, 1, 2, 3, 7, 10, 60, 100, 128, 129, 500, 1_000, 86_399]);
  const burst = requestsPerUnit === 0
    ? 0
    : random.of([requestsPerUnit, 1, Math.ceil(requestsPerUnit / 3), 2 * requestsPerUnit]);
  return { algorithm, requestsPerUnit, windowMs: unitMs[unit] * random.of([1, 1, 1, 5]), burst };
}

/** When, and how many. */
export interface TimedHits {
  readonly at: number;
  readonly hits: number;
}

/**
 * Hits as the worst of clients send them: all at once, right before and after windows change, just
 * when something should be free again, and then not at all for long.
 */
export function randomHits(random: Random, spec: CountingSpec, count: number): TimedHits[] {
  const { windowMs, requestsPerUnit } = spec;
  const steps = [
    0,
    0,
    0,
    1,
    Math.ceil(windowMs / Math.max(1, requestsPerUnit)),
    Math.floor(windowMs / Math.max(1, requestsPerUnit)),
    Math.ceil(windowMs / 128),
    windowMs - 1,
    windowMs,
    windowMs + 1,
  ];
  const large = Math.max(1, Math.ceil(requestsPerUnit / 4));
  let now = 1_700_000_000_000 + random.below(86_400_000);
  return Array.from({ length: count }, () => {
    const kind = random.below(10);
    if (kind < 6) now += random.of(steps);
    else if (kind < 8) now += random.below(windowMs);
    // To the end of a window, or right before it.
    else if (kind < 9) now += windowMs - now % windowMs - random.below(2);
    else now += random.below(3 * windowMs);
    const hits = random.of([1, 1, 1, 1, 2, large, large, requestsPerUnit, 0]);
    return { at: now, hits };
  });
}
