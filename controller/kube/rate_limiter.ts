import { type Clock, sleep } from "./clock.ts";

/**
 * Lets `burst` requests pass at once and `qps` a second in the long run; the rest wait in line.
 * See https://kubernetes.io/docs/reference/config-api/apiserver-config.v1/ for what the server
 * does by itself: priority and fairness, which is why nothing is limited unless asked for.
 */
export class RateLimiter {
  readonly #options: RateLimit;
  readonly #clock: Clock;
  /** When the bucket would be full, as if time went on without requests. */
  #fullAt = 0;

  constructor(options: RateLimit, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Resolves when it is the caller's turn, or the signal aborts. */
  async pass(signal: AbortSignal): Promise<void> {
    const { qps, burst } = this.#options;
    const now = this.#clock.monotonic();
    const eachMs = 1_000 / qps;
    this.#fullAt = Math.max(this.#fullAt, now) + eachMs;
    const waitMs = this.#fullAt - now - burst * eachMs;
    if (waitMs > 0) await sleep(this.#clock, waitMs, signal);
  }
}

/** Both above zero. */
export interface RateLimit {
  readonly qps: number;
  readonly burst: number;
}

/**
 * The limit that `--kubernetes-client-qps` and `--kubernetes-client-burst` ask for; none when both
 * are left out or zero, since the server itself shares its time fairly. (Contour takes 5 and 10
 * then, as its client library does; we take that for the one that is left out.)
 */
export function rateLimit(qps: number | undefined, burst: number | undefined) {
  const given = (value: number | undefined) => value !== undefined && value > 0;
  if (!given(qps) && !given(burst)) return undefined;
  return { qps: given(qps) ? qps ?? 5 : 5, burst: given(burst) ? burst ?? 10 : 10 };
}
