/** What objects may ask for is bounded, whatever they multiply; just within the bounds all is well. */
import assert from "node:assert/strict";
import { defaultSettings } from "../../controller/store/mod.ts";
import { statuses } from "../../controller/translation/mod.ts";
import { parsed } from "../support/world.ts";
import type { Manifest } from "../support/cluster/mod.ts";
import { answering, on, proxy, root } from "./objects.ts";
import { serviceAt } from "./world.ts";

/** Code and path of what is said of each. */
function said(objects: readonly Manifest[]): readonly string[] {
  return statuses(objects.map((object) => parsed(object)), defaultSettings)
    .flatMap(({ diagnostics }) => diagnostics.map(({ code, path }) => `${code} ${path}`));
}

Deno.test("a route may have 256 conditions, those of includes counted in", () => {
  const headers = (count: number, from = 0) =>
    Array.from({ length: count }, (_, i) => ({ header: { name: `x-${from + i}`, present: true } }));
  const web = serviceAt({ namespace: "guilty", name: "web" }, "127.0.0.1", 80);
  assert.deepEqual(said([on(...headers(256)), ...web]), []);
  assert.deepEqual(said([on(...headers(257)), ...web]), ["CTR303 spec.routes[0].conditions"]);
  const included = (count: number) => [
    root({ includes: [{ name: "odd-child", conditions: headers(200) }] }),
    proxy("odd-child", {
      routes: [{ conditions: headers(count, 200), services: [{ name: "web", port: 80 }] }],
    }),
    ...web,
  ];
  assert.deepEqual(said(included(56)), []);
  assert.deepEqual(said(included(57)), ["CTR303 spec.routes[0].conditions"]);
});

Deno.test("included routes may be five million characters long", () => {
  const below = (level: number) =>
    ["a", "b"].map((letter) => ({
      name: `odd-${level}`,
      conditions: [{ prefix: `/${letter}` }],
    }));
  /** Two to the power of `levels` copies. */
  const doubled = (levels: number) => [
    root({ includes: below(1) }),
    ...Array.from(
      { length: levels - 1 },
      (_, i) => proxy(`odd-${i + 1}`, { includes: below(i + 2) }),
    ),
    proxy(`odd-${levels}`, {
      routes: [{ directResponsePolicy: { statusCode: 200, body: "b".repeat(60_000) } }],
    }),
  ];
  assert.deepEqual(said(doubled(6)), []);
  assert.deepEqual(said(doubled(7)), ["CTR307 spec.includes"]);
});

Deno.test("a large route of its own is nobody's copy", () => {
  const body = "b".repeat(65_536);
  assert.deepEqual(said([answering({ directResponsePolicy: { statusCode: 200, body } })]), []);
});
