import type { FeedChange, Json } from "../plugin/mod.ts";

/** Changes for one reader. What was not fetched yet is merged into one. */
export class FeedQueue implements AsyncIterable<FeedChange> {
  readonly #signal: AbortSignal;
  #changed = new Map<string, Json>();
  #removed = new Set<string>();
  #wake = Promise.withResolvers<void>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#wake.resolve(), { once: true });
  }

  /** Something changed. */
  push({ changed, removed }: FeedChange): void {
    for (const key of removed) {
      this.#changed.delete(key);
      this.#removed.add(key);
    }
    for (const [key, value] of changed) {
      this.#removed.delete(key);
      this.#changed.set(key, value);
    }
    this.#wake.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FeedChange> {
    for (;;) {
      await this.#wake.promise;
      if (this.#signal.aborted) return;
      this.#wake = Promise.withResolvers();
      this.#signal.addEventListener("abort", () => this.#wake.resolve(), { once: true });
      const change = { changed: this.#changed, removed: [...this.#removed] };
      this.#changed = new Map();
      this.#removed = new Set();
      if (change.changed.size + change.removed.length > 0) yield change;
    }
  }
}
