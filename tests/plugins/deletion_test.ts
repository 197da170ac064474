/**
 * A plugin in the box is its folder and its line: without both, types still fit, and what is left goes
 * on as before. All of `deno task ok` takes too long for that; what is tried here is what hears of the
 * box, by import or by the pages and manifests that it reads.
 */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** From the top of the tree. */
const suites = [
  "cli/program_test.ts",
  "controller/plugin",
  "convert",
  "tests/convert/command_test.ts",
  "tests/diff/command_test.ts",
  "tests/docs_test.ts",
  "tests/examples",
  "tests/explain/command_test.ts",
  "tests/import_directions_test.ts",
  "tests/kube/crds_test.ts",
  "tests/library_test.ts",
  "tests/lint/command_test.ts",
  "tests/plugins/convert_test.ts",
  "tests/plugins/guide_test.ts",
  "tests/request_tests/command_test.ts",
];

for (const plugin of pluginsInTheBox()) {
  Deno.test(`everything else is as it was without the plugin in ${plugin}`, async () => {
    const copy = await Deno.makeTempDir({ prefix: `contour-without-${plugin}-` });
    try {
      await copyTree(root, copy);
      await takeOut(plugin, copy);
      // Tests are left to find the types as they are: the other of the two tells of them.
      await Promise.all([
        deno(copy, ["check", "."]),
        deno(copy, ["test", "-A", "--no-check", "--parallel", ...suites]),
      ]);
    } finally {
      await Deno.remove(copy, { recursive: true });
    }
  });
}

function pluginsInTheBox(): readonly string[] {
  return Array.from(Deno.readDirSync(join(root, "plugins")))
    .flatMap(({ name, isDirectory }) => isDirectory ? [name] : []).sort();
}

/** All that is committed; what is made or fetched is the same for both trees. */
async function copyTree(from: string, to: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    if (name === "node_modules" || name === "gen") await Deno.symlink(source, target);
    else if (!isDirectory) await Deno.copyFile(source, target);
    else if (name !== ".git" && name !== "dist") {
      await Deno.mkdir(target);
      await copyTree(source, target);
    }
  }
}

async function takeOut(plugin: string, tree: string): Promise<void> {
  await Deno.remove(join(tree, "plugins", plugin), { recursive: true });
  const list = join(tree, "plugins/mod.ts");
  const lines = (await Deno.readTextFile(list)).split("\n");
  const others = lines.filter((line) => !line.includes(`"./${plugin}/`));
  assert.equal(others.length, lines.length - 1, `${plugin} is a line of plugins/mod.ts`);
  await Deno.writeTextFile(list, others.join("\n"));
}

/** Throws what it says when it does not succeed. */
async function deno(folder: string, args: readonly string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: folder,
    // What is gone in a minute need not be remembered.
    env: { NO_COLOR: "1", DENO_EMIT_CACHE_MODE: "disable" },
    stdin: "null",
  }).output();
  if (success) return;
  const said = [stderr, stdout].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
  const telling = said.split("\n").filter((line) => !/^Check |\.\.\. ok|^running/.test(line));
  throw new Error(`deno ${args.join(" ")}:\n${telling.slice(-100).join("\n")}`);
}
