/**
 * Keeps one who is often in the news from filling the log: of each topic a few lines are told at
 * once, then one now and then, which says how many were not.
 */
export class Moderation {
  readonly #topics = new Map<string, Topic>();

  /** Whether a line on the topic is told at `nowMs`, and how many were not since the last that was. */
  admit(topic: string, nowMs: number): { readonly isTold: boolean; readonly untold: number } {
    const known = this.#topics.get(topic) ?? { credit: burst, atMs: nowMs, untold: 0 };
    // Those which were in the news last stand last.
    this.#topics.delete(topic);
    this.#topics.set(topic, known);
    const [oldest] = this.#topics.keys();
    if (this.#topics.size > mostTopics && oldest !== undefined) this.#topics.delete(oldest);
    known.credit = Math.min(burst, known.credit + (nowMs - known.atMs) / everyMs);
    known.atMs = nowMs;
    if (known.credit < 1) {
      known.untold++;
      return { isTold: false, untold: known.untold };
    }
    known.credit--;
    const { untold } = known;
    known.untold = 0;
    return { isTold: true, untold };
  }
}

interface Topic {
  /** Lines that may be told now. */
  credit: number;
  atMs: number;
  untold: number;
}

/** Lines on one topic that are told however close together they come. */
const burst = 20;

/** Beyond that one in so many milliseconds. */
const everyMs = 5_000;

/** Topics of which it is remembered what was told. */
const mostTopics = 10_000;
