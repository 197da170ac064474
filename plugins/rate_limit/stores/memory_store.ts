import { count, type Counter, newCounter, type Outcome } from "../decision/counting.ts";
import { type Hit, type Store, storeKey } from "./store.ts";

/**
 * Counters in the memory of this process: exact, and gone with it. What has expired is cleared away in
 * passing; when there are too many counters all the same, the oldest go before their time.
 */
export class MemoryStore implements Store {
  readonly kind = "memory";
  readonly #counters = new Map<string, Counter>();
  readonly #now: () => number;
  readonly #maxCounters: number;
  #sweep: IterableIterator<[string, Counter]> | undefined;
  #evicted = 0;

  constructor({ now, maxCounters = defaultMaxCounters }: MemoryStoreOptions) {
    this.#now = now;
    this.#maxCounters = maxCounters;
  }

  count(hits: readonly Hit[]): readonly Outcome[] {
    const now = this.#now();
    const outcomes: Outcome[] = [];
    for (const hit of hits) outcomes.push(this.#count(hit, now));
    return outcomes;
  }

  isUp(): boolean {
    return true;
  }

  report(): { readonly counters: number; readonly evicted: number } {
    return { counters: this.#counters.size, evicted: this.#evicted };
  }

  close(): Promise<void> {
    this.#counters.clear();
    return Promise.resolve();
  }

  #count(hit: Hit, now: number): Outcome {
    const key = storeKey(hit);
    let counter = this.#counters.get(key);
    if (counter === undefined) {
      counter = newCounter();
      // Two for each that comes: so they are all looked at before their number has doubled.
      this.#clear(now, 2);
      this.#makeRoom();
      this.#counters.set(key, counter);
    }
    return count(counter, hit.spec, hit.hits, now);
  }

  #makeRoom(): void {
    if (this.#counters.size < this.#maxCounters) return;
    const [oldest] = this.#counters.keys().take(1);
    if (oldest === undefined) return;
    this.#counters.delete(oldest);
    this.#evicted++;
  }

  /** Looks at some counters, going round, and drops those that are as good as new. */
  #clear(now: number, steps: number): void {
    for (let i = 0; i < steps; i++) {
      this.#sweep ??= this.#counters.entries();
      const { done, value } = this.#sweep.next();
      if (done === true) {
        this.#sweep = undefined;
        return;
      }
      const [key, counter] = value;
      if (counter.expiresAt <= now) this.#counters.delete(key);
    }
  }
}

/** What a {@link MemoryStore} needs. */
export interface MemoryStoreOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Default: a million, of about 200 bytes each. */
  readonly maxCounters?: number;
}

const defaultMaxCounters = 1_000_000;
