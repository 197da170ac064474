/** The examples of each feature are read strictly and are valid. */
import assert from "node:assert/strict";
import { defaultEnvoyOptions } from "../../controller/envoy/mod.ts";
import { lint } from "../../lint/mod.ts";
import { boxedKinds, boxedPlugins } from "../support/boxed_plugins.ts";
import { examples, problemsOf } from "./example.ts";

Deno.test("every example is without a problem", async () => {
  const found = examples();
  assert.ok(found.size > 30, String(found.size));
  for (const [name, text] of found) assert.deepEqual(await problemsOf(text), [], name);
});

Deno.test("all examples together are without a finding", () => {
  const files = [...examples()].map(([file, text]) => ({ file, text }));
  const { findings, suppressed } = lint(files, {
    plugins: boxedPlugins.set,
    envoy: { ...defaultEnvoyOptions, plugins: boxedPlugins.envoy },
    policyKinds: boxedKinds,
  });
  assert.deepEqual(findings, []);
  // That one shows what has to be allowed.
  assert.deepEqual(
    [...new Set(suppressed.map(({ position }) => position?.file))],
    ["external-name/external-name.yaml"],
  );
});
