import assert from "node:assert/strict";
import { ManualClock } from "../../tests/support/cluster/mod.ts";
import { type KubeClient, UnreachableError, type WatchEvent } from "./mod.ts";
import { reflect, type ReflectorState } from "./reflector.ts";
import { resources } from "./resources.ts";

/** A client whose answers are functions, and a clock that stands still in between. */
function stage(make: (clock: ManualClock) => KubeClient) {
  const clock = new ManualClock();
  const client = make(clock);
  const stop = new AbortController();
  const states: ReflectorState["kind"][] = [];
  const running = reflect({
    scope: { resource: resources.Service },
    client,
    clock,
    random: () => 0.5,
    signal: stop.signal,
    sink: {
      put: () => undefined,
      remove: () => {},
      retain: () => {},
      flush: () => {},
      state: ({ kind }) => states.push(kind),
      count: () => {},
    },
  });
  return {
    clock,
    states,
    async end() {
      stop.abort();
      await clock.advance(0);
      await running;
    },
  };
}

const list = { metadata: { resourceVersion: "7" }, items: [] };

/** A stream that stays open until it is given up. */
async function* open(signal: AbortSignal): AsyncGenerator<readonly WatchEvent[]> {
  yield [];
  await new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason), { once: true })
  );
}

Deno.test("reflect: a server that is away is asked ever more seldom, but soon enough", async () => {
  const asked: number[] = [];
  let isAway = true;
  const { clock, states, end } = stage((clock) => ({
    request() {
      asked.push(clock.monotonic());
      return isAway ? Promise.reject(new UnreachableError("Gone")) : Promise.resolve(list);
    },
    watch: (_, signal) => open(signal),
  }));
  await clock.advance(60_000);
  const pauses = asked.slice(1).map((at, i) => at - (asked[i] ?? 0));
  assert.deepEqual(pauses.slice(0, 7), [75, 150, 300, 600, 1_200, 2_400, 3_750]);
  assert.equal(Math.max(...pauses), 3_750);
  isAway = false;
  await clock.advance(5_000);
  assert.deepEqual(states, ["failing", "watching"]);
  await end();
});

Deno.test("reflect: a stream is given up when nothing came for longer than bookmarks take", async () => {
  const watches: number[] = [];
  const { clock, states, end } = stage((clock) => ({
    request: () => Promise.resolve(list),
    watch(_, signal) {
      watches.push(clock.monotonic());
      return open(signal);
    },
  }));
  await clock.advance(99_000);
  assert.equal(watches.length, 1);
  await clock.advance(2_000);
  assert.equal(watches.length, 2);
  await clock.advance(900_000);
  assert.equal(watches.length, 11);
  assert.deepEqual(states, ["watching"]);
  await end();
});

Deno.test("reflect: a version that is forgotten again and again is no reason to list in a frenzy", async () => {
  let lists = 0;
  const { clock, end } = stage(() => ({
    request() {
      lists++;
      return Promise.resolve(list);
    },
    async *watch() {
      yield [{ type: "ERROR", object: { code: 410, reason: "Expired" } }];
    },
  }));
  await clock.advance(60_000);
  assert.ok(lists < 25, String(lists));
  await end();
});

Deno.test("reflect: what a bookmark says is where the next watch begins", async () => {
  const from: (string | undefined)[] = [];
  const { clock, end } = stage(() => ({
    request: () => Promise.resolve(list),
    async *watch({ query }, signal) {
      from.push(query?.["resourceVersion"]);
      const resourceVersion = String(7 + from.length);
      yield [{ type: "BOOKMARK", object: { metadata: { resourceVersion } } }];
      if (from.length === 3) yield* open(signal);
    },
  }));
  await clock.advance(1_000);
  assert.deepEqual(from, ["7", "8", "9"]);
  await end();
});

Deno.test("reflect: a young stream that breaks is no failure, several in a row are", async () => {
  let answer: "stream" | "nothing" = "stream";
  let streams = 0;
  let breakOff = () => {};
  const { clock, states, end } = stage(() => ({
    request: () => Promise.resolve(list),
    async *watch(_, signal) {
      streams++;
      if (answer === "nothing") throw new UnreachableError("Broken");
      yield [];
      const { promise, reject } = Promise.withResolvers<never>();
      breakOff = () => reject(new UnreachableError("Broken"));
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      await promise;
    },
  }));
  await clock.advance(1_000);
  breakOff();
  await clock.advance(1_000);
  assert.equal(streams, 2);
  assert.deepEqual(states, ["watching"]);
  answer = "nothing";
  breakOff();
  await clock.advance(1_000);
  assert.deepEqual(states, ["watching", "failing"]);
  answer = "stream";
  await clock.advance(10_000);
  assert.deepEqual(states, ["watching", "failing", "watching"]);
  await end();
});
