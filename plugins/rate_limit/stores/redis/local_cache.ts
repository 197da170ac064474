/**
 * Keys of which no hit can pass for a while, whatever happens elsewhere, so that nobody has to be asked
 * of them. With room for so many keys; when it is full, the oldest goes.
 */
export class LocalCache {
  readonly #until = new Map<string, number>();
  readonly #room: number;
  readonly #now: () => number;

  /** @param now milliseconds, never going back */
  constructor(room: number, now: () => number) {
    this.#room = room;
    this.#now = now;
  }

  /** Milliseconds for which the key is shut yet; 0 when it is not, as far as is known. */
  shutMs(key: string): number {
    const until = this.#until.get(key);
    if (until === undefined) return 0;
    const leftMs = until - this.#now();
    if (leftMs > 0) return leftMs;
    this.#until.delete(key);
    return 0;
  }

  /** Keeps in mind that a key is shut for so long. */
  shut(key: string, forMs: number): void {
    if (this.#room === 0) return;
    this.#until.delete(key);
    if (this.#until.size >= this.#room) {
      const [oldest] = this.#until.keys().take(1);
      if (oldest !== undefined) this.#until.delete(oldest);
    }
    this.#until.set(key, this.#now() + forMs);
  }

  /** A hit may pass again, since some were given back. */
  open(key: string): void {
    this.#until.delete(key);
  }

  /** How many keys it holds. */
  get size(): number {
    return this.#until.size;
  }
}
