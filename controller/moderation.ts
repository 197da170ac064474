import type { Clock } from "./kube/mod.ts";

/**
 * Keeps one who is often in the news from filling the log: of each topic a few words are told at
 * once, then one now and then, which says how many were not. The last word on a topic is always
 * told, if late. Ends with the signal: then nothing more is told.
 */
export class Moderation {
  readonly #clock: Pick<Clock, "monotonic" | "after">;
  /** Those which were in the news last stand last. */
  readonly #topics = new Map<string, Topic>();
  /** Topics with a word that waits, the one that waits longest first. */
  readonly #waiting = new Set<string>();
  /** Takes the timer back. Absent: nothing waits. */
  #cancel: (() => void) | undefined;
  #isOver = false;

  constructor(clock: Pick<Clock, "monotonic" | "after">, signal: AbortSignal) {
    this.#clock = clock;
    signal.addEventListener("abort", () => this.#end(), { once: true });
  }

  /**
   * Has `say` called with the number of words that were left out since the last one that was told:
   * at once, or in some seconds unless another word on the topic takes its place. `lines` is how many
   * the word has.
   */
  tell(topic: string, say: Say, lines = 1): void {
    if (this.#isOver) return;
    const now = this.#clock.monotonic();
    const known = this.#topics.get(topic) ?? { credit: burst, atMs: now, untold: 0 };
    this.#topics.delete(topic);
    this.#topics.set(topic, known);
    this.#forgetOldest();
    if (known.waiting !== undefined) known.untold++;
    known.waiting = say;
    known.lines = lines;
    if (creditAt(known, now) >= 1) this.#tellNow(topic, known, now);
    else this.#waiting.add(topic);
    this.#setTimer();
  }

  /** The word that waits on a topic, if there is one, has become untrue. */
  takeBack(topic: string): void {
    const known = this.#topics.get(topic);
    if (known?.waiting === undefined) return;
    delete known.waiting;
    known.untold++;
    this.#waiting.delete(topic);
  }

  #tellNow(topic: string, known: Topic, now: number): void {
    const { waiting, lines = 1, untold } = known;
    known.credit = Math.max(0, creditAt(known, now) - lines);
    known.atMs = now;
    known.untold = 0;
    delete known.waiting;
    this.#waiting.delete(topic);
    waiting?.(untold);
  }

  #forgetOldest(): void {
    const [oldest] = this.#topics;
    if (this.#topics.size <= mostTopics || oldest === undefined) return;
    const [topic, known] = oldest;
    if (known.waiting !== undefined) this.#tellNow(topic, known, this.#clock.monotonic());
    this.#topics.delete(topic);
  }

  /** One timer for all, which looks now and then whose turn it is. */
  #setTimer(): void {
    if (this.#cancel !== undefined || this.#waiting.size === 0) return;
    this.#cancel = this.#clock.after(lookMs, () => {
      this.#cancel = undefined;
      const now = this.#clock.monotonic();
      for (const topic of [...this.#waiting]) {
        const known = this.#topics.get(topic);
        if (known !== undefined && creditAt(known, now) >= 1) this.#tellNow(topic, known, now);
      }
      this.#setTimer();
    });
  }

  #end(): void {
    this.#isOver = true;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#topics.clear();
    this.#waiting.clear();
  }
}

/** Says something; `untold` words on the same topic were not. */
export type Say = (untold: number) => void;

interface Topic {
  /** Words that could be told at {@link atMs}. */
  credit: number;
  atMs: number;
  untold: number;
  /** The last word, as long as it is not told. */
  waiting?: Say;
  lines?: number;
}

function creditAt({ credit, atMs }: Topic, nowMs: number): number {
  return Math.min(burst, credit + (nowMs - atMs) / everyMs);
}

/** Lines on one topic that are told however close together they come. */
const burst = 20;

/** Beyond that one word in so many milliseconds. */
const everyMs = 5_000;

/** How late that may be. */
const lookMs = 1_000;

/** Topics of which it is remembered what was told. */
const mostTopics = 10_000;
