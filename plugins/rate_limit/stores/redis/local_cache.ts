import type { CountingSpec } from "../../decision/counting.ts";

/**
 * Keys of which no hit can pass for a while, whatever happens elsewhere, so that nobody has to be asked
 * of them. With room for so many keys; when it is full, the oldest goes. It holds for the numbers of
 * the limit alone: when these change, what is over by one may pass by the other.
 */
export class LocalCache {
  readonly #shut = new Map<string, Shut>();
  readonly #room: number;
  readonly #now: () => number;

  /** @param now milliseconds, never going back */
  constructor(room: number, now: () => number) {
    this.#room = room;
    this.#now = now;
  }

  /** Milliseconds for which the key is shut yet; 0 when it is not, as far as is known. */
  shutMs(key: string, { requestsPerUnit, burst }: Numbers): number {
    const shut = this.#shut.get(key);
    if (shut === undefined) return 0;
    const leftMs = shut.until - this.#now();
    if (leftMs <= 0) this.#shut.delete(key);
    else if (shut.requestsPerUnit === requestsPerUnit && shut.burst === burst) return leftMs;
    return 0;
  }

  /** Keeps in mind that a key is shut for so long. */
  shut(key: string, forMs: number, { requestsPerUnit, burst }: Numbers): void {
    if (this.#room === 0) return;
    this.#shut.delete(key);
    if (this.#shut.size >= this.#room) {
      const [oldest] = this.#shut.keys().take(1);
      if (oldest !== undefined) this.#shut.delete(oldest);
    }
    this.#shut.set(key, { until: this.#now() + forMs, requestsPerUnit, burst });
  }

  /** A hit may pass again, since some were given back. */
  open(key: string): void {
    this.#shut.delete(key);
  }

  /** How many keys it holds. */
  get size(): number {
    return this.#shut.size;
  }
}

type Numbers = Pick<CountingSpec, "requestsPerUnit" | "burst">;

interface Shut extends Numbers {
  readonly until: number;
}
