/** What users write comes to what the goldens say, and Envoy's own rules let it pass. */
import assert from "node:assert/strict";
import { caseFile, cases, outputOf } from "./golden.ts";

for (const name of cases()) {
  Deno.test(`header policies, golden: ${name}`, async () => {
    const input = await Deno.readTextFile(caseFile(name, "in.yaml"));
    assert.equal(
      outputOf(input),
      await Deno.readTextFile(caseFile(name, "out.yaml")),
      "if this is as it should be: deno run -A plugins/header_policy/tests/bless.ts",
    );
  });
}
