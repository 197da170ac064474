import assert from "node:assert/strict";
import { committed, type GoldenCase } from "./golden_case.ts";
import { lineDiff } from "./diff.ts";

/** One test for each case: what comes out is what is committed, no file more and none less. */
export function testCases(cases: readonly GoldenCase[]): void {
  for (const golden of cases) {
    Deno.test(golden.name, async () => {
      const difference = caseDiff(committed(golden), await golden.produce());
      const command = `deno task bless ${golden.name}`;
      assert.ok(difference === "", `\n${difference}\nIf that is as it should be: ${command}\n`);
    });
  }
}

/** How two sets of files differ; empty when they do not. */
export function caseDiff(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string {
  return [...new Set([...before.keys(), ...after.keys()])].sort().map((name) => {
    const diff = lineDiff(before.get(name) ?? "", after.get(name) ?? "");
    if (before.has(name) && after.has(name)) return diff === "" ? "" : `${name}\n${diff}`;
    return before.has(name) ? `${name} is not asked for\n` : `${name} is missing\n${diff}`;
  }).join("");
}
