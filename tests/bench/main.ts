import { benchFiles } from "./files.ts";

type Bench = (args: readonly string[]) => Promise<void>;

/**
 * `deno task bench [SUBJECT] [FLAGS]`: each subject says in its own file what it measures. Those of the
 * plugins in the box stand in their folders and bear their names.
 */
const subjects: Readonly<Record<string, Bench>> = {
  files: benchFiles,
  cli: async (args) => (await import("./cli.ts")).benchCli(args),
  clients: async (args) => (await import("./clients.ts")).benchClients(args),
  kube: async (args) => (await import("./kube.ts")).benchKube(args),
  ...await subjectsOfPlugins(new URL("../../plugins/", import.meta.url)),
};

async function subjectsOfPlugins(folder: URL): Promise<Readonly<Record<string, Bench>>> {
  const found: Record<string, Bench> = {};
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory) continue;
    const main = new URL(`${name}/tests/bench/main.ts`, folder);
    if (!await exists(main)) continue;
    found[name] = async (args) => {
      const { bench }: { readonly bench: Bench } = await import(main.href);
      await bench(args);
    };
  }
  return found;
}

async function exists(file: URL): Promise<boolean> {
  try {
    return (await Deno.stat(file)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function main([first = "files", ...rest]: readonly string[]): Promise<void> {
  if (first.startsWith("-")) return await benchFiles([first, ...rest]);
  const bench = Object.hasOwn(subjects, first) ? subjects[first] : undefined;
  if (bench !== undefined) return await bench(rest);
  console.error(`There is no benchmark "${first}"; there are ${Object.keys(subjects).join(", ")}`);
  Deno.exit(2);
}

await main(Deno.args);
