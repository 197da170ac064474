/**
 * Makes a folder hold exactly these files, by their path in it. With `--check` among the arguments of
 * the program it writes nothing, names what is stale, and ends the program with 1 if anything is.
 */
export async function keepFolder(
  folder: URL,
  wanted: ReadonlyMap<string, string>,
  check = Deno.args.includes("--check"),
): Promise<void> {
  const there = await filesIn(folder);
  const stale = [...wanted].filter(([path, text]) => there.get(path) !== text);
  const orphans = [...there.keys()].filter((path) => !wanted.has(path));
  if (check) {
    const paths = [...stale.map(([path]) => path), ...orphans];
    if (paths.length === 0) return;
    const [name] = folder.pathname.split("/").slice(-2);
    console.error(`Stale in manifests/${name}: ${paths.join(", ")}. Run: deno task gen`);
    Deno.exit(1);
  }
  for (const [path, text] of stale) {
    await Deno.mkdir(new URL(".", new URL(path, folder)), { recursive: true });
    await Deno.writeTextFile(new URL(path, folder), text);
  }
  for (const path of orphans) await Deno.remove(new URL(path, folder));
}

/** The files of a folder and of those in it, by path. */
async function filesIn(folder: URL, prefix = ""): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  try {
    for await (const { name, isDirectory } of Deno.readDir(new URL(prefix, folder))) {
      const path = `${prefix}${name}`;
      if (!isDirectory) files.set(path, await Deno.readTextFile(new URL(path, folder)));
      else for (const [at, text] of await filesIn(folder, `${path}/`)) files.set(at, text);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return files;
}
