/** Finding shells to test completion in, or fetching them. */
import { join } from "node:path";
import { cacheFolder, fetchFromDebian, onPath } from "./debian_packages.ts";

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
  const variable = `${name.toUpperCase()}_BIN`;
  const path = Deno.env.get(variable) || await onPath(name);
  if (path !== undefined) return { path, env: {}, functions: [] };
  if (name === "bash") throw new Error(`There is no bash on the PATH: name one by ${variable}`);
  const folder = cacheFolder("shells", name);
  await fetchFromDebian({
    name,
    packages: packages[name],
    variable,
    folder,
    program: binaries[name],
    // Both folders together are how fish knows that it was moved.
    ...(name === "fish" ? { arrange: withEtc } : {}),
  });
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

async function withEtc(unpacked: string, result: string): Promise<void> {
  await Deno.remove(result);
  await Deno.rename(unpacked, result);
  await Deno.mkdir(join(result, "usr/etc/fish"), { recursive: true });
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
