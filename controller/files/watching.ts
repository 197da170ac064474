import { dirname } from "node:path";

/**
 * Asks the operating system to tell what happens at some paths: folders with all beneath them, and
 * files by way of the folder they are in, since whoever replaces a file replaces what was watched.
 * The folder around each path is watched too, so that a path that comes back is noticed.
 */
export function watchPaths(paths: readonly string[], options: WatchingOptions): Watching {
  const watchers: Deno.FsWatcher[] = [];
  try {
    const folders = paths.filter(isFolder);
    const around = [...new Set(paths.map(dirname))].filter(isFolder);
    if (folders.length > 0) watchers.push(Deno.watchFs(folders, { recursive: true }));
    if (around.length > 0) watchers.push(Deno.watchFs(around, { recursive: false }));
  } catch (error) {
    options.failed(error);
  }
  for (const watcher of watchers) report(watcher, options).catch(options.failed);
  return { close: () => watchers.forEach((watcher) => watcher.close()) };
}

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
