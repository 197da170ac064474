/**
 * Writes the tables of docs/configuration.md: `deno run -A
 * controller/configuration/generate_docs.ts`. With `--check` it writes nothing and fails if they
 * are stale.
 */
import { configurationTables } from "./document.ts";

const page = new URL("../../docs/configuration.md", import.meta.url);

/** The page with the tables of today between its two marks. */
export function withTables(text: string): string {
  const marked = /(<!-- keys: generated -->\n)[^]*(<!-- end of keys -->)/;
  if (!marked.test(text)) throw new Error("The page has no place for the tables");
  return text.replace(marked, (_, begin, end) => `${begin}\n${configurationTables()}\n${end}`);
}

async function main(check: boolean): Promise<void> {
  const text = await Deno.readTextFile(page);
  const wanted = withTables(text);
  if (text === wanted) return;
  if (!check) return await Deno.writeTextFile(page, wanted);
  console.error("Stale: docs/configuration.md. Run: controller/configuration/generate_docs.ts");
  Deno.exit(1);
}

if (import.meta.main) await main(Deno.args.includes("--check"));
