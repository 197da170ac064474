import assert from "node:assert/strict";
import { Moderation } from "./moderation.ts";

Deno.test("a topic that is in the news 20 times a second gets some lines, then one in 5 s", () => {
  const moderation = new Moderation();
  let told = 0;
  let untold = 0;
  for (let ms = 0; ms < 30_000; ms += 50) {
    const line = moderation.admit("HTTPProxy/a/b", ms);
    if (line.isTold) {
      told++;
      untold += line.untold;
    }
  }
  assert.equal(told, 25);
  const last = moderation.admit("HTTPProxy/a/b", 60_000);
  assert.equal(last.isTold, true);
  assert.equal(told + untold + last.untold, 600);
});

Deno.test("topics do not count for one another", () => {
  const moderation = new Moderation();
  for (let i = 0; i < 500; i++) {
    assert.deepEqual(moderation.admit(`HTTPProxy/a/${i}`, 0), { isTold: true, untold: 0 });
  }
});
