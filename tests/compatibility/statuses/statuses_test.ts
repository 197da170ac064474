/** Our statuses are those of Contour, but where we differ on purpose. See `../record.ts`. */
import assert from "node:assert/strict";
import { compare } from "./compare.ts";
import { differences } from "./differences.ts";
import { ourAnswers } from "./ours.ts";
import { makePem } from "./pem.ts";
import { readRecording } from "./recording.ts";
import { variants } from "./variants.ts";

Deno.test("statuses say what Contour says", async (t) => {
  const pem = await makePem();
  const met = new Set<string>();
  for (const variant of variants) {
    await t.step(variant.name, async () => {
      const { worlds } = await readRecording(variant.name);
      assert.equal(worlds.length, variant.kept);
      for (const world of worlds) {
        const found = compare(variant, world, ourAnswers(variant, world, pem));
        assert.deepEqual(found.disagreements, [], world.name);
        for (const { name } of found.met) met.add(name);
      }
    });
  }
  await t.step("each difference is met", () => {
    assert.deepEqual(differences.map(({ name }) => name).filter((name) => !met.has(name)), []);
  });
});
