import { join } from "node:path";

/**
 * The files and folders in a folder that matter, by name. Links are followed; one that leads back
 * to where we came from is passed over. One that leads nowhere, or to itself, is listed if it is named
 * like a manifest: whoever reads it reports it.
 *
 * Names that begin with a dot are hidden. That takes care of editors' scratch files, and of the
 * `..data` folder beneath a ConfigMap or Secret volume, whose files are reached by links beside it.
 */
export async function listFolder(folder: string, visit: FolderVisit): Promise<FolderEntry[]> {
  const entries: FolderEntry[] = [];
  for await (const { name, isDirectory, isFile, isSymlink } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (name.startsWith(".")) {
      visit.skipped(path, "hidden");
    } else if (isSymlink) {
      const entry = await followLink(path, visit);
      if (entry !== undefined) entries.push(entry);
    } else if (isDirectory) {
      entries.push({ path, kind: "folder", linked: false });
    } else if (!isManifest(name)) {
      visit.skipped(path, "other-extension");
    } else if (!isFile) {
      visit.skipped(path, "not-a-file");
    } else {
      entries.push({ path, kind: "file", linked: false });
    }
  }
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Something in a folder. */
export interface FolderEntry {
  readonly path: string;
  readonly kind: "file" | "folder";
  /** Reached by a link, so that a change of it may come without an event. */
  readonly linked: boolean;
}

/** What to know and tell while listing. */
export interface FolderVisit {
  /** The folders on the way here, links resolved. */
  readonly above: readonly string[];
  readonly skipped: (path: string, reason: SkipReason) => void;
}

/** Why something in a folder is not read. */
export type SkipReason =
  | "hidden"
  | "other-extension"
  | "not-a-file"
  | "broken-link"
  | "link-in-circle";

/** Whether a file of this name is read when it is found in a folder. */
export function isManifest(path: string): boolean {
  return /\.(?:ya?ml|json)$/i.test(path);
}

async function followLink(path: string, visit: FolderVisit): Promise<FolderEntry | undefined> {
  let target: Deno.FileInfo;
  let real: string;
  try {
    target = await Deno.stat(path);
    real = await Deno.realPath(path);
  } catch {
    if (isManifest(path)) return { path, kind: "file", linked: true };
    visit.skipped(path, "broken-link");
    return undefined;
  }
  if (target.isDirectory) {
    if (!visit.above.includes(real)) return { path, kind: "folder", linked: true };
    visit.skipped(path, "link-in-circle");
  } else if (!isManifest(path)) {
    visit.skipped(path, "other-extension");
  } else if (!target.isFile) {
    visit.skipped(path, "not-a-file");
  } else {
    return { path, kind: "file", linked: true };
  }
  return undefined;
}
