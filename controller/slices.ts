import { setImmediate } from "node:timers";

/**
 * Runs long work in slices of a few milliseconds, so that streams and probes are answered between
 * them; `between` is called there too. Short work is done before this returns to the event loop.
 * After a step that could not be cut, and took long, others get more time: what came meanwhile takes
 * several turns of the event loop to be read.
 */
export async function inSlices<Result>(
  work: Generator<void, Result>,
  between: () => void = () => {},
): Promise<Result> {
  let begin = performance.now();
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    const took = performance.now() - begin;
    if (took < sliceMs) continue;
    // A timer would not come before a millisecond or two, and mostly nothing would use them.
    if (took < longMs) await new Promise<void>((resolve) => setImmediate(() => resolve()));
    else await new Promise((resolve) => setTimeout(resolve, Math.min(took / 4, mostPauseMs)));
    between();
    begin = performance.now();
  }
}

const sliceMs = 5;

/** From here on a slice has kept others waiting. */
const longMs = 20;

const mostPauseMs = 25;
