import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { dump } from "js-yaml";
import type { Json } from "../../proto/mod.ts";

/** A folder with what goes in and, committed beside it, what has to come out. */
export interface GoldenCase {
  /** Its path below `tests`: `golden/httpproxy/includes/cycle`. */
  readonly name: string;
  readonly folder: string;
  /** Every file the harness writes for some case; one it does not produce for this case is an orphan. */
  readonly outputs: readonly string[];
  /** The files this case has to consist of beside its input, by name. */
  readonly produce: () => Promise<ReadonlyMap<string, string>>;
}

/** The folder that all cases are in. */
export const testsFolder = join(dirname(fileURLToPath(import.meta.url)), "..");

/** The cases below a folder of `tests`: folders that hold `in.yaml`. Sorted by name. */
export function findCases(
  below: string,
  { outputs, produce }: {
    readonly outputs: readonly string[];
    readonly produce: (folder: string) => Promise<ReadonlyMap<string, string>>;
  },
): GoldenCase[] {
  return [...foldersBelow(join(testsFolder, below))]
    .filter((folder) => hasFile(folder, "in.yaml"))
    .map((folder) => ({
      name: relative(testsFolder, folder),
      folder,
      outputs,
      produce: () => produce(folder),
    }))
    .sort((a, b) => a.name < b.name ? -1 : 1);
}

/** What stands in a folder now, of the files the harness writes. */
export function committed({ folder, outputs }: GoldenCase): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const name of outputs) {
    if (hasFile(folder, name)) files.set(name, Deno.readTextFileSync(join(folder, name)));
  }
  return files;
}

/** The text of a golden file. */
export function goldenYaml(value: Json): string {
  return dump(value, { lineWidth: -1, noRefs: true });
}

/** A folder and all folders in it. */
export function* foldersBelow(folder: string): Iterable<string> {
  yield folder;
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* foldersBelow(join(folder, name));
  }
}

function hasFile(folder: string, name: string): boolean {
  return [...Deno.readDirSync(folder)].some((entry) => entry.isFile && entry.name === name);
}
