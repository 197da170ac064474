import assert from "node:assert/strict";
import type { Route } from "../graph/mod.ts";
import { maximumHostRegexSteps } from "./regex_budget.ts";
import { fragmentOf, routesOf } from "./tests/decoded.ts";
import { answer, host, route } from "./tests/model.ts";

/** A rule with a pattern of about 10,000 steps. */
function large(number: number): Route {
  const regex = `/${number}${"[a-z]{1000}".repeat(9)}${"a{900}"}`;
  return route({
    match: { path: { kind: "regex", regex }, headers: [], query: [] },
    origin: {
      object: { kind: "HTTPProxy", namespace: "default", name: "large" },
      path: `spec.routes[${number}]`,
    },
  });
}

Deno.test("regular expressions of a host beyond what Envoy compiles soon are left out and told", () => {
  const all = Array.from({ length: 13 }, (_, i) => large(i));
  const fragment = fragmentOf(host("a.example", [...all, answer("/", "all")]));
  const most = maximumHostRegexSteps / 10_000;
  // Those without regular expressions stay.
  assert.equal(routesOf(fragment).length, most + 1);
  assert.deepEqual(
    fragment.diagnostics.map(({ code, path, condition }) => [code, path, condition?.reason]),
    [10, 11, 12].map((i) => ["CTR303", `spec.routes[${i}].conditions`, "EnvoyRule"]),
  );
});

Deno.test("a rule that many includes lead to is told once", () => {
  const all = Array.from({ length: 60 }, () => large(1));
  assert.equal(fragmentOf({ ...host("a.example"), routes: all }).diagnostics.length, 1);
});

Deno.test("thousands of small ones are let through", () => {
  const regex = "/[a-z]{1,60}/items/[0-9]{1,20}";
  const all = Array.from(
    { length: 2_500 },
    () => route({ match: { path: { kind: "regex", regex }, headers: [], query: [] } }),
  );
  const fragment = fragmentOf({ ...host("a.example"), routes: all });
  assert.deepEqual(fragment.diagnostics, []);
  assert.equal(routesOf(fragment).length, 2_500);
});
