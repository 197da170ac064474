import { resolve } from "node:path";
import type { Diagnostic, ObjectKey, PolicyKinds, Position } from "../api/mod.ts";
import { type FileBatch, FileTable } from "./file_table.ts";
import { FolderTree, type TreeEvent } from "./folder_tree.ts";
import { LookQueue } from "./look_queue.ts";
import { parseManifest } from "./manifest_file.ts";
import { readOnce } from "./read_once.ts";
import { watchForLife, type Watching, watchPaths, type WatchProbe } from "./watching.ts";

/**
 * Reads files and folders and then follows them, until the signal aborts. The first batch is all
 * there is; each later one is what changed. Edits are seen within milliseconds, or (where the
 * operating system tells nothing: links to places elsewhere, network file systems) by looking.
 *
 * - An edit that cannot be used keeps the last good form of what it broke.
 * - A file that vanishes takes its objects with it. A path of `paths` that vanishes as a whole
 *   does not: that is an error, and what was read there stays until it is back.
 */
export function watchFiles(options: WatchOptions): FileSource {
  return new Source(options);
}

/** Reads files and folders once: the objects in force, what is wrong, and where things stand. */
export async function readFiles(options: ReadOptions): Promise<FileContents> {
  const { stdin, namespace, policyKinds, onText } = options;
  const table = new FileTable();
  if (stdin !== undefined) {
    onText?.(stdinName, stdin);
    table.put(stdinName, parseManifest(stdin, { file: stdinName, namespace, policyKinds }));
  }
  await readOnce(table, options);
  const { applied } = table.drain();
  return {
    objects: applied,
    diagnostics: table.diagnostics(),
    fileCount: table.fileCount,
    locate: (key, path, at) => table.locate(key, path, at),
  };
}

/** What standard input is called in messages. */
export const stdinName = "<stdin>";

/** What to read. */
export interface ReadOptions {
  /** Files, and folders with all beneath them; as the user wrote them, for they stand in messages. */
  readonly paths: readonly string[];
  /** The text of standard input, when that is to be read as well. */
  readonly stdin?: string;
  /** Where objects are that name no namespace. */
  readonly namespace: string;
  /** Kinds that plugins add; none if left out. */
  readonly policyKinds?: PolicyKinds | undefined;
  /** Told what is passed over, and what is not as it should be. */
  readonly notify?: (event: FileEvent) => void;
  /** Told the text of each file that was read, under the name it has in messages. */
  readonly onText?: (file: string, text: string) => void;
}

/** What to read and follow. */
export interface WatchOptions extends ReadOptions {
  readonly signal: AbortSignal;
  /** How often to look at what nobody tells of; 1,000 when not given. */
  readonly lookEveryMs?: number;
  /** Whether to ask the operating system for events; `false` leaves looking. */
  readonly events?: boolean;
}

/** Something that is no change and no mistake in a file. */
export type FileEvent =
  | TreeEvent
  /** Events are not to be had; changes are found by looking, which takes longer. */
  | { readonly kind: "watch-failed"; readonly message: string };

/** What was read at once. */
export interface FileContents {
  /** By key. */
  readonly objects: FileBatch["applied"];
  /** By place. */
  readonly diagnostics: readonly Diagnostic[];
  readonly fileCount: number;
  /** Where a field of an object is written, or what is nearest around it. */
  readonly locate: (key: ObjectKey, path: string, at?: "key" | "value") => Position | undefined;
}

/** Batches, in order, for one reader. What is not fetched yet is merged. */
export interface FileSource extends AsyncIterable<FileBatch> {
  /** Everything wrong in the files at present, by place. */
  diagnostics(): readonly Diagnostic[];
  /** Where a field of an object is written, or what is nearest around it. */
  locate(key: ObjectKey, path: string, at?: "key" | "value"): Position | undefined;
  /** Files read so far. */
  readonly fileCount: number;
  /** Different objects in them. */
  readonly objectCount: number;
}

class Source implements FileSource {
  readonly #options: WatchOptions;
  readonly #table = new FileTable();
  readonly #roots: readonly { readonly given: string; readonly path: string }[];
  readonly #tree: FolderTree;
  readonly #queue: LookQueue;
  #watching: Watching | undefined;
  #probe: WatchProbe | undefined;
  /** Whether events are to be had. Once they have ceased not even the end of a watch is safe to ask for. */
  #events: boolean;
  #isRenewing = false;
  #watchIsStale = false;
  #ticker: ReturnType<typeof setInterval> | undefined;
  /** Where the regular look at everything stands. */
  #round: Iterator<string> = [].values();
  #changed = Promise.withResolvers<void>();
  #state: "reading" | "read" | "stopped" = "reading";

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#events = options.events !== false;
    this.#roots = options.paths.map((given) => ({ given, path: resolve(given) }));
    const now = () => performance.now();
    this.#queue = new LookQueue({
      now,
      look: (path, thorough) => this.#tree.look(path, thorough),
      looked: () => this.#looked(),
      failed: (error) => this.#changed.reject(error),
      signal: options.signal,
    });
    this.#tree = new FolderTree({
      roots: this.#roots,
      table: this.#table,
      namespace: options.namespace,
      policyKinds: options.policyKinds,
      now,
      lookAgain: (path, plan) => this.#queue.plan(path, plan),
      rearranged: () => this.#watchIsStale = true,
      notify: (event) => {
        // A pipe may have stopped all events.
        if (event.reason === "not-a-file") this.#watchIsStale = true;
        options.notify?.(event);
      },
    });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FileBatch> {
    const { signal } = this.#options;
    if (signal.aborted) return;
    signal.addEventListener("abort", () => this.#stop(), { once: true });
    this.#start();
    for (let first = true;; first = false) {
      await this.#changed.promise;
      if (signal.aborted) return;
      this.#changed = Promise.withResolvers();
      const batch = this.#table.drain();
      if (first || !isEmpty(batch)) yield batch;
      if (signal.aborted) return;
    }
  }

  diagnostics(): readonly Diagnostic[] {
    return this.#table.diagnostics();
  }

  locate(key: ObjectKey, path: string, at?: "key" | "value"): Position | undefined {
    return this.#table.locate(key, path, at);
  }

  get fileCount(): number {
    return this.#table.fileCount;
  }

  get objectCount(): number {
    return this.#table.objectCount;
  }

  #start(): void {
    const { stdin, namespace, policyKinds, lookEveryMs = 1_000 } = this.#options;
    if (stdin !== undefined) {
      this.#table.put(stdinName, parseManifest(stdin, { file: stdinName, namespace, policyKinds }));
    }
    // Listening first: what changes while we read is then seen twice rather than never.
    if (this.#events) this.#probe = this.#tryWatching(watchForLife);
    this.#watch();
    this.#ticker = setInterval(() => this.#tick(), lookEveryMs);
    if (this.#roots.length === 0) this.#complete();
    this.#lookAtAll();
  }

  #stop(): void {
    this.#state = "stopped";
    if (this.#events) {
      this.#watching?.close();
      this.#probe?.close();
    }
    clearInterval(this.#ticker);
    this.#changed.resolve();
  }

  #looked(): void {
    this.#tree.judgeRoots(this.#queue.size === 0);
    if (this.#watchIsStale) this.#watchAnew();
    if (this.#state === "read") this.#changed.resolve();
    else if (this.#queue.size === 0) this.#complete();
  }

  #complete(): void {
    this.#state = "read";
    this.#changed.resolve();
  }

  #lookAtAll(): void {
    for (const { path } of this.#roots) {
      this.#queue.plan(path, { inMs: 0, reason: "check", thorough: true });
    }
  }

  #watch(): void {
    if (!this.#events) return;
    const paths = [...this.#roots.map(({ path }) => path), ...this.#tree.linkedFolders()];
    this.#watching = this.#tryWatching(() =>
      watchPaths(paths, {
        happened: (kind, path) => this.#happened(kind, path),
        overflowed: () => this.#lookAtAll(),
        failed: (error) => this.#watchFailed(error),
      })
    );
  }

  #watchAnew(): void {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    this.#watchIsStale = false;
    const isAlive = this.#events && this.#probe !== undefined ? this.#probe.isAlive() : false;
    Promise.resolve(isAlive).then((isAlive) => {
      this.#isRenewing = false;
      if (this.#state === "stopped") return;
      if (isAlive) {
        this.#watching?.close();
        this.#watch();
      } else if (this.#events) {
        this.#watchFailed(new Error("events have ceased: is there a named pipe in a folder?"));
      }
      this.#lookAtAll();
    }).catch((error) => this.#changed.reject(error));
  }

  #tryWatching<Started>(start: () => Started): Started | undefined {
    try {
      return start();
    } catch (error) {
      this.#watchFailed(error);
      return undefined;
    }
  }

  #watchFailed(error: unknown): void {
    this.#events = false;
    const message = error instanceof Error ? error.message : String(error);
    this.#options.notify?.({ kind: "watch-failed", message });
  }

  #happened(kind: Deno.FsEvent["kind"], path: string): void {
    if (!this.#tree.owns(path)) return;
    if (this.#tree.hides(path)) {
      // A volume of Kubernetes was updated, perhaps: its files are links through a hidden folder.
      for (const linked of this.#tree.linked()) this.#queue.plan(linked, check);
    } else {
      this.#queue.plan(path, { inMs: waitMs[kind], reason: "event", thorough: true });
    }
  }

  /** What no event tells of: roots, links, and little by little everything else. */
  #tick(): void {
    for (const { path } of this.#roots) this.#queue.plan(path, check);
    for (const path of this.#tree.linked()) this.#queue.plan(path, check);
    const portion = this.#events ? 64 : Infinity;
    for (let looked = 0; looked < portion; looked++) {
      const next = this.#round.next();
      if (next.done) {
        this.#round = this.#tree.known();
        return;
      }
      this.#queue.plan(next.value, check);
    }
  }
}

const check = { inMs: 0, reason: "check", thorough: false } as const;

/**
 * How long to wait for more after an event. Where writing ends with an event of its own (`access`
 * on Linux, and `rename`), that one is acted upon at once.
 */
const waitMs: Readonly<Record<Deno.FsEvent["kind"], number>> = {
  access: 0,
  rename: 0,
  remove: 0,
  create: 10,
  modify: 20,
  any: 0,
  other: 0,
};

function isEmpty({ applied, deleted, diagnostics, mended }: FileBatch): boolean {
  return applied.length + deleted.length + diagnostics.length + mended.length === 0;
}
