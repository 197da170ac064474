/** Finding a Redis to test with, or fetching one. */
import { join } from "node:path";
import { cacheFolder, fetchFromDebian, onPath } from "./debian_packages.ts";

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
  const server = Deno.env.get("REDIS_SERVER_BIN") || await onPath("redis-server", "valkey-server");
  if (server !== undefined) return { server, env: {} };
  const folder = cacheFolder("redis");
  await fetchFromDebian({
    name: "Redis",
    // What it needs beside what every Debian has.
    packages: ["redis-tools", "libjemalloc2", "liblzf1", "libatomic1"],
    variable: "REDIS_SERVER_BIN",
    folder,
    program: "redis-server",
    arrange,
  });
  return { server: join(folder, "redis-server"), env: { LD_LIBRARY_PATH: folder } };
}

/** The server, and beside it all libraries. */
async function arrange(unpacked: string, result: string): Promise<void> {
  // One program is all of Redis, and goes by the name it is called by.
  await Deno.copyFile(join(unpacked, "usr/bin/redis-check-rdb"), join(result, "redis-server"));
  for await (const { name: arch } of Deno.readDir(join(unpacked, "usr/lib"))) {
    const libraries = join(unpacked, "usr/lib", arch);
    if (!(await Deno.stat(libraries)).isDirectory) continue;
    for await (const { name, isFile, isSymlink } of Deno.readDir(libraries)) {
      if (!name.includes(".so")) continue;
      const from = join(libraries, name);
      if (isFile) await Deno.copyFile(from, join(result, name));
      else if (isSymlink) await Deno.symlink(await Deno.readLink(from), join(result, name));
    }
  }
}
