/** Cases of `contour explain` that a person can read: a manifest, what is asked of it, and the answers. */
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { commandLine } from "../support/command_line.ts";

const folder = join(dirname(fileURLToPath(import.meta.url)), "cases");

/** A manifest whose first lines are `# ask: ARGS`, and a text of its name with what is answered. */
export interface ExplainCase {
  readonly name: string;
  readonly manifest: string;
  /** Where the answers stand. */
  readonly expectedFile: string;
}

/** All cases, by name. */
export async function explainCases(): Promise<readonly ExplainCase[]> {
  const found: ExplainCase[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".yaml")) continue;
    found.push({
      name: basename(name, ".yaml"),
      manifest: await Deno.readTextFile(join(folder, name)),
      expectedFile: join(folder, name.replace(/\.yaml$/, ".txt")),
    });
  }
  return found.sort((a, b) => a.name < b.name ? -1 : 1);
}

/** What the command answers to each question of a case, with its exit code where that is not 0. */
export async function answersOf({ name, manifest }: ExplainCase): Promise<string> {
  const answers: string[] = [];
  for (const [, question = ""] of manifest.matchAll(/^# ask: (.*)$/gm)) {
    const words = [...question.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) =>
      quoted ?? bare ?? ""
    );
    const { code, out, err } = await commandLine(["explain", ...words, "-"], {
      readStdin: () => Promise.resolve(manifest),
    });
    const shown = (out + err).replaceAll("<stdin>", `${name}.yaml`);
    answers.push(
      `$ contour explain ${question}\n${shown}${code === 0 ? "" : `exit code ${code}\n`}`,
    );
  }
  return answers.join("\n");
}
