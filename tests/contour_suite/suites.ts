/** The suites: copied from the module of Project Contour, and compiled with Go. */
import { join } from "node:path";

/** The Project Contour whose suites are run. */
export const projectVersion = "v1.33.8";

/** In the order they are run. */
export const suiteNames = ["bootstrap", "infra", "ingress", "httpproxy", "incluster"] as const;

/** One of them. */
export type SuiteName = (typeof suiteNames)[number];

/**
 * Compiles suites into a folder of the user's cache, where that was not done before, and returns the
 * folder: `source/` is the module, as it is; `bin/<suite>.test` a suite.
 */
export async function prepareSuites(names: readonly SuiteName[]): Promise<string> {
  const home = Deno.env.get("XDG_CACHE_HOME") || join(Deno.env.get("HOME") ?? "/tmp", ".cache");
  const folder = join(home, "contour", `suite-${projectVersion.slice(1)}`);
  const source = join(folder, "source");
  await Deno.mkdir(folder, { recursive: true });
  if (!await isThere(source)) {
    const module = `github.com/projectcontour/contour@${projectVersion}`;
    const { Dir } = JSON.parse(await go(["mod", "download", "-json", module], folder)) as {
      Dir: string;
    };
    const partial = `${source}.partial`;
    await new Deno.Command("cp", { args: ["-r", "--no-preserve=mode", Dir, partial] }).output();
    await Deno.rename(partial, source);
  }
  for (const name of names) {
    const binary = join(folder, "bin", `${name}.test`);
    if (await isThere(binary)) continue;
    console.error(`Compiling the suite ${name} (minutes, once)`);
    await go(["test", "-c", "-tags=e2e", "-o", binary, `./test/e2e/${name}`], source);
  }
  return folder;
}

async function go(args: readonly string[], cwd: string): Promise<string> {
  const { success, stdout } = await new Deno.Command("go", {
    args: [...args],
    cwd,
    stdin: "null",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`go ${args.join(" ")} failed`);
  return new TextDecoder().decode(stdout);
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
