/** Finding a Redis to test with, or fetching one. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";

/** A Redis server, and what it needs to be run with. */
export interface RedisBinary {
  readonly server: string;
  /** Libraries that the machine may lack. */
  readonly env: Readonly<Record<string, string>>;
}

let found: Promise<RedisBinary> | undefined;

/**
 * The Redis of `REDIS_SERVER_BIN` or of the PATH, the one we fetched before, or else one that is fetched
 * now from Debian into `contour/redis` of the user's cache folder. Several callers at once do not
 * disturb each other, in this process or others.
 */
export function redisBinary(): Promise<RedisBinary> {
  return found ??= find();
}

async function find(): Promise<RedisBinary> {
  const named = Deno.env.get("REDIS_SERVER_BIN");
  if (named) return { server: named, env: {} };
  for (const folder of (Deno.env.get("PATH") ?? "").split(":").filter((each) => each !== "")) {
    for (const name of ["redis-server", "valkey-server"]) {
      if (await isThere(join(folder, name))) return { server: join(folder, name), env: {} };
    }
  }
  const home = Deno.env.get("XDG_CACHE_HOME") || join(Deno.env.get("HOME") ?? "/tmp", ".cache");
  const folder = join(home, "contour", "redis");
  if (!await isThere(join(folder, "redis-server"))) await fetchRedis(folder);
  return { server: join(folder, "redis-server"), env: { LD_LIBRARY_PATH: folder } };
}

/** What the package of Redis needs beside what every Debian has. */
const packages = ["redis-tools", "libjemalloc2", "liblzf1", "libatomic1"];

/** Unpacks beside the folder and moves it there at last, so it is whole or not there. */
async function fetchRedis(folder: string): Promise<void> {
  const work = `${folder}-${randomUUID()}`;
  await Deno.mkdir(join(work, "all"), { recursive: true });
  try {
    const download = ["download", ...packages];
    if (!await run("apt-get", download, work)) {
      await run("apt-get", ["update"], work);
      if (!await run("apt-get", download, work)) {
        throw new Error(
          "Cannot fetch Redis from Debian: name one by REDIS_SERVER_BIN, or put it on the PATH",
        );
      }
    }
    for await (const { name } of Deno.readDir(work)) {
      if (name.endsWith(".deb")) await run("dpkg", ["-x", name, "all"], work);
    }
    const result = join(work, "result");
    await Deno.mkdir(result);
    // One program is all of Redis, and goes by the name it is called by.
    await Deno.copyFile(join(work, "all/usr/bin/redis-check-rdb"), join(result, "redis-server"));
    for await (const { name: arch } of Deno.readDir(join(work, "all/usr/lib"))) {
      const libraries = join(work, "all/usr/lib", arch);
      if (!(await Deno.stat(libraries)).isDirectory) continue;
      for await (const { name, isFile, isSymlink } of Deno.readDir(libraries)) {
        if (!name.includes(".so")) continue;
        const from = join(libraries, name);
        if (isFile) await Deno.copyFile(from, join(result, name));
        else if (isSymlink) await Deno.symlink(await Deno.readLink(from), join(result, name));
      }
    }
    await Deno.rename(result, folder).catch(async (error) => {
      // Somebody else was faster.
      if (!await isThere(join(folder, "redis-server"))) throw error;
    });
  } finally {
    await Deno.remove(work, { recursive: true });
  }
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
