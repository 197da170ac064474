import { join } from "node:path";
import type { DomainSource } from "./compile.ts";
import type { ConfigurationProblem } from "./problem.ts";
import { readConfiguration } from "./read.ts";

/**
 * Reads configuration files and looks at them again and again: `changed` is called with what they hold
 * whenever that is another. A file that breaks keeps its last good form, and is told. Links are
 * followed, so that the way Kubernetes replaces the files of a ConfigMap is noticed as well.
 *
 * Resolves when they have been read once. Rejects when a path that is named cannot be read then.
 */
export async function followConfiguration(
  paths: readonly string[],
  { changed, check, signal, lookAgainMs = 1_000 }: FollowConfigurationOptions,
): Promise<void> {
  const files = new ConfigurationFiles(check);
  const found = await filesIn(paths);
  await files.read(found);
  changed(files.state());
  let wait = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => wait.resolve(), { once: true });
  const follow = async () => {
    while (!signal.aborted) {
      wait = Promise.withResolvers();
      const timer = setTimeout(() => wait.resolve(), lookAgainMs);
      await wait.promise;
      clearTimeout(timer);
      if (signal.aborted) return;
      // A folder that is away for a moment is being replaced: what was known stands.
      const found = await filesIn(paths).catch(() => undefined);
      if (found !== undefined && await files.read(found)) changed(files.state());
    }
  };
  void follow();
}

/** What to do with what is read. */
export interface FollowConfigurationOptions {
  readonly changed: (state: ConfigurationState) => void;
  readonly check: CheckSource;
  /** Ends the looking. */
  readonly signal: AbortSignal;
  /** Milliseconds between two looks. Default: 1,000. */
  readonly lookAgainMs?: number;
}

/** What is wrong with what a file says, looked at by itself. */
export type CheckSource = (source: DomainSource) => readonly ConfigurationProblem[];

/** Reads configuration files once. Rejects when a path that is named cannot be read. */
export async function readConfigurationFiles(
  paths: readonly string[],
  check: CheckSource,
): Promise<ConfigurationState> {
  const files = new ConfigurationFiles(check);
  await files.read(await filesIn(paths));
  return files.state();
}

/** What is served of files, and what is wrong with them. */
export interface ConfigurationState {
  /** In the order of their paths. */
  readonly sources: readonly DomainSource[];
  readonly problems: readonly ConfigurationProblem[];
  readonly files: number;
}

interface KnownFile {
  readonly stamp: string;
  readonly source: DomainSource | undefined;
  readonly problems: readonly ConfigurationProblem[];
}

interface FoundFile {
  readonly path: string;
  /** Differs when the file was written, or replaced by another. */
  readonly stamp: string;
}

class ConfigurationFiles {
  readonly #check: CheckSource;
  #known = new Map<string, KnownFile>();

  constructor(check: CheckSource) {
    this.#check = check;
  }

  /** Reads what changed; answers whether anything did. */
  async read(found: readonly FoundFile[]): Promise<boolean> {
    const next = new Map<string, KnownFile>();
    let hasChanged = found.length !== this.#known.size;
    for (const { path, stamp } of found) {
      const known = this.#known.get(path);
      if (known?.stamp === stamp) {
        next.set(path, known);
        continue;
      }
      hasChanged = true;
      next.set(path, await readFile({ path, stamp }, known, this.#check));
    }
    this.#known = next;
    return hasChanged;
  }

  state(): ConfigurationState {
    const files = [...this.#known.values()];
    return {
      files: files.length,
      sources: files.map(({ source }) => source).filter((source) => source !== undefined),
      problems: files.flatMap(({ problems }) => problems),
    };
  }
}

async function readFile(
  { path, stamp }: FoundFile,
  known: KnownFile | undefined,
  check: CheckSource,
): Promise<KnownFile> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `error loading config file: cannot read "${path}": ${reason}`;
    // Without a stamp it is tried again.
    return { stamp: "", source: known?.source, problems: [{ severity: "error", message }] };
  }
  const reading = readConfiguration(text, path);
  if (!reading.ok) return { stamp, source: known?.source, problems: reading.problems };
  const { configuration, placeOf, warnings } = reading;
  const source = { configuration, placeOf, name: path };
  const problems = check(source);
  return {
    stamp,
    source: problems.length === 0 ? source : known?.source,
    problems: [...warnings, ...problems],
  };
}

/** The files at some paths, and in folders all that are not hidden, whatever their names end in. */
async function filesIn(paths: readonly string[]): Promise<FoundFile[]> {
  const found = new Map<string, FoundFile>();
  for (const path of paths) {
    const info = await Deno.stat(path);
    if (!info.isDirectory) found.set(path, { path, stamp: stampOf(info) });
    else for await (const file of walk(path, [])) found.set(file.path, file);
  }
  return [...found.values()].sort((a, b) => a.path < b.path ? -1 : 1);
}

async function* walk(folder: string, above: readonly string[]): AsyncIterable<FoundFile> {
  const real = await Deno.realPath(folder);
  if (above.includes(real)) return;
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith(".")) continue;
    const path = join(folder, name);
    const info = await Deno.stat(path).catch(() => undefined);
    if (info?.isDirectory === true) yield* walk(path, [...above, real]);
    else if (info?.isFile === true) yield { path, stamp: stampOf(info) };
  }
}

function stampOf({ mtime, ino, dev, size }: Deno.FileInfo): string {
  return [mtime?.getTime(), ino, dev, size].join(":");
}
