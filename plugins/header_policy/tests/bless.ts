/** Writes `out.yaml` of all goldens of header policies: `deno run -A plugins/header_policy/tests/bless.ts`. */
import { caseFile, cases, outputOf } from "./golden.ts";

for (const name of cases()) {
  const text = outputOf(await Deno.readTextFile(caseFile(name, "in.yaml")));
  await Deno.writeTextFile(caseFile(name, "out.yaml"), text);
}
