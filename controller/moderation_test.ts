import assert from "node:assert/strict";
import { ManualClock } from "../tests/support/cluster/mod.ts";
import { Moderation } from "./moderation.ts";

/** What was said, each with how many words were left out before. */
function bench() {
  const clock = new ManualClock();
  const stop = new AbortController();
  const moderation = new Moderation(clock, stop.signal);
  const said: (readonly [word: string, untold: number])[] = [];
  const tell = (topic: string, word: string, lines?: number) =>
    moderation.tell(topic, (untold) => said.push([word, untold]), lines);
  return { clock, stop, moderation, said, tell };
}

Deno.test("a topic that is in the news all the time gets some words, then one in 5 s", async () => {
  const { clock, said, tell } = bench();
  for (let i = 0; i < 150; i++) {
    tell("HTTPProxy/a/b", `word ${i}`);
    await clock.advance(200);
  }
  assert.ok(said.length >= 25 && said.length <= 27, `${said.length} words`);
  assert.deepEqual(said[0], ["word 0", 0]);
  await clock.advance(60_000);
  // The last one is told, and none is left out of the count.
  assert.equal(said.at(-1)?.[0], "word 149");
  assert.equal(said.reduce((sum, [, untold]) => sum + untold, said.length), 150);
});

Deno.test("the last word is told within some seconds", async () => {
  const { clock, said, tell } = bench();
  for (let i = 0; i < 25; i++) tell("a", `word ${i}`);
  assert.equal(said.length, 20);
  await clock.advance(6_000);
  assert.deepEqual(said.slice(20), [["word 24", 4]]);
  await clock.advance(60_000);
  assert.equal(said.length, 21);
});

Deno.test("a word that has become untrue is not told", async () => {
  const { clock, moderation, said, tell } = bench();
  for (let i = 0; i < 21; i++) tell("a", `word ${i}`);
  moderation.takeBack("a");
  await clock.advance(60_000);
  assert.equal(said.length, 20);
  tell("a", "at last");
  assert.deepEqual(said.at(-1), ["at last", 1]);
});

Deno.test("a word of many lines is told as a whole, and counts as many", async () => {
  const { clock, said, tell } = bench();
  tell("a", "many", 100);
  tell("a", "more", 100);
  assert.deepEqual(said, [["many", 0]]);
  await clock.advance(6_000);
  assert.deepEqual(said, [["many", 0], ["more", 0]]);
});

Deno.test("topics do not count for one another", () => {
  const { said, tell } = bench();
  for (let i = 0; i < 500; i++) tell(`HTTPProxy/a/${i}`, "word");
  assert.equal(said.length, 500);
});

Deno.test("so many topics are remembered, and what waits is told of those that are not", () => {
  const { said, tell } = bench();
  for (let i = 0; i <= 20; i++) tell("first", `word ${i}`);
  assert.equal(said.length, 20);
  for (let i = 0; i < 10_000; i++) tell(`other ${i}`, "word");
  assert.equal(said.length, 10_021);
  assert.ok(said.some(([word]) => word === "word 20"));
});

Deno.test("at the end nothing is told any more, and no timer is left", async () => {
  const { clock, stop, said, tell } = bench();
  let timers = 0;
  const counted = new Moderation({
    monotonic: () => 0,
    after: () => {
      timers++;
      return () => timers--;
    },
  }, stop.signal);
  for (let i = 0; i < 30; i++) {
    tell("a", "word");
    counted.tell("a", () => {});
  }
  assert.equal(timers, 1);
  stop.abort();
  assert.equal(timers, 0);
  tell("b", "word");
  await clock.advance(60_000);
  assert.equal(said.length, 20);
});
