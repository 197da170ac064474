/** Events in the order they happened, for one loop that works through them. */
export class EventQueue<Event> implements AsyncIterable<Event> {
  #events: Event[] = [];
  #wake: (() => void) | undefined;
  #closed = false;

  /** Adds an event; after the end it is dropped. */
  push(event: Event): void {
    if (this.#closed) return;
    this.#events.push(event);
    this.#wake?.();
  }

  /** Takes out of the order of things those that wait and are of some kind. */
  takeAhead<Ahead extends Event>(isAhead: (event: Event) => event is Ahead): readonly Ahead[] {
    const ahead = this.#events.filter(isAhead);
    if (ahead.length > 0) this.#events = this.#events.filter((event) => !isAhead(event));
    return ahead;
  }

  /** Ends the loop once it has worked through what is there. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** All that waits, at least one, as one batch: a burst costs one pass of the loop. */
  async *batches(): AsyncIterable<readonly Event[]> {
    for (;;) {
      if (this.#events.length > 0) {
        const batch = this.#events;
        this.#events = [];
        yield batch;
      } else if (this.#closed) return;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Event> {
    for await (const batch of this.batches()) yield* batch;
  }
}
