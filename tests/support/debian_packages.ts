/** Programs to test with, out of packages of Debian, without installing them. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";

/** What is fetched, and where it goes. */
export interface DebianPrograms {
  /** As people call it. */
  readonly name: string;
  readonly packages: readonly string[];
  /** The environment variable that names one already there. */
  readonly variable: string;
  readonly folder: string;
  /** A file below the folder, by which it is known to be there. */
  readonly program: string;
  /**
   * Makes `result`, an empty folder, what the folder is to be, from `unpacked`. Default: it is what the
   * packages hold.
   */
  readonly arrange?: (unpacked: string, result: string) => Promise<void>;
}

/**
 * Fetches the packages, unless they were before. They are unpacked beside the folder and moved there at
 * last, so it is whole or not there, and several callers at once do not disturb each other. Rejects,
 * with what to do about it, where there is no Debian to ask.
 */
export async function fetchFromDebian(
  { name, packages, variable, folder, program, arrange }: DebianPrograms,
): Promise<void> {
  if (await isFile(join(folder, program))) return;
  const work = `${folder}-${randomUUID()}`;
  const unpacked = join(work, "unpacked");
  const result = join(work, "result");
  for (const each of [unpacked, result]) await Deno.mkdir(each, { recursive: true });
  try {
    const download = ["download", ...packages];
    if (!await run("apt-get", download, work)) {
      await run("apt-get", ["update"], work);
      if (!await run("apt-get", download, work)) {
        throw new Error(
          `Cannot fetch ${name} from Debian: name one by ${variable}, or put it on the PATH`,
        );
      }
    }
    for await (const { name } of Deno.readDir(work)) {
      if (name.endsWith(".deb")) await run("dpkg", ["-x", name, unpacked], work);
    }
    await arrange?.(unpacked, result);
    await Deno.rename(arrange === undefined ? unpacked : result, folder).catch(async (error) => {
      // Somebody else was faster.
      if (!await isFile(join(folder, program))) throw error;
    });
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** Where a program of one of these names is on the PATH; `undefined`: nowhere. */
export async function onPath(...names: readonly string[]): Promise<string | undefined> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":").filter((each) => each !== "")) {
    for (const name of names) {
      if (await isFile(join(folder, name))) return join(folder, name);
    }
  }
  return undefined;
}

/** A folder of ours in the user's cache folder; it need not be there. */
export function cacheFolder(...path: readonly string[]): string {
  const home = Deno.env.get("XDG_CACHE_HOME") || join(Deno.env.get("HOME") ?? "/tmp", ".cache");
  return join(home, "contour", ...path);
}

async function run(program: string, args: readonly string[], cwd: string): Promise<boolean> {
  const command = new Deno.Command(program, {
    args: [...args],
    cwd,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  });
  try {
    return (await command.output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}
