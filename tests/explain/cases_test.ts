/** Each case in `cases/`: what `contour explain` answers, word for word. */
import assert from "node:assert/strict";
import { answersOf, explainCases } from "./cases.ts";

for (const one of await explainCases()) {
  Deno.test(`explain ${one.name}`, async () => {
    const expected = await Deno.readTextFile(one.expectedFile);
    assert.equal(await answersOf(one), expected, "deno run -A tests/explain/bless.ts rewrites it");
  });
}
