import { setImmediate } from "node:timers";

/**
 * Runs long work in slices of a few milliseconds, so that streams and probes are answered between
 * them. Short work is done before this returns to the event loop.
 */
export async function inSlices<Result>(work: Generator<void, Result>): Promise<Result> {
  let sliceEnd = performance.now() + sliceMs;
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    if (performance.now() < sliceEnd) continue;
    // A timer would not come before a millisecond or two, and nothing would use them.
    await new Promise<void>((resolve) => setImmediate(() => resolve()));
    sliceEnd = performance.now() + sliceMs;
  }
}

const sliceMs = 5;
