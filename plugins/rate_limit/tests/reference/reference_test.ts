/** Ours decides as the reference service did when it was asked, and takes the files that it took. */
import assert from "node:assert/strict";
import { verdictOn } from "./file_verdict.ts";
import { readRecorded } from "./recorded.ts";
import { replay } from "./replay.ts";

Deno.test("the reference service: its decisions and its counters, as they were recorded", async () => {
  const { scenarios } = await readRecorded();
  assert.ok(scenarios.length >= 100, String(scenarios.length));
  for (const { answers, counters, ...scenario } of scenarios) {
    const replayed = await replay(scenario, answers.map(([at]) => at));
    const what = JSON.stringify(scenario);
    assert.deepEqual(replayed.answers, answers.map(([, answer]) => answer), what);
    assert.deepEqual(replayed.counters, counters, what);
  }
});

Deno.test("the reference service: the files that it took, and why it refused others", async () => {
  const { files } = await readRecorded();
  assert.ok(files.some(({ refused }) => refused === null) && files.length >= 250);
  const wrong = files.flatMap((file) => {
    const difference = verdictOn(file);
    return difference === undefined ? [] : [`${difference}\n${file.text}`];
  });
  assert.deepEqual(wrong, []);
});
