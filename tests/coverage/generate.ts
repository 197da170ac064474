/**
 * Writes `tests/coverage/coverage.md`: `deno run -A tests/coverage/generate.ts`. With `--check` it
 * writes nothing and fails if the page is stale.
 */
import { coveragePage } from "./table.ts";

const page = new URL("./coverage.md", import.meta.url);

async function main(check: boolean): Promise<void> {
  const wanted = coveragePage();
  if (!check) return await Deno.writeTextFile(page, wanted);
  if (await Deno.readTextFile(page) === wanted) return;
  console.error("tests/coverage/coverage.md is stale. Run: deno task gen");
  Deno.exit(1);
}

if (import.meta.main) await main(Deno.args.includes("--check"));
