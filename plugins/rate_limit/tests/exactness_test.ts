/** Random hits over hours: counters decide as plain models do, and never let through more than they say. */
import assert from "node:assert/strict";
import { count, MemoryStore, newCounter } from "../mod.ts";
import { Random } from "../../../tests/support/world.ts";
import { modelOf, mostInAnyWindow } from "./models.ts";
import { randomHits, randomSpec } from "./random_hits.ts";

/** Runs of each algorithm. */
const runs = 400;

for (const algorithm of ["fixed_window", "gcra", "sliding_window"] as const) {
  Deno.test(`${algorithm} decides as its model does, in ${runs} random runs`, () => {
    for (let seed = 1; seed <= runs; seed++) {
      const random = new Random(seed);
      const spec = randomSpec(random, algorithm);
      const model = modelOf(spec);
      const clock = { now: 0 };
      const store = new MemoryStore({ now: () => clock.now });
      const passed: { at: number; hits: number }[] = [];
      const refused: { at: number; hits: number }[] = [];
      for (const [index, { at, hits }] of randomHits(random, spec, 150).entries()) {
        clock.now = at;
        const [outcome] = store.count([{ key: "k", spec, hits }]);
        const what = `seed ${seed}, hit ${index}: ${JSON.stringify({ spec, at, hits, outcome })}`;
        assert.ok(outcome !== undefined, what);
        // A larger limit is on the safe side by one slot: it may refuse what the model lets through.
        const isRounded = algorithm === "sliding_window" && spec.requestsPerUnit > 128;
        if (!isRounded) assert.equal(!outcome.isOver, model.passes(at, hits), what);
        assert.ok(outcome.remaining >= 0 && outcome.resetMs >= 0 && outcome.shutMs >= 0, what);
        const slot = Math.ceil(spec.windowMs / 128);
        assert.ok(outcome.resetMs <= Math.max(1, spec.burst) * spec.windowMs + slot, what);
        (outcome.isOver ? refused : passed).push({ at, hits });
      }
      const most = mostInAnyWindow(passed, spec.windowMs);
      const allowed = spec.requestsPerUnit *
          (algorithm === "fixed_window" ? 2 : 1) + (algorithm === "gcra" ? spec.burst : 0);
      assert.ok(most <= allowed, `seed ${seed}: ${most} passed in a window, ${allowed} may`);
    }
  });
}

Deno.test("a sliding window with a large limit refuses only what one slot more would refuse", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = new Random(10_000 + seed);
    const spec = {
      ...randomSpec(random, "sliding_window"),
      requestsPerUnit: 129 + random.below(2_000),
    };
    const counter = newCounter();
    const passed: { at: number; hits: number }[] = [];
    for (const { at, hits } of randomHits(random, spec, 150)) {
      const { isOver } = count(counter, spec, hits, at);
      if (!isOver) passed.push({ at, hits });
      else {
        const from = at - spec.windowMs - Math.ceil(spec.windowMs / 128);
        const recent = passed.filter((each) => each.at > from)
          .reduce((sum, each) => sum + each.hits, 0);
        assert.ok(recent + hits > spec.requestsPerUnit, `seed ${seed}, at ${at}`);
      }
    }
    assert.ok(mostInAnyWindow(passed, spec.windowMs) <= spec.requestsPerUnit, `seed ${seed}`);
    assert.ok((counter.log?.length ?? 0) <= 2 * 130, "memory has bounds");
  }
});

Deno.test("what is told of time holds: after it hits pass, and a millisecond before they do not", () => {
  for (const algorithm of ["gcra", "sliding_window", "fixed_window"] as const) {
    for (let seed = 1; seed <= 200; seed++) {
      const random = new Random(20_000 + seed);
      const spec = randomSpec(random, algorithm);
      const counter = newCounter();
      for (const { at, hits } of randomHits(random, spec, 60)) {
        const { isOver, resetMs, shutMs } = count(counter, spec, hits, at);
        const whole = algorithm === "gcra" ? spec.burst : spec.requestsPerUnit;
        const what = `${algorithm}, seed ${seed}, at ${at}: ${JSON.stringify({ spec, hits })}`;
        const later = (ms: number, hits: number) =>
          count({ ...counter, log: [...counter.log ?? []] }, spec, hits, at + ms).isOver;
        if (shutMs > 0 && whole > 0) {
          assert.equal(later(shutMs, 1), false, `${what}: still shut`);
          assert.equal(later(shutMs - 1, 1), true, `${what}: not shut`);
        }
        if (isOver && hits > 0 && hits <= whole) {
          assert.equal(later(resetMs, hits), false, `${what}: not free again`);
        }
        if (isOver || algorithm === "fixed_window") continue;
        assert.equal(later(resetMs, whole), false, `${what}: not full again`);
      }
    }
  }
});

Deno.test("concurrency: as many as the limit are under way, and lost ones are forgotten", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = new Random(30_000 + seed);
    const spec = { ...randomSpec(random, "concurrency"), requestsPerUnit: 1 + random.below(20) };
    const counter = newCounter();
    let underWay = 0;
    let admitted = 0;
    for (let i = 0, now = 1_700_000_000_000; i < 300; i++) {
      now += random.below(Math.ceil(spec.windowMs / 1_000));
      if (underWay > 0 && random.below(2) === 0) {
        count(counter, spec, -1, now);
        underWay--;
        admitted = Math.max(0, admitted - 1);
      } else {
        const { isOver, after } = count(counter, spec, 1, now);
        underWay++;
        assert.equal(after, underWay, `seed ${seed}`);
        assert.equal(isOver, underWay > spec.requestsPerUnit, `seed ${seed}`);
        if (!isOver) admitted++;
      }
    }
    const { after } = count(counter, spec, 0, 1_800_000_000_000);
    assert.equal(after, 0, `seed ${seed}: what never ended is forgotten`);
  }
});

Deno.test("hits that are given back can be used again", () => {
  for (const algorithm of ["gcra", "sliding_window", "fixed_window"] as const) {
    const spec = { algorithm, requestsPerUnit: 10, burst: 10, windowMs: 60_000 };
    const counter = newCounter();
    const now = 1_700_000_000_000;
    assert.equal(count(counter, spec, 10, now).remaining, 0);
    assert.equal(count(counter, spec, -4, now).remaining, 4);
    assert.equal(count(counter, spec, 4, now).isOver, false);
    assert.equal(count(counter, spec, 1, now).isOver, true);
    count(counter, spec, -100, now);
    assert.equal(count(counter, spec, 10, now).isOver, false, "never more than there is");
  }
});

Deno.test("a clock that goes back gives nothing back", () => {
  for (const algorithm of ["gcra", "sliding_window", "fixed_window"] as const) {
    const spec = { algorithm, requestsPerUnit: 5, burst: 5, windowMs: 60_000 };
    const counter = newCounter();
    const now = 1_700_000_000_000;
    count(counter, spec, 5, now);
    assert.equal(count(counter, spec, 1, now - 600_000).isOver, true, algorithm);
    assert.equal(count(counter, spec, 1, now).isOver, true, algorithm);
  }
});

Deno.test("memory has bounds, and what has expired is cleared away", () => {
  const clock = { now: 1_700_000_000_000 };
  const spec = { algorithm: "gcra", requestsPerUnit: 5, burst: 5, windowMs: 1_000 } as const;
  const store = new MemoryStore({ now: () => clock.now, maxCounters: 1_000 });
  for (let i = 0; i < 5_000; i++) store.count([{ key: `a${i}`, spec, hits: 1 }]);
  assert.deepEqual(store.report(), { counters: 1_000, evicted: 4_000 });
  clock.now += 10_000;
  for (let i = 0; i < 1_000; i++) store.count([{ key: `b${i}`, spec, hits: 1 }]);
  assert.ok(store.report().counters <= 1_000);
  // All of the first ones went when their time was over, and none of the second before.
  assert.ok(store.report().evicted < 4_600);
  for (let i = 1; i < 1_000; i++) {
    const [outcome] = store.count([{ key: `b${i}`, spec, hits: 0 }]);
    assert.equal(outcome?.remaining, 4, `b${i}`);
  }
});
