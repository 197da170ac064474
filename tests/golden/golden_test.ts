import assert from "node:assert/strict";
import { join } from "node:path";
import { testCases } from "./compare.ts";
import { foldersBelow, testsFolder } from "./golden_case.ts";
import { translationCases } from "./translation_case.ts";

testCases(translationCases());

Deno.test("no golden stands without its input", () => {
  const orphans = [...foldersBelow(join(testsFolder, "golden"))].filter((folder) => {
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    return names.some((name) => name.endsWith(".yaml")) && !names.includes("in.yaml");
  });
  assert.deepEqual(orphans, [], "deno task bless removes them");
});
