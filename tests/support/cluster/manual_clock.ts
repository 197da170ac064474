/** A clock that goes on when it is told to. */
export class ManualClock {
  #now = 0;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  /** The epoch of {@link now}. */
  readonly #epoch = Date.UTC(2026, 0, 1);

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#epoch + this.#now;
  }

  /** Milliseconds since the clock was made. */
  monotonic(): number {
    return this.#now;
  }

  /** Calls back when the time has come, unless taken back. */
  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Goes on by so much; whatever falls due happens in its order, with all that follows from it. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settled();
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = end;
    await settled();
  }
}

/** Lets everything happen that needs no time and no network. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}
