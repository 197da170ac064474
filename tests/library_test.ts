/** What the documentation of the library shows runs. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const shown = [
  "controller/plugin/contract.ts",
  "lint/lint.ts",
  "lint/fix_all.ts",
  "convert/convert.ts",
  "explain/explain.ts",
  "request_tests/request_tests.ts",
  "diff/diff.ts",
];

Deno.test("the examples of the library run", async () => {
  const files = shown.map((file) => fileURLToPath(new URL(`../${file}`, import.meta.url)));
  // Unchecked: what runs them imports all that the file exports, and unused imports are errors here.
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--doc", "--no-check", "-A", ...files],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  assert.ok(success, text.decode(stdout) + text.decode(stderr));
  assert.match(text.decode(stdout), new RegExp(`${shown.length} passed`));
});
