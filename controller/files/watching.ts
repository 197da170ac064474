import { dirname, join } from "node:path";

/**
 * Asks the operating system to tell what happens at some paths: folders with all beneath them, and
 * files by way of the folder they are in, since whoever replaces a file replaces what was watched.
 * Where there is nothing yet, the folder around is watched, so that a path that appears is noticed.
 */
export function watchPaths(paths: readonly string[], options: WatchingOptions): Watching {
  const watchers: Deno.FsWatcher[] = [];
  try {
    const folders = paths.filter(isFolder);
    const others = paths.filter((path) => !folders.includes(path));
    const around = [...new Set(others.map(dirname))].filter(isFolder);
    if (folders.length > 0) watchers.push(Deno.watchFs(folders, { recursive: true }));
    if (around.length > 0) watchers.push(Deno.watchFs(around, { recursive: false }));
  } catch (error) {
    options.failed(error);
  }
  for (const watcher of watchers) report(watcher, options).catch(options.failed);
  return { close: () => watchers.forEach((watcher) => watcher.close()) };
}

/**
 * Tells whether events still come. All watches of a process share a thread that opens what it tells
 * of: a named pipe in a watched folder, even one that is nobody's business, stops it for good, and
 * whoever then begins another watch waits for ever.
 */
export function watchForLife(): WatchProbe {
  const folder = Deno.makeTempDirSync({ prefix: "contour-watch-" });
  const watcher = Deno.watchFs(folder);
  const removeFolder = () => Deno.removeSync(folder, { recursive: true });
  let heard = Promise.withResolvers<true>();
  const listen = async () => {
    for await (const _ of watcher) heard.resolve(true);
  };
  listen().catch(() => {});
  return {
    async isAlive() {
      heard = Promise.withResolvers();
      await Deno.writeTextFile(join(folder, "probe"), "");
      const { promise: silence, resolve } = Promise.withResolvers<false>();
      const timer = setTimeout(() => resolve(false), silenceMs);
      const isAlive = await Promise.race([heard.promise, silence]);
      clearTimeout(timer);
      if (!isAlive) removeFolder();
      return isAlive;
    },
    close() {
      watcher.close();
      removeFolder();
    },
  };
}

/** See {@link watchForLife}. */
export interface WatchProbe {
  /** Not to be asked again, nor to be closed, once the answer was no. */
  readonly isAlive: () => Promise<boolean>;
  close(): void;
}

/** An event takes less than a millisecond; a machine may be busy. */
const silenceMs = 1_000;

/** Whom to tell. */
export interface WatchingOptions {
  readonly happened: (kind: Deno.FsEvent["kind"], path: string) => void;
  /** Events were lost: anything may have changed. */
  readonly overflowed: () => void;
  readonly failed: (error: unknown) => void;
}

/** A watch that stands until it is closed. */
export interface Watching {
  close(): void;
}

async function report(watcher: Deno.FsWatcher, options: WatchingOptions): Promise<void> {
  for await (const { kind, paths, flag } of watcher) {
    if (flag === "rescan") options.overflowed();
    for (const path of paths) options.happened(kind, path);
  }
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
