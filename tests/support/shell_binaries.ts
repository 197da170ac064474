/** Finding shells to test completion in, or fetching them. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";

/** A shell, and where its functions are. */
export interface ShellBinary {
  readonly path: string;
  /** Libraries that the machine may lack. */
  readonly env: Readonly<Record<string, string>>;
  /** Folders of functions that zsh would not find by itself. */
  readonly functions: readonly string[];
}

/**
 * The shell of `ZSH_BIN` or `FISH_BIN` or of the PATH, the one we fetched before, or else one that is
 * fetched now from Debian into `contour/shells` of the user's cache folder. Several callers at once do
 * not disturb each other, in this process or others.
 */
export async function shellBinary(name: "bash" | "zsh" | "fish"): Promise<ShellBinary> {
  const named = Deno.env.get(`${name.toUpperCase()}_BIN`);
  if (named) return { path: named, env: {}, functions: [] };
  for (const folder of (Deno.env.get("PATH") ?? "").split(":").filter((each) => each !== "")) {
    const path = join(folder, name);
    if (await isThere(path)) return { path, env: {}, functions: [] };
  }
  if (name === "bash") throw new Error("There is no bash on the PATH: name one by BASH_BIN");
  const home = Deno.env.get("XDG_CACHE_HOME") || join(Deno.env.get("HOME") ?? "/tmp", ".cache");
  const folder = join(home, "contour", "shells", name);
  if (!await isThere(join(folder, binaries[name]))) await fetchShell(name, folder);
  return {
    path: join(folder, binaries[name]),
    env: { LD_LIBRARY_PATH: (await librariesOf(folder)).join(":") },
    functions: name === "zsh" ? await foldersBelow(join(folder, "usr/share/zsh/functions")) : [],
  };
}

const binaries = { zsh: "bin/zsh-static", fish: "usr/bin/fish" } as const;

/** What they need beside what every Debian has. */
const packages = {
  zsh: ["zsh-static", "zsh-common"],
  fish: ["fish", "fish-common", "libpcre2-32-0", "libtinfo6"],
} as const;

/** Unpacks beside the folder and moves it there at last, so it is whole or not there. */
async function fetchShell(name: "zsh" | "fish", folder: string): Promise<void> {
  const work = `${folder}-${randomUUID()}`;
  const result = join(work, "result");
  await Deno.mkdir(result, { recursive: true });
  try {
    const download = ["download", ...packages[name]];
    if (!await run("apt-get", download, work)) {
      await run("apt-get", ["update"], work);
      if (!await run("apt-get", download, work)) {
        throw new Error(
          `Cannot fetch ${name} from Debian: name one by ${name.toUpperCase()}_BIN, or put it on the PATH`,
        );
      }
    }
    for await (const { name } of Deno.readDir(work)) {
      if (name.endsWith(".deb")) await run("dpkg", ["-x", name, "result"], work);
    }
    // Both folders together are how fish knows that it was moved.
    if (name === "fish") await Deno.mkdir(join(result, "usr/etc/fish"), { recursive: true });
    await Deno.rename(result, folder).catch(async (error) => {
      // Somebody else was faster.
      if (!await isThere(join(folder, binaries[name]))) throw error;
    });
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

async function librariesOf(folder: string): Promise<readonly string[]> {
  const folders = await Promise.all(
    ["lib", "usr/lib"].map((path) => foldersBelow(join(folder, path)).catch(() => [])),
  );
  return folders.flat().filter((path) => /-linux-gnu[^/]*$/.test(path));
}

/** The folder, and all beneath it. */
async function foldersBelow(folder: string): Promise<readonly string[]> {
  const found = [folder];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) found.push(...await foldersBelow(join(folder, name)));
  }
  return found;
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

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}
