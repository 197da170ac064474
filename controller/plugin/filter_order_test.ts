import assert from "node:assert/strict";
import { filterOrder, filterRoles, type SeekingFilter } from "./mod.ts";

function seeking(
  id: SeekingFilter["id"],
  relations: Partial<Pick<SeekingFilter, "after" | "before">> = {},
): SeekingFilter {
  return { id, after: [], before: [], ...relations };
}

/** What stands right before and right after a filter. */
function around(filters: readonly SeekingFilter[], id: string): readonly (string | undefined)[] {
  const { stages, misplaced } = filterOrder(filters);
  assert.deepEqual([...misplaced], []);
  const at = stages.findIndex((stage) => stage === id);
  return [stages[at - 1], stages[at + 1]];
}

Deno.test("without plugins the roles stand as they are", () => {
  assert.deepEqual(filterOrder([]).stages, filterRoles);
});

Deno.test("a filter follows at once what it comes after", () => {
  assert.deepEqual(around([seeking("a/x", { after: ["authorization"] })], "a/x"), [
    "authorization",
    "rate-limit",
  ]);
});

Deno.test("a filter stands right before what it comes before", () => {
  assert.deepEqual(around([seeking("a/x", { before: ["cors"] })], "a/x"), ["grpc-stats", "cors"]);
  assert.deepEqual(around([seeking("a/x", { before: ["compression"] })], "a/x"), [
    undefined,
    "compression",
  ]);
});

Deno.test("a filter without relations is the last before the router", () => {
  assert.deepEqual(around([seeking("a/x")], "a/x"), ["rate-limit", "router"]);
});

Deno.test("filters of plugins find each other, whichever came first", () => {
  const filters = [
    seeking("b/y", { before: ["a/x"] }),
    seeking("a/x", { after: ["jwt"] }),
    seeking("c/z", { after: ["a/x"], before: ["authorization"] }),
  ];
  const stages = filterOrder(filters).stages.join(" ");
  assert.match(stages, /jwt b\/y a\/x c\/z authorization/);
  assert.equal(filterOrder(filters.toReversed()).stages.join(" "), stages);
});

Deno.test("a place that is not there, one after the router, and a circle are told", () => {
  const { stages, misplaced } = filterOrder([
    seeking("a/lost", { after: ["b/none"] }),
    seeking("a/late", { after: ["router"] }),
    seeking("a/torn", { after: ["authorization"], before: ["cors"] }),
    seeking("a/fine", { after: ["cors"] }),
  ]);
  assert.match(misplaced.get("a/lost") ?? "", /"b\/none", and there is no such filter/);
  assert.match(misplaced.get("a/late") ?? "", /after the router/);
  assert.match(misplaced.get("a/torn") ?? "", /both after and before/);
  assert.deepEqual(stages.filter((stage) => stage.startsWith("a/")), ["a/fine"]);
});

Deno.test("one circle leaves the filters that have no part in it", () => {
  const { stages, misplaced } = filterOrder([
    seeking("a/one", { after: ["b/two"] }),
    seeking("b/two", { after: ["a/one"] }),
    seeking("c/three", { after: ["jwt"] }),
  ]);
  assert.deepEqual([...misplaced.keys()].sort(), ["a/one", "b/two"]);
  assert.ok(stages.includes("c/three"));
});
