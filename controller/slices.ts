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
    await new Promise((resolve) => setTimeout(resolve, 0));
    sliceEnd = performance.now() + sliceMs;
  }
}

const sliceMs = 5;
