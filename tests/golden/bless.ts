/**
 * `deno task bless [word…]`: rewrites the golden files of all cases, or of those whose name contains
 * one of the words, removes files that no case asks for and folders that are empty, and prints what
 * changed, for review.
 */
import { join, relative } from "node:path";
import { convertCases } from "../convert/convert_case.ts";
import { workCases } from "../incremental/work_case.ts";
import { caseDiff } from "./compare.ts";
import { committed, foldersBelow, type GoldenCase, testsFolder } from "./golden_case.ts";
import { translationCases } from "./translation_case.ts";

async function bless(golden: GoldenCase): Promise<boolean> {
  const before = committed(golden);
  const after = await golden.produce();
  const difference = caseDiff(before, after);
  if (difference === "") return false;
  console.log(`== ${golden.name}\n${difference}`);
  for (const [name, text] of after) await Deno.writeTextFile(join(golden.folder, name), text);
  for (const name of before.keys()) {
    if (!after.has(name)) await Deno.remove(join(golden.folder, name));
  }
  return true;
}

/** Folders without input: what the harness wrote there goes, and the folder when nothing is left. */
async function removeOrphans(below: string, outputs: readonly string[]): Promise<void> {
  for (const folder of [...foldersBelow(join(testsFolder, below))].reverse()) {
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    if (names.includes("in.yaml")) continue;
    for (const name of names.filter((name) => outputs.includes(name))) {
      console.log(`Removed ${relative(testsFolder, join(folder, name))}`);
      await Deno.remove(join(folder, name));
    }
    if (names.every((name) => outputs.includes(name))) await Deno.remove(folder);
  }
}

const words = Deno.args;
const cases = [...translationCases(), ...workCases(), ...convertCases()];
const chosen = cases.filter(({ name }) =>
  words.length === 0 || words.some((word) => name.includes(word))
);
let changed = 0;
for (const golden of chosen) if (await bless(golden)) changed++;
if (words.length === 0) {
  for (const below of ["golden", "incremental", "convert"]) {
    await removeOrphans(below, cases.flatMap(({ outputs }) => [...outputs]));
  }
}
console.log(`${changed} of ${chosen.length} cases changed`);
