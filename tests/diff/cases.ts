/** Cases of `contour diff` that a person can read: two manifests, and what is said of them. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { commandLine } from "../support/command_line.ts";

const folder = join(dirname(fileURLToPath(import.meta.url)), "cases");

/** A folder with `before.yaml`, `after.yaml`, and what is said; a first line `# diff: FLAGS` adds flags. */
export interface DiffCase {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly flags: readonly string[];
  /** Where the answer stands. */
  readonly expectedFile: string;
}

/** All cases, by name. */
export async function diffCases(): Promise<readonly DiffCase[]> {
  const found: DiffCase[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory) continue;
    const before = join(folder, name, "before.yaml");
    const text = await Deno.readTextFile(before);
    found.push({
      name,
      before,
      after: join(folder, name, "after.yaml"),
      flags: /^# diff: (.*)/.exec(text)?.[1]?.split(" ") ?? [],
      expectedFile: join(folder, name, "expected.txt"),
    });
  }
  return found.sort((a, b) => a.name < b.name ? -1 : 1);
}

/** What the command says, with its exit code. */
export async function answerOf({ name, before, after, flags }: DiffCase): Promise<string> {
  const { code, out, err } = await commandLine(["diff", ...flags, before, after]);
  const shown = (err + out).replaceAll(`${join(folder, name)}/`, "");
  return `$ contour diff ${
    [...flags, "before.yaml", "after.yaml"].join(" ")
  }\n${shown}exit code ${code}\n`;
}
