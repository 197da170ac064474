import { dirname, join, relative, sep } from "node:path";
import { ManifestCache, type PolicyKinds } from "../api/mod.ts";
import type { FileTable } from "./file_table.ts";
import { type FolderEntry, isManifest, listFolder, type SkipReason } from "./folder.ts";
import type { Plan } from "./look_queue.ts";
import {
  emptyFolder,
  lastingStampOf,
  leadsNowhere,
  notAFile,
  nothingThere,
  parseManifest,
  readText,
  stampOf,
  unreadable,
} from "./manifest_file.ts";

/**
 * What is known of the files beneath some paths, brought up to date by looking at one path at a
 * time. What it finds goes into a {@link FileTable}.
 */
export class FolderTree {
  readonly #options: FolderTreeOptions;
  readonly #roots: readonly Root[];
  readonly #entries = new Map<string, Entry>();
  readonly #linked = new Set<string>();
  readonly #unreadableFolders = new Set<string>();
  #lastMissing = -Infinity;

  /** Paths whose passing over has been told. */
  readonly #told = new Set<string>();

  constructor(options: FolderTreeOptions) {
    this.#options = options;
    this.#roots = options.roots.map((root) => ({
      ...root,
      state: "unknown",
      returned: -Infinity,
      files: 0,
    }));
  }

  /** Looks at a path: a file is read, a folder listed, and what is gone is (after a while) let go. */
  async look(path: string, thorough: boolean): Promise<void> {
    const root = this.#roots.find((root) => root.path === path);
    let info: Deno.FileInfo;
    try {
      info = await Deno.stat(path);
    } catch (error) {
      return isGone(error) ? await this.#missing(path) : this.#unreadable(path, error);
    }
    const isNew = root === undefined && !this.#entries.has(path) && !this.#linked.has(path);
    if (isNew && await isLink(path)) {
      if (info.isDirectory) return this.#lookAround(path);
      this.#linked.add(path);
    }
    const back = root !== undefined && this.#arrived(root);
    if (info.isDirectory) await this.#lookAtFolder(path, info, thorough || back);
    else if (root !== undefined || isManifest(path)) await this.#lookAtFile(path, info, thorough);
  }

  /** Says of every root whether there is anything to read; `settled` when no look is waiting. */
  judgeRoots(settled: boolean): void {
    const { table } = this.#options;
    for (const root of this.#roots) {
      if (root.state !== "present" || this.#entries.get(root.path)?.kind !== "folder") continue;
      if (this.#unreadableFolders.has(root.path)) continue;
      if (root.files > 0) table.recover(root.given);
      else if (settled) table.fail(root.given, emptyFolder(root.given));
    }
  }

  /** As the user would write it. */
  show(path: string): string {
    const root = this.#roots.find((root) => contains(root.path, path));
    if (root === undefined) return path;
    return path === root.path ? root.given : join(root.given, relative(root.path, path));
  }

  /** Whether a path is one of those to read, or beneath one. */
  owns(path: string): boolean {
    return this.#above(path).length > 0;
  }

  /** Whether a path of ours is, or lies beneath, a hidden name. */
  hides(path: string): boolean {
    return this.#above(path).every((root) =>
      relative(root.path, path).split(sep).some((part) => part.startsWith("."))
    );
  }

  /** Files and folders reached by links. */
  linked(): Iterable<string> {
    return this.#linked;
  }

  /** Folders reached by links: watching what is above them does not watch them. */
  linkedFolders(): string[] {
    return [...this.#linked].filter((path) => this.#entries.get(path)?.kind === "folder").sort();
  }

  /** Everything known, what was found first before what was found later. */
  known(): IterableIterator<string> {
    return this.#entries.keys();
  }

  async #lookAtFile(path: string, info: Deno.FileInfo, thorough: boolean): Promise<void> {
    const { table, now } = this.#options;
    if (!info.isFile) {
      if (this.#roots.every((root) => root.path !== path)) return this.#forget(path);
      return table.fail(this.show(path), notAFile(this.show(path)));
    }
    const entry = this.#fileEntry(path);
    entry.missingSince = undefined;
    if (!thorough && entry.stamp === stampOf(info)) return;
    const shown = this.show(path);
    const read = await readText(path, shown, info);
    switch (read.kind) {
      case "missing":
        return await this.#missing(path);
      case "moving":
        return this.#options.lookAgain(path, { inMs: 5, reason: "check", thorough: true });
      case "problem":
        entry.stamp = read.stamp;
        return table.fail(shown, read.problem);
      case "text": {
        const { namespace, policyKinds } = this.#options;
        const reading = parseManifest(read.text, {
          file: shown,
          namespace,
          cache: entry.cache,
          policyKinds,
        });
        // A last line that has lost its end may say anything.
        const isCut = entry.hadLastNewline && !read.text.endsWith("\n");
        if (isCut || table.loses(shown, reading)) {
          // Perhaps the first half of a write. Only what stays like this for a moment is believed.
          entry.doubt ??= { since: now(), stamp: "" };
          const longEnough = now() - entry.doubt.since > longestDoubtMs;
          if (entry.doubt.stamp !== read.stamp && !longEnough) {
            entry.doubt = { ...entry.doubt, stamp: read.stamp };
            table.suspect(shown);
            this.#options.lookAgain(path, { inMs: doubtMs, reason: "check", thorough: true });
            return;
          }
        }
        entry.doubt = undefined;
        entry.hadLastNewline = read.text.endsWith("\n");
        entry.stamp = lastingStampOf(info);
        return table.put(shown, reading);
      }
    }
  }

  async #lookAtFolder(path: string, info: Deno.FileInfo, thorough: boolean): Promise<void> {
    const folder = this.#folderEntry(path);
    const { identity, stamp } = folder;
    folder.identity = `${info.dev}:${info.ino}`;
    folder.stamp = lastingStampOf(info);
    folder.missingSince = undefined;
    const replaced = identity !== folder.identity;
    if (!thorough && !replaced && stamp === stampOf(info)) return;
    if (replaced && identity !== "" && this.#watchedBySelf(path)) this.#options.rearranged();

    const listing = await this.#list(path);
    if (listing === undefined) return;
    const gone = new Set(folder.children);
    for (const { path: child, kind, linked } of listing) {
      gone.delete(child);
      folder.children.add(child);
      this.#mark(child, kind, linked);
      if (this.#entries.get(child)?.kind === kind && !thorough && !replaced) continue;
      if (kind === "folder") await this.look(child, thorough || replaced);
      else this.#options.lookAgain(child, soon);
    }
    for (const child of gone) this.#options.lookAgain(child, soon);
  }

  async #list(path: string): Promise<FolderEntry[] | undefined> {
    const { table } = this.#options;
    try {
      const listing = await listFolder(path, {
        above: await this.#foldersAbove(path),
        skipped: (path, reason) => this.#tell(path, reason),
      });
      if (this.#unreadableFolders.delete(path)) table.recover(this.show(path));
      return listing;
    } catch (error) {
      if (isGone(error)) {
        await this.#missing(path);
      } else {
        this.#unreadable(path, error);
      }
      return undefined;
    }
  }

  /** What was read there before is kept. */
  #unreadable(path: string, error: unknown): void {
    const entry = this.#entries.get(path);
    if (entry !== undefined) entry.stamp = "";
    if (entry?.kind === "folder") this.#unreadableFolders.add(path);
    const problem = unreadable(this.show(path), entry?.kind ?? "file", error);
    this.#options.table.fail(this.show(path), problem);
  }

  /** The folder and those around it, links resolved: where a link must not lead. */
  async #foldersAbove(path: string): Promise<string[]> {
    const above: string[] = [];
    for (let at = path; this.#entries.get(at)?.kind === "folder"; at = dirname(at)) {
      above.push(await Deno.realPath(at));
    }
    return above;
  }

  /** Lets go of what stays away, unless the whole path of the command line is away. */
  async #missing(path: string): Promise<void> {
    const entry = this.#entries.get(path);
    const roots = this.#above(path);
    const standing = await Promise.all(roots.map((root) => this.#stands(root)));
    if (standing.includes(false)) return;
    if (isManifest(path) && await isLink(path)) return this.#unreadable(path, leadsNowhere);
    if (entry === undefined) return this.#forget(path);
    const now = this.#options.now();
    if (entry.missingSince === undefined) {
      entry.missingSince = now;
      entry.stamp = "";
      this.#lastMissing = now;
      if (entry.kind === "file") this.#options.table.suspect(this.show(path));
    }
    // While files go one after the other, perhaps all of it is going: wait for the end of it.
    const since = Math.max(this.#lastMissing, ...roots.map(({ returned }) => returned));
    const patience = Math.min(since, entry.missingSince + longestAbsenceMs) + absenceMs;
    if (now < patience) {
      this.#options.lookAgain(path, { inMs: patience - now, reason: "check", thorough: true });
    } else {
      this.#forget(path);
    }
  }

  async #stands(root: Root): Promise<boolean> {
    try {
      await Deno.stat(root.path);
      return true;
    } catch (error) {
      if (!isGone(error)) return true;
      if (root.state !== "absent") {
        this.#options.table.fail(root.given, nothingThere(root.given, root.state === "present"));
        root.state = "absent";
        this.#options.rearranged();
      }
      return false;
    }
  }

  /** A link to a folder may lead in a circle: whoever lists the folder around it decides. */
  #lookAround(path: string): void {
    const parent = this.#entries.get(dirname(path));
    if (parent !== undefined) parent.stamp = "";
    this.#options.lookAgain(dirname(path), soon);
  }

  /** Notes that a root is there; whether it was away. */
  #arrived(root: Root): boolean {
    const away = root.state === "absent";
    if (away) {
      // What is missing now may be about to be written, so it gets more time than usual.
      root.returned = this.#options.now() + returnMs;
      this.#options.table.recover(root.given);
    }
    if (away) this.#options.rearranged();
    root.state = "present";
    return away;
  }

  #above(path: string): readonly Root[] {
    return this.#roots.filter((root) => contains(root.path, path));
  }

  #watchedBySelf(path: string): boolean {
    return this.#linked.has(path) || this.#roots.some((root) => root.path === path);
  }

  #mark(path: string, kind: "file" | "folder", linked: boolean): void {
    if (this.#linked.has(path) === linked) return;
    if (linked) this.#linked.add(path);
    else this.#linked.delete(path);
    if (kind === "folder") this.#options.rearranged();
  }

  #fileEntry(path: string): FileEntry {
    const known = this.#entries.get(path);
    if (known?.kind === "file") return known;
    if (known?.kind === "folder") this.#forget(path);
    const entry: FileEntry = {
      kind: "file",
      stamp: "",
      cache: new ManifestCache(),
      missingSince: undefined,
      doubt: undefined,
      hadLastNewline: false,
    };
    this.#enter(path, entry);
    for (const root of this.#above(path)) root.files++;
    return entry;
  }

  #folderEntry(path: string): FolderNode {
    const known = this.#entries.get(path);
    if (known?.kind === "folder") return known;
    if (known?.kind === "file") this.#forget(path);
    const entry: FolderNode = {
      kind: "folder",
      stamp: "",
      identity: "",
      missingSince: undefined,
      children: new Set(),
    };
    this.#enter(path, entry);
    return entry;
  }

  #enter(path: string, entry: Entry): void {
    this.#entries.set(path, entry);
    const parent = this.#entries.get(dirname(path));
    if (parent?.kind === "folder") parent.children.add(path);
  }

  #forget(path: string): void {
    const entry = this.#entries.get(path);
    const parent = this.#entries.get(dirname(path));
    if (parent?.kind === "folder") parent.children.delete(path);
    if (this.#linked.delete(path) && entry?.kind === "folder") this.#options.rearranged();
    this.#entries.delete(path);
    if (entry === undefined) this.#options.table.recover(this.show(path));
    if (entry?.kind === "file") {
      for (const root of this.#above(path)) root.files--;
      this.#options.table.remove(this.show(path));
    } else if (entry?.kind === "folder") {
      for (const child of [...entry.children]) this.#forget(child);
      if (this.#unreadableFolders.delete(path)) this.#options.table.recover(this.show(path));
    }
  }

  #tell(path: string, reason: SkipReason): void {
    if (this.#told.has(path)) return;
    this.#told.add(path);
    this.#options.notify({ kind: "skipped", path: this.show(path), reason });
  }
}

/** What a tree needs of its surroundings. */
export interface FolderTreeOptions {
  /** The paths to read: as given, and absolute. */
  readonly roots: readonly { readonly given: string; readonly path: string }[];
  readonly table: FileTable;
  /** Where objects are that name no namespace. */
  readonly namespace: string;
  /** Kinds that plugins add; none if left out. */
  readonly policyKinds?: PolicyKinds | undefined;
  /** Milliseconds, never going back. */
  readonly now: () => number;
  readonly lookAgain: (path: string, plan: Plan) => void;
  /** Roots came or went, or links to folders did: other paths have to be watched. */
  readonly rearranged: () => void;
  readonly notify: (event: TreeEvent) => void;
}

/** Something that is not read. */
export interface TreeEvent {
  readonly kind: "skipped";
  readonly path: string;
  readonly reason: SkipReason;
}

interface Root {
  readonly given: string;
  readonly path: string;
  state: "unknown" | "present" | "absent";
  /** Until when its files have time to reappear. */
  returned: number;
  files: number;
}

type Entry = FileEntry | FolderNode;

interface FileEntry {
  readonly kind: "file";
  stamp: string;
  readonly cache: ManifestCache;
  missingSince: number | undefined;
  /** What was read last ended a line. */
  hadLastNewline: boolean;
  /** Its latest reading takes objects away or breaks off, and was of this stamp. */
  doubt: { readonly since: number; readonly stamp: string } | undefined;
}

interface FolderNode {
  readonly kind: "folder";
  stamp: string;
  /** Device and inode: another folder under the same name is looked at anew. */
  identity: string;
  missingSince: number | undefined;
  readonly children: Set<string>;
}

/** Editors and git take a file away and put a new one there. */
const absenceMs = 10;
/** However many files go, one that went so long ago is let go. */
const longestAbsenceMs = 2_000;
/** A folder that came back is filled. */
const returnMs = 250;
/** A file that lost objects is read again. */
const doubtMs = 100;
const longestDoubtMs = 500;

const soon: Plan = { inMs: 0, reason: "check", thorough: false };

function contains(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await Deno.lstat(path)).isSymlink;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}
