/** Each case in `cases/`: what `contour diff` says, word for word. */
import assert from "node:assert/strict";
import { answerOf, diffCases } from "./cases.ts";

for (const one of await diffCases()) {
  Deno.test(`diff ${one.name}`, async () => {
    const expected = await Deno.readTextFile(one.expectedFile);
    assert.equal(await answerOf(one), expected, "deno run -A tests/diff/bless.ts rewrites it");
  });
}
