/**
 * How long to wait before the next attempt: twice as long each time up to a limit, and never by
 * the same beat as others who failed at the same moment.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  #attempts = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** The next delay in milliseconds. */
  next(): number {
    const { firstMs, mostMs, random } = this.#options;
    const ceiling = Math.min(mostMs, firstMs * 2 ** Math.min(this.#attempts, 30));
    this.#attempts++;
    return ceiling * (0.5 + random() / 2);
  }

  /** It worked: the next failure is a first one. */
  reset(): void {
    this.#attempts = 0;
  }
}

/** See {@link Backoff}. */
export interface BackoffOptions {
  readonly firstMs: number;
  readonly mostMs: number;
  /** At least 0, below 1. */
  readonly random: () => number;
}
