/**
 * Steps of a test that build on each other: the first that fails ends the test with its reason,
 * where the others would only wait in vain until time is up.
 */
export function inOrder(t: Deno.TestContext): Step {
  return async (name, run) => {
    if (!await t.step(name, run)) throw new Error(`What follows builds on "${name}"`);
  };
}

/** Runs a step; rejects when it fails. */
export type Step = (
  name: string,
  run: (t: Deno.TestContext) => void | Promise<void>,
) => Promise<void>;
