import { join, relative, resolve, sep } from "node:path";
import type { PolicyKinds } from "../api/mod.ts";
import type { FileTable } from "./file_table.ts";
import { isManifest, listFolder } from "./folder.ts";
import type { TreeEvent } from "./folder_tree.ts";
import {
  emptyFolder,
  leadsNowhere,
  notAFile,
  nothingThere,
  parseManifest,
  readTextNow,
  unreadable,
} from "./manifest_file.ts";

/**
 * Reads files and folders into a table, each file once, and forgets how they were found. What follows
 * files has to wait and to doubt; this has not, so thousands of files take a fraction of a second.
 */
export async function readOnce(table: FileTable, options: ReadOnceOptions): Promise<void> {
  const roots = options.paths.map((given) => ({ given, path: resolve(given) }));
  const walk = new Walk(table, roots, options);
  for (const root of roots) await walk.root(root);
}

/** What to read, and whom to tell. */
export interface ReadOnceOptions {
  readonly paths: readonly string[];
  readonly namespace: string;
  /** Kinds that plugins add; none if left out. */
  readonly policyKinds?: PolicyKinds | undefined;
  readonly notify?: (event: TreeEvent) => void;
  readonly onText?: (file: string, text: string) => void;
}

interface Root {
  readonly given: string;
  readonly path: string;
}

class Walk {
  readonly #table: FileTable;
  readonly #roots: readonly Root[];
  readonly #options: ReadOnceOptions;
  readonly #seen = new Set<string>();

  constructor(table: FileTable, roots: readonly Root[], options: ReadOnceOptions) {
    this.#table = table;
    this.#roots = roots;
    this.#options = options;
  }

  async root({ given, path }: Root): Promise<void> {
    let info: Deno.FileInfo;
    try {
      info = await Deno.stat(path);
    } catch (error) {
      return this.#table.fail(given, await missing(path, given, error));
    }
    if (info.isDirectory) {
      const count = await this.#folder(path, []);
      if (count === 0) this.#table.fail(given, emptyFolder(given));
      // A pipe has an end, unlike a file that is followed: `contour lint <(helm template .)`.
    } else if (info.isFile || info.isFifo) this.#file(path);
    else this.#table.fail(given, notAFile(given));
  }

  /** How many files there are in it and beneath it; those that cannot be read count too. */
  async #folder(path: string, above: readonly string[]): Promise<number> {
    const { notify } = this.#options;
    let count = 0;
    try {
      const around = [...above, await Deno.realPath(path)];
      const entries = await listFolder(path, {
        above: around,
        skipped: (path, reason) => notify?.({ kind: "skipped", path: this.#show(path), reason }),
      });
      for (const { path, kind } of entries) {
        if (kind === "folder") count += await this.#folder(path, around);
        else {
          this.#file(path);
          count++;
        }
      }
    } catch (error) {
      this.#table.fail(this.#show(path), unreadable(this.#show(path), "folder", error));
      count++;
    }
    return count;
  }

  #file(path: string): void {
    if (this.#seen.has(path)) return;
    this.#seen.add(path);
    const { namespace, policyKinds, onText } = this.#options;
    const shown = this.#show(path);
    const read = readTextNow(path, shown);
    if (read.kind === "problem") return this.#table.fail(shown, read.problem);
    onText?.(shown, read.text);
    this.#table.put(shown, parseManifest(read.text, { file: shown, namespace, policyKinds }));
  }

  /** As the user would write it. */
  #show(path: string): string {
    const root = this.#roots.find((root) => contains(root.path, path));
    if (root === undefined) return path;
    return path === root.path ? root.given : join(root.given, relative(root.path, path));
  }
}

/** Why there is nothing to read at a path of the command line. */
async function missing(path: string, given: string, error: unknown) {
  if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) {
    return unreadable(given, "file", error);
  }
  const isLink = isManifest(path) && await Deno.lstat(path).then(
    ({ isSymlink }) => isSymlink,
    () => false,
  );
  return isLink ? unreadable(given, "file", leadsNowhere) : nothingThere(given, false);
}

function contains(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}
