import assert from "node:assert/strict";
import { ByteRegex, ConditionRegex } from "./regex.ts";
import { maximumCost, regexCost } from "./regex_cost.ts";

Deno.test("a pattern costs at least what Envoy counts", () => {
  // Measured in Envoy 1.39: so often the part may stand in a condition before it is refused.
  const most: Readonly<Record<string, number>> = {
    "a": 98,
    "\\d": 98,
    "[a-z]": 98,
    "é": 48,
    "(a|b)": 32,
    "(?i)k": 24,
    "😀": 24,
    "(ab|cd)": 16,
    "(?i)[a-z]": 16,
    ".": 12,
    "[^/]": 12,
    "\\W": 8,
    "[^a-z0-9_.-]": 8,
    "[^é]": 5,
    "\\P{Greek}": 1,
    "\\pL": 0,
  };
  for (const [part, count] of Object.entries(most)) {
    const pattern = `(?:${part}){${count + 1}}`;
    // The counts are those that were tried, not the very last.
    const allowed = Array.from({ length: 98 }, (_, i) => `(?:${part}){${i + 1}}`)
      .filter((pattern) => regexCost(pattern) <= maximumCost).length;
    assert.ok(allowed <= count, `${pattern}: ${allowed} allowed`);
  }
});

Deno.test("what people write in conditions is let through", () => {
  const usual = [
    "/api/v[0-9]+/.*",
    "(GET|POST) .*",
    "Bearer .+",
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    ".*\\.(css|js|png|svg|woff2)",
    "(?i)mozilla/.*(chrome|firefox).*",
    "/(en|de|fr)(/[^/]*)?",
  ];
  for (const pattern of usual) assert.ok(ConditionRegex.safeParse(pattern).success, pattern);
});

Deno.test("what Envoy would refuse, or read as something else, is refused", () => {
  const table = { "a{1001}": false, "(?=a)": false, "\\1": false, "(": false, "[^/]+": true };
  for (const [pattern, isTaken] of Object.entries(table)) {
    assert.equal(ByteRegex.safeParse(pattern).success, isTaken, pattern);
  }
  for (const pattern of ["é", "\\x{1F600}", "\\xff", "\\pL", "[^é]"]) {
    assert.equal(ByteRegex.safeParse(pattern).success, false, pattern);
  }
  assert.equal(ConditionRegex.safeParse("a{99}").success, false);
});

Deno.test("a pattern that few letters make huge is refused without being compiled", () => {
  const begin = performance.now();
  for (let i = 0; i < 200; i++) {
    const pattern = `${i}${"(a{0,1000})".repeat(45)}`;
    for (const kind of [ByteRegex, ConditionRegex]) {
      const { success, error } = kind.safeParse(pattern);
      assert.equal(success, false);
      assert.match(
        error?.issues[0]?.message ?? "",
        /^must be simpler: it comes to about \d+ steps/,
      );
    }
  }
  assert.ok(performance.now() - begin < 5_000);
});
