/** `deno run -A tests/diff/bless.ts`: writes the answers of all cases as they are now, to be looked at. */
import { answerOf, diffCases } from "./cases.ts";

for (const one of await diffCases()) {
  await Deno.writeTextFile(one.expectedFile, await answerOf(one));
}
