/**
 * Which paths to look at, and when. Looks that are due together run together, so a burst of events
 * becomes one piece of work, and a lone event runs at once.
 */
export class LookQueue {
  readonly #options: LookQueueOptions;
  readonly #waiting = new Map<string, Waiting>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;

  constructor(options: LookQueueOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", () => clearTimeout(this.#timer), { once: true });
  }

  /**
   * Puts a path on the list. An event moves a look that waits already: the file is being written,
   * and reading it half done would be no use. Other reasons leave it where it is.
   */
  plan(path: string, { inMs, reason, thorough }: Plan): void {
    const now = this.#options.now();
    const known = this.#waiting.get(path);
    const since = known?.since ?? now;
    const due = known === undefined
      ? now + inMs
      : reason === "event"
      ? Math.min(now + inMs, since + longestWaitMs)
      : known.due;
    this.#waiting.set(path, { since, due, thorough: thorough || (known?.thorough ?? false) });
    if (due <= now) this.#start();
    else this.#wake();
  }

  /** How many paths wait. */
  get size(): number {
    return this.#waiting.size;
  }

  #start(): void {
    if (this.#running || this.#options.signal.aborted) return;
    this.#running = true;
    // After what runs now: what is planned together is looked at together.
    Promise.resolve().then(() => this.#run()).then(() => {
      this.#running = false;
      this.#wake();
    }, this.#options.failed);
  }

  async #run(): Promise<void> {
    let begun = this.#options.now();
    for (let due = this.#takeDue(); due.length > 0; due = this.#takeDue()) {
      await inParallel(due, ([path, { thorough }]) => this.#options.look(path, thorough));
      if (this.#options.signal.aborted) return;
      const now = this.#options.now();
      const more = this.#waiting.values().some((look) => look.due <= now);
      if (more && now - begun < longestRunMs) continue;
      this.#options.looked();
      begun = now;
    }
  }

  #takeDue(): [path: string, look: Waiting][] {
    const now = this.#options.now();
    const due = [...this.#waiting].filter(([, look]) => look.due <= now);
    for (const [path] of due) this.#waiting.delete(path);
    return due;
  }

  #wake(): void {
    if (this.#running || this.#options.signal.aborted || this.#waiting.size === 0) return;
    let next = Infinity;
    for (const { due } of this.#waiting.values()) next = Math.min(next, due);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#start(), Math.max(0, next - this.#options.now()));
  }
}

/** Why and when to look at a path. */
export interface Plan {
  readonly inMs: number;
  readonly reason: "event" | "check";
  /** Read the file even if it seems the same; visit a folder with all beneath it. */
  readonly thorough: boolean;
}

/** The work behind a queue. */
export interface LookQueueOptions {
  /** Milliseconds, never going back. */
  readonly now: () => number;
  readonly look: (path: string, thorough: boolean) => Promise<void>;
  /** Called after looks that ran together, before what came up meanwhile. */
  readonly looked: () => void;
  /** A look threw, which it should not: the queue has stopped. */
  readonly failed: (error: unknown) => void;
  readonly signal: AbortSignal;
}

interface Waiting {
  readonly since: number;
  readonly due: number;
  readonly thorough: boolean;
}

/** While looks lead to looks at once, what was found is held back for so long. */
const longestRunMs = 50;

/** A file that is written to without a pause is read all the same after so long. */
const longestWaitMs = 500;

/** Enough to keep a disk busy, few enough not to run out of file descriptors. */
const parallel = 16;

async function inParallel<Item>(items: readonly Item[], act: (item: Item) => Promise<void>) {
  const rest = items.values();
  const work = async () => {
    for (const item of rest) await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, work));
}
