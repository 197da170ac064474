/** What the page of the service shows holds. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { unusedVariables, usedVariables } from "../mod.ts";
import { commandLine } from "../../../tests/support/command_line.ts";
import { configured } from "./configured.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const page = await Deno.readTextFile(join(root, "docs/rate-limit-service.md"));
const blocks = Array.from(page.matchAll(/^```text\n(.*?)^```$/gms), ([, body = ""]) => body);
const example = blocks.find((block) => block.startsWith("domain: ")) ?? "";

Deno.test("the example of limits is right", () => {
  assert.deepEqual(configured({ "limits.yaml": example }).problems, []);
});

Deno.test("the example of a test is what is printed", async () => {
  const shown = blocks.find((block) => block.startsWith("$ contour ratelimit test")) ?? "";
  const [command = "", ...lines] = shown.split("\n");
  const folder = await Deno.makeTempDir();
  try {
    const file = join(folder, "limits.yaml");
    await Deno.writeTextFile(file, example);
    const args = command.split(" ").slice(2).map((arg) => arg === "limits.yaml" ? file : arg);
    const { out } = await commandLine(args);
    assert.equal(out.replaceAll(file, "limits.yaml").trim(), lines.join("\n").trim());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("every flag that the page names is there", async () => {
  const helps = await Promise.all(
    ["serve", "check"].map((command) => commandLine(["ratelimit", command, "--help"])),
  );
  const out = helps.map((help) => help.out).join();
  const named = new Set(Array.from(page.matchAll(/--[a-z][a-z-]+/g), ([flag]) => flag));
  const other = ["--config"];
  for (const flag of named) assert.ok(out.includes(flag) || other.includes(flag), flag);
});

Deno.test("no variable of the reference both has an effect and has none", () => {
  const used: readonly string[] = usedVariables;
  assert.deepEqual(used.filter((name) => name in unusedVariables), []);
});
