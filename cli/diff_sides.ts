import { basename } from "node:path";
import { UsageError } from "../command_line/mod.ts";
import {
  codeNamed,
  type Diagnostic,
  keyId,
  keyOf,
  type KubeObject,
  type ObjectKey,
  type PolicyKinds,
  type Position,
} from "../controller/api/mod.ts";
import {
  type FileEvent,
  FileTable,
  largestFileBytes,
  parseManifest,
  readFiles,
} from "../controller/files/mod.ts";
import { asksForCluster, type ClusterAccessFlags } from "./cluster_flags.ts";
import type { CommandContext } from "./command_context.ts";
import { filesOfRevision, filesOfTree, type GitFile, isRevision, mergeBase } from "./git_files.ts";
import { parseLabelSelector } from "./label_selector.ts";
import { isKubectlFolder, readKubectlFolders } from "./kubectl_folders.ts";
import { skippedLine } from "./skipped_line.ts";

/** What was read for one side. */
export interface DiffSide {
  /** For people: `main:routes`, `new/`, `the cluster`. */
  readonly name: string;
  readonly objects: readonly KubeObject[];
  readonly diagnostics: readonly Diagnostic[];
  readonly locate: (key: ObjectKey, path: string) => Position | undefined;
}

/** Both sides. */
export interface DiffSides {
  readonly before: DiffSide;
  readonly after: DiffSide;
  /** Whether an object would be known if it existed: of files nobody can tell. */
  readonly isSeen: (key: ObjectKey) => boolean;
  /** What the user should know of how they were read. */
  readonly notes: readonly string[];
}

/** Flags that say how to read them. */
export interface SideFlags extends ClusterAccessFlags {
  readonly filename?: readonly string[];
  readonly verbose: boolean;
  /** Kinds that plugins add. */
  readonly policyKinds?: PolicyKinds | undefined;
}

/**
 * Reads what the words of the command line mean:
 *
 * - `A B`: files, folders, `-`, or `REVISION:PATH` of git;
 * - `REVISION [PATH…]`: what is committed there against what lies here; `A..B [PATH…]` and
 *   `A B [PATH…]`: two revisions;
 * - with a cluster: what is there against the same with the files in their place.
 *
 * Throws a `UsageError` where they mean nothing.
 */
export async function readSides(
  words: readonly string[],
  flags: SideFlags,
  context: Pick<CommandContext, "terminal">,
): Promise<DiffSides> {
  const all = [...words, ...flags.filename ?? []];
  const reader = new SideReader(flags, context);
  if (asksForCluster(flags)) return await withCluster(all, reader, flags, context);
  if (flags.selector !== undefined) {
    throw new UsageError(
      "-l chooses which objects of files take their places in a cluster: name one with --context",
    );
  }
  if (all.length === 2 && await isKubectlFolder(all)) {
    return await readKubectlFolders(all, reader.reading);
  }
  const [before, after] = await sidesOf(all, reader);
  return { before, after, isSeen: () => false, notes: [] };
}

async function sidesOf(
  words: readonly string[],
  reader: SideReader,
): Promise<readonly [DiffSide, DiffSide]> {
  const [first, second, ...rest] = words;
  if (first === undefined) {
    throw new UsageError("name two sides: files, folders, - or revisions of git");
  }
  const range = await rangeOf(first);
  if (range !== undefined) {
    const paths = words.slice(1);
    return [await reader.revision(range[0], paths), await reader.revision(range[1], paths)];
  }
  if (await isBareRevision(first)) {
    if (second !== undefined && await isBareRevision(second)) {
      return [await reader.revision(first, rest), await reader.revision(second, rest)];
    }
    const paths = words.slice(1);
    const before = await reader.revision(first, paths);
    return [before, await reader.workingTree(paths, before)];
  }
  if (second === undefined) {
    throw new UsageError(`name what to compare "${first}" with: contour diff A B`);
  }
  if (rest.length > 0) {
    throw new UsageError("name two sides; several files of a side go into a folder");
  }
  if (first === "-" && second === "-") throw new UsageError("only one side can be standard input");
  return [await reader.side(first), await reader.side(second)];
}

/** A path that is there wins over a revision of its name; `REVISION:` is never a path. */
async function isBareRevision(word: string): Promise<boolean> {
  return word !== "-" && !word.includes(":") && !await exists(word) && await isRevision(word);
}

async function rangeOf(word: string): Promise<readonly [string, string] | undefined> {
  const [, a = "", dots = "", b = ""] = /^(.*?[^.])(\.\.\.?)([^./].*)?$/.exec(word) ?? [];
  if (dots === "" || word.includes(":") || await exists(word)) return undefined;
  const to = b === "" ? "HEAD" : b;
  if (!await isRevision(a) || !await isRevision(to)) return undefined;
  return [dots === "..." ? await mergeBase(a, to) : a, to];
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}

/** The files in the place of what the cluster holds; two sides of files are each completed by it. */
async function withCluster(
  words: readonly string[],
  reader: SideReader,
  flags: SideFlags,
  { terminal }: Pick<CommandContext, "terminal">,
): Promise<DiffSides> {
  const [first, second, ...rest] = words;
  if (first === undefined || rest.length > 0) {
    throw new UsageError("name the files that are to take the place of what is in the cluster");
  }
  const { forbiddenLines, readClusterObjects } = await import("./cluster_objects.ts");
  const { policyKinds } = flags;
  const cluster = await readClusterObjects(
    flags,
    policyKinds === undefined ? {} : { policyKinds },
  );
  terminal.err(forbiddenLines(cluster, flags));
  const selector = flags.selector === undefined ? undefined : parseLabelSelector(flags.selector);
  const chosen = (side: DiffSide): DiffSide =>
    selector === undefined ? side : {
      ...side,
      objects: side.objects.filter(({ metadata: { labels } }) => selector(labels ?? {})),
    };
  const sides = [
    chosen(await reader.side(first)),
    ...second === undefined ? [] : [chosen(await reader.side(second))],
  ];
  const [a, b] = sides;
  if (a === undefined) throw new UsageError("name the files to compare");
  const given = new Set(sides.flatMap(({ objects }) => objects.map((one) => keyId(keyOf(one)))));
  const live: DiffSide = {
    name: "the cluster",
    objects: cluster.objects,
    diagnostics: [],
    locate: (key, path) => cluster.locate(key, path),
  };
  const others = cluster.objects.filter((object) => !given.has(keyId(keyOf(object))));
  const completed = (side: DiffSide): DiffSide => ({
    ...side,
    objects: [...side.objects, ...others],
    locate: (key, path) => side.locate(key, path) ?? cluster.locate(key, path),
  });
  return {
    before: b === undefined ? live : completed(a),
    after: completed(b ?? a),
    isSeen: (key) => cluster.isSeen(key),
    notes: [],
  };
}

/** How manifests are read. */
export interface ManifestReading {
  readonly namespace: string;
  readonly policyKinds: PolicyKinds | undefined;
}

class SideReader {
  readonly reading: ManifestReading;
  readonly #verbose: boolean;
  readonly #terminal: CommandContext["terminal"];

  constructor(
    { namespace = "default", verbose, policyKinds }: SideFlags,
    { terminal }: Pick<CommandContext, "terminal">,
  ) {
    this.reading = { namespace, policyKinds };
    this.#verbose = verbose;
    this.#terminal = terminal;
  }

  /** A file, a folder, `-`, or `REVISION:PATH`. */
  async side(word: string): Promise<DiffSide> {
    if (word !== "-" && word.includes(":") && !await exists(word)) {
      return gitSide(word, await filesOfTree(word), this.reading);
    }
    return await this.#files(word, [word]);
  }

  async revision(revision: string, paths: readonly string[]): Promise<DiffSide> {
    return gitSide(revision, await filesOfRevision(revision, paths), this.reading);
  }

  /** What lies where files of a revision came from; those that are gone since are no mistake. */
  async workingTree(paths: readonly string[], before: DiffSide): Promise<DiffSide> {
    const wanted = paths.length === 0 ? ["."] : paths;
    const there = [];
    for (const path of wanted) {
      if (await exists(path) || before.objects.length === 0) there.push(path);
    }
    return await this.#files("the working tree", there);
  }

  async #files(name: string, paths: readonly string[]): Promise<DiffSide> {
    const { objects, diagnostics, locate } = await readFiles({
      paths: paths.filter((path) => path !== "-"),
      ...this.reading,
      ...(paths.includes("-") ? { stdin: await this.#terminal.readStdin() } : {}),
      notify: (event: FileEvent) => {
        if (this.#verbose && event.kind === "skipped") this.#terminal.err(skippedLine(event));
      },
    });
    // Against nothing all would be lost, or gained, and that is not what was asked.
    const missing = diagnostics.find(({ code, severity, position }) =>
      code === codeNamed("UnreadableFile") && severity === "error" &&
      paths.includes(position?.file ?? "")
    );
    if (missing !== undefined) {
      const isName = !paths.some((path) => /[/.]/.test(path));
      throw new UsageError(`${missing.message}${isName ? ", nor revision of git" : ""}`);
    }
    return { name, objects, diagnostics, locate };
  }
}

function gitSide(name: string, files: readonly GitFile[], reading: ManifestReading): DiffSide {
  const table = new FileTable();
  for (const { name: file, bytes } of files) {
    const read = bytes === undefined ? undefined : utf8(bytes);
    if (read !== undefined) table.put(file, parseManifest(read, { file, ...reading }));
    else table.fail(file, unreadable(file, bytes));
  }
  const { applied } = table.drain();
  return {
    name,
    objects: applied,
    diagnostics: table.diagnostics(),
    locate: (key, path) => table.locate(key, path),
  };
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function unreadable(file: string, bytes: Uint8Array | undefined): Diagnostic {
  return {
    code: codeNamed(bytes === undefined ? "TooLarge" : "Syntax"),
    severity: "error",
    path: "",
    position: { file, line: 1, column: 1, endLine: 1, endColumn: 1 },
    message: bytes === undefined
      ? `File "${basename(file)}" has more than ${
        largestFileBytes / 1024 / 1024
      } MiB, and is not read`
      : `File "${basename(file)}" is not UTF-8 text`,
  };
}
