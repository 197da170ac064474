/** Waiting on conditions, never on time. */

/**
 * Asks until the answer is neither `undefined` nor `false` and nothing was thrown, and returns it.
 * Rejects with what was wrong last when that takes longer than `withinMs`.
 */
export async function eventually<Value>(
  what: string,
  ask: () => Value | undefined | false | Promise<Value | undefined | false>,
  { withinMs = 10_000 }: { readonly withinMs?: number } = {},
): Promise<Value> {
  const end = performance.now() + withinMs;
  let last: unknown;
  for (let waitMs = 1;; waitMs = Math.min(waitMs * 2, 50)) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`Waited in vain until ${what}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/** The promise, or a rejection that says what it was when it takes longer than `withinMs`. */
export async function within<Value>(
  what: string,
  promise: Promise<Value>,
  withinMs = 10_000,
): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`Waited in vain until ${what}`)), withinMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
