import assert from "node:assert/strict";
import { fittingWeights } from "./weights.ts";

const most = 2 ** 32 - 1;

Deno.test("weights that fit stay as they are", () => {
  for (const weights of [[], [0], [0, 0], [1, 2, 3], [most], [most - 1, 1]]) {
    assert.deepEqual(fittingWeights(weights), weights);
  }
});

Deno.test("others fit, compare as before, and none vanishes", () => {
  for (
    const weights of [
      [most, 1],
      [most, most],
      [5e9, 0],
      [Number.MAX_SAFE_INTEGER, 1, 0],
      Array.from({ length: 1_000 }, (_, i) => i * 1e9),
    ]
  ) {
    const fitting = fittingWeights(weights);
    assert.ok(fitting.reduce((sum, weight) => sum + weight, 0) <= most);
    for (const [i, weight] of fitting.entries()) {
      assert.equal(weight > 0, (weights[i] ?? 0) > 0);
      assert.ok(Number.isInteger(weight));
    }
  }
  assert.deepEqual(fittingWeights([4e9, 2e9]).map((weight) => Math.round(weight / 1e6)), [
    2863,
    1432,
  ]);
});
