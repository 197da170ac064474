/** The examples of each feature are read strictly and are valid. */
import assert from "node:assert/strict";
import { examples, problemsOf } from "./example.ts";

Deno.test("every example is without a problem", async () => {
  const found = examples();
  assert.ok(found.size > 30, String(found.size));
  for (const [name, text] of found) assert.deepEqual(await problemsOf(text), [], name);
});
