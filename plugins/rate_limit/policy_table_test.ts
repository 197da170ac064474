import assert from "node:assert/strict";
import { lookUp } from "./configuration/lookup.ts";
import { PolicyTable } from "./policy_table.ts";

const options = { algorithm: "gcra", mergeDomains: true, nearLimitRatio: 0.8 } as const;

function descriptors(name: string, requests_per_unit: number, key = "user") {
  const rate_limit = { name, requests_per_unit, unit: "second" };
  return [{ key: "limit", value: name, descriptors: [{ key, rate_limit }] }];
}

Deno.test("limits of policies come, change and go", () => {
  const table = new PolicyTable("policies", options);
  const requests = (name: string, key = "user") => {
    const found = lookUp(table.domain, [{ key: "limit", value: name }, { key, value: "a" }]);
    return found?.limit.kind === "counted" ? found.limit.requestsPerUnit : undefined;
  };
  const counter = () =>
    lookUp(table.domain, [{ key: "limit", value: "a/1" }, { key: "user", value: "x" }])?.counterKey;
  assert.deepEqual(table.set("a", [...descriptors("a/1", 5), ...descriptors("a/2", 6)]), []);
  table.set("b", descriptors("b/1", 7));
  assert.deepEqual([requests("a/1"), requests("a/2"), requests("b/1")], [5, 6, 7]);
  const before = counter();
  table.set("a", descriptors("a/1", 8));
  assert.deepEqual([requests("a/1"), requests("a/2"), requests("b/1")], [8, undefined, 7]);
  // What was counted is counted on.
  assert.equal(counter(), before);
  table.delete("a");
  assert.deepEqual([requests("a/1"), requests("b/1")], [undefined, 7]);
  const [problem] = table.set("b", [...descriptors("b/1", 1), ...descriptors("b/1", 2)]);
  assert.match(problem?.message ?? "", /^b: duplicate descriptor/);
  assert.equal(requests("b/1"), undefined);
});
