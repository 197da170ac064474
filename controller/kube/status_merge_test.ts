import assert from "node:assert/strict";
import { type DesiredStatus, mergeStatus } from "./mod.ts";

const now = new Date("2026-02-03T04:05:06.789Z");
const valid = { type: "Valid", status: "True", reason: "Valid", message: "m" } as const;
const desired: DesiredStatus = {
  currentStatus: "valid",
  description: "m",
  conditions: [{ ...valid, observedGeneration: 2 }],
};
const stored = {
  currentStatus: "valid",
  description: "m",
  conditions: [{
    ...valid,
    observedGeneration: 2,
    lastTransitionTime: "2026-01-01T00:00:00Z",
    errors: [],
  }],
};

Deno.test("mergeStatus: nothing to write where it says so already, whenever that was", () => {
  assert.equal(mergeStatus(stored, desired, now), undefined);
  assert.equal(mergeStatus(stored, {}, now), undefined);
  assert.equal(mergeStatus(undefined, {}, now), undefined);
});

Deno.test("mergeStatus: the time changes with the status alone", () => {
  const timeOf = (status: Record<string, unknown> | undefined) =>
    (status?.["conditions"] as readonly Record<string, unknown>[])[0]?.["lastTransitionTime"];
  const reworded = { ...desired, conditions: [{ ...valid, message: "n", observedGeneration: 3 }] };
  assert.equal(timeOf(mergeStatus(stored, reworded, now)), "2026-01-01T00:00:00Z");
  const turned = { ...desired, conditions: [{ ...valid, status: "False" as const }] };
  const conditions = [{ ...stored.conditions[0], observedGeneration: undefined }];
  assert.equal(timeOf(mergeStatus({ ...stored, conditions }, turned, now)), "2026-02-03T04:05:06Z");
  assert.equal(timeOf(mergeStatus(undefined, desired, now)), "2026-02-03T04:05:06Z");
});

Deno.test("mergeStatus: conditions of others, and fields we do not know, stay as they are", () => {
  const foreign = { type: "Checked", errors: [{ type: "X" }], more: 1 };
  const before = { other: true, conditions: [foreign, ...stored.conditions] };
  const errors = [{ type: "RouteError", status: "True", reason: "R", message: "e" }];
  const after = mergeStatus(before, {
    ...desired,
    conditions: [{
      ...valid,
      status: "False",
      reason: "ErrorPresent",
      observedGeneration: 2,
      errors,
    }],
  }, now);
  assert.equal(after?.["other"], true);
  const [first, second] = after?.["conditions"] as readonly Record<string, unknown>[];
  assert.equal(first, foreign);
  assert.deepEqual(second?.["errors"], errors);
  // And when the errors are gone, so is their list.
  const mended = mergeStatus(after, desired, now);
  assert.equal((mended?.["conditions"] as readonly object[])[1]?.hasOwnProperty("errors"), false);
});

Deno.test("mergeStatus: what is said of a newer generation stays; addresses are apart", () => {
  const newer = { ...stored, conditions: [{ ...stored.conditions[0], observedGeneration: 9 }] };
  const changed = { ...desired, description: "old news" };
  assert.equal(mergeStatus(newer, changed, now), undefined);
  const loadBalancer = { ingress: [{ ip: "192.0.2.1" }] };
  const after = mergeStatus(newer, { ...changed, loadBalancer }, now);
  assert.deepEqual(after, { ...newer, loadBalancer });
  assert.equal(mergeStatus(after, { loadBalancer }, now), undefined);
  assert.equal(mergeStatus(after, { loadBalancer: { ingress: [] } }, now), undefined);
});
