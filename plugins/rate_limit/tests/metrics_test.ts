/** What hits come to in the metrics, by the vectors and names of the reference. */
import assert from "node:assert/strict";
import { newTally, RateLimitMetrics } from "../mod.ts";
import { askedService } from "./asked.ts";

const twenty = "domain: d\ndescriptors: [{key: a, rate_limit: {unit: day, requests_per_unit: 20}}]";

/** Hits before and then, and what the last ones count for. */
const vectors: readonly (readonly [
  before: number,
  hits: number,
  counted: Partial<ReturnType<typeof newTally>>,
])[] = [
  [0, 3, { withinLimit: 3 }],
  [15, 3, { withinLimit: 3, nearLimit: 2 }],
  [16, 1, { withinLimit: 1, nearLimit: 1 }],
  [10, 6, { withinLimit: 6 }],
  [18, 5, { overLimit: 3, nearLimit: 2 }],
  [10, 15, { overLimit: 5, nearLimit: 4 }],
  [20, 4, { overLimit: 4 }],
  [20, 0, {}],
];

for (const [before, hits, counted] of vectors) {
  Deno.test(`of 20, ${hits} hits after ${before}`, async () => {
    const service = askedService(twenty);
    if (before > 0) await service.ask(`a=x (${before})`);
    const tally = { ...newTally(), ...service.tallies.get("d.a") };
    await service.ask(`a=x (${hits})`);
    const after = service.tallies.get("d.a") ?? newTally();
    const change = Object.fromEntries(
      Object.entries(after).map((
        [name, value],
      ) => [name, value - (tally[name as keyof typeof tally])]),
    );
    assert.deepEqual(change, { ...newTally(), ...counted, totalHits: hits });
  });
}

Deno.test("shadow mode counts what it lets through", async () => {
  const service = askedService(
    "domain: d\ndescriptors: [{key: a, shadow_mode: true, rate_limit: {unit: day, requests_per_unit: 1}}]",
  );
  for (let i = 0; i < 3; i++) await service.ask("a=x");
  assert.deepEqual(service.tallies.get("d.a"), {
    ...newTally(),
    totalHits: 3,
    withinLimit: 1,
    nearLimit: 1,
    overLimit: 2,
    shadowMode: 2,
  });
});

/** Which series a request is counted in. */
const names: readonly (readonly [descriptor: string, request: string, series: string])[] = [
  ["key: a, LIMIT", "a=x", "d.a"],
  ["key: a, value: x, LIMIT", "a=x", "d.a_x"],
  ["key: a, value: 'x*', LIMIT", "a=xyz", "d.a_x*"],
  ["key: a, detailed_metric: true, LIMIT", "a=x", "d.a_x"],
  ["key: a, detailed_metric: true, LIMIT", "a=", "d.a_"],
  ["key: a, value: 'x*', share_threshold: true, detailed_metric: true, LIMIT", "a=xyz", "d.a_x*"],
  ["key: a, value_to_metric: true, LIMIT", "a=x", "d.a_x"],
  ["key: a, value_to_metric: true, descriptors: [{key: b, LIMIT}]", "a=x,b=y", "d.a_x.b"],
  ["key: a, descriptors: [{key: b, value_to_metric: true, LIMIT}]", "a=x,b=y", "d.a.b_y"],
  ["key: a, descriptors: [{key: b, detailed_metric: true, LIMIT}]", "a=x,b=y", "d.a_x.b_y"],
  ["key: a", "a=x [5/day]", "d.a_x"],
];

for (const [descriptor, request, series] of names) {
  Deno.test(`the series of ${request} by {${descriptor}}`, async () => {
    const limit = "rate_limit: {unit: day, requests_per_unit: 5}";
    const service = askedService(
      `domain: d\ndescriptors: [{${descriptor.replace("LIMIT", limit)}}]`,
    );
    await service.ask(request);
    assert.deepEqual([...service.tallies.keys()], [series]);
  });
}

Deno.test("deep steps are added up in their first two, addresses are one word", async () => {
  const metrics = new RateLimitMetrics();
  metrics.tallyOf("d", ["a", "b", "c"]).totalHits = 3;
  metrics.tallyOf("d", ["a", "b", "d"]).totalHits = 4;
  metrics.tallyOf("d", ["remote_address_10.0.0.1"]).totalHits = 5;
  const text = await metrics.registry.metrics();
  const name = "ratelimit_service_rate_limit_total_hits";
  assert.ok(text.includes(`${name}{domain="d",key1="a",key2="b"} 7\n`));
  assert.ok(text.includes(`${name}{domain="d",key1="remote_address_10_0_0_1"} 5\n`));
});

Deno.test("series have an end, whatever requests say", async () => {
  const metrics = new RateLimitMetrics();
  for (let i = 0; i < 12_000; i++) metrics.tallyOf("d", [`user_${i}`]).totalHits++;
  const text = await metrics.registry.metrics();
  const series = text.match(/^ratelimit_service_rate_limit_total_hits\{/gm) ?? [];
  assert.ok(series.length <= 10_001, String(series.length));
  assert.match(text, /total_hits\{domain="d",key1="others"\} 2000\n/);
});
