/** `deno run -A tests/explain/bless.ts`: writes the answers of all cases as they are now, to be looked at. */
import { answersOf, explainCases } from "./cases.ts";

for (const one of await explainCases()) {
  await Deno.writeTextFile(one.expectedFile, await answersOf(one));
}
