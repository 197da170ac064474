import { UsageError } from "../command_line/mod.ts";
import { largestFileBytes } from "../controller/files/mod.ts";

/** A file as it was committed. */
export interface GitFile {
  /** For messages: `main:routes/shop.yaml`. */
  readonly name: string;
  /** Absent where it is larger than what is read. */
  readonly bytes?: Uint8Array;
}

/** Whether git knows a revision of this name. Throws a `UsageError` when there is no git. */
export async function isRevision(word: string): Promise<boolean> {
  if (word === "" || word.startsWith("-")) return false;
  const { code } = await git(["rev-parse", "--verify", "--quiet", `${word}^{commit}`], word);
  return code === 0;
}

/** The commit that two revisions have in common, as for `A...B`. */
export async function mergeBase(a: string, b: string): Promise<string> {
  const { code, out, err } = await git(["merge-base", a, b], `${a}...${b}`);
  if (code === 0) return text(out).trim();
  throw new UsageError(
    `Cannot compare "${a}...${b}": ${reasonOf(err, "they have nothing in common")}`,
  );
}

/**
 * The manifests of a revision, below paths that are written from the current folder as for
 * `git diff`; all of that folder without any.
 */
export async function filesOfRevision(
  revision: string,
  paths: readonly string[],
): Promise<readonly GitFile[]> {
  const { code, out, err } = await git(
    ["ls-tree", "-r", "-z", "-l", revision, "--", ...paths],
    revision,
  );
  if (code !== 0) throw new UsageError(`Cannot read "${revision}": ${reasonOf(err, "git failed")}`);
  const named = new Set(paths.map((path) => path.replace(/^\.\//, "")));
  const entries = entriesOf(out).filter(({ path }) => named.has(path) || isManifest(path));
  return await contents(entries.map((entry) => ({ ...entry, name: `${revision}:${entry.path}` })));
}

/** What `REVISION:PATH` names: a file, or the manifests of a folder; written from the root, as for git. */
export async function filesOfTree(word: string): Promise<readonly GitFile[]> {
  const type = await git(["cat-file", "-t", word], word);
  const kind = text(type.out).trim();
  if (type.code !== 0) {
    throw new UsageError(`Cannot read "${word}": ${reasonOf(type.err, "git knows no such path")}`);
  }
  if (kind === "blob") {
    const { out } = await git(["rev-parse", word], word);
    const { out: size } = await git(["cat-file", "-s", word], word);
    return await contents([{ id: text(out).trim(), size: Number(text(size)), name: word }]);
  }
  const { code, out, err } = await git(["ls-tree", "-r", "-z", "-l", "--full-tree", word], word);
  if (code !== 0) throw new UsageError(`Cannot read "${word}": ${reasonOf(err, "git failed")}`);
  const begin = word.endsWith(":") || word.endsWith("/") ? word : `${word}/`;
  return await contents(
    entriesOf(out).filter(({ path }) => isManifest(path))
      .map((entry) => ({ ...entry, name: begin + entry.path })),
  );
}

interface Entry {
  readonly id: string;
  readonly size: number;
  readonly path: string;
}

/** Files proper: links lead where the revision may not hold anything, submodules are others' affair. */
function entriesOf(listing: Uint8Array): readonly Entry[] {
  return text(listing).split("\0").flatMap((line) => {
    const [, mode = "", id = "", size = "", path = ""] =
      /^(\d+) blob ([0-9a-f]+) +(\d+)\t([^]*)$/.exec(line) ?? [];
    return mode.startsWith("100") ? [{ id, size: Number(size), path }] : [];
  });
}

/** As in folders: by the end of the name, and nothing hidden. */
function isManifest(path: string): boolean {
  return /\.(ya?ml|json)$/i.test(path) && !/(^|\/)\.(?!\.?\/)/.test(path);
}

async function contents(
  entries: readonly (Omit<Entry, "path"> & { readonly name: string })[],
): Promise<readonly GitFile[]> {
  const read = entries.filter(({ size }) => size <= largestFileBytes);
  const input = new TextEncoder().encode(read.map(({ id }) => `${id}\n`).join(""));
  const found = new Map<string, Uint8Array>();
  if (read.length > 0) {
    const { out } = await git(["cat-file", "--batch"], "objects", input);
    for (let at = 0; at < out.length;) {
      const end = out.indexOf(0x0a, at);
      const [, id = "", size = ""] = /^([0-9a-f]+) \S+ (\d+)$/.exec(text(out.subarray(at, end))) ??
        [];
      if (id === "") throw new Error("Cannot read from git: its answer is not understood");
      found.set(id, out.subarray(end + 1, end + 1 + Number(size)));
      at = end + 1 + Number(size) + 1;
    }
  }
  return entries.map(({ id, name }) => {
    const bytes = found.get(id);
    return { name, ...(bytes === undefined ? {} : { bytes }) };
  });
}

interface GitAnswer {
  readonly code: number;
  readonly out: Uint8Array;
  readonly err: string;
}

async function git(
  args: readonly string[],
  about: string,
  input?: Uint8Array,
): Promise<GitAnswer> {
  let process: Deno.ChildProcess;
  try {
    process = new Deno.Command("git", {
      args: [...args],
      stdin: input === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
      env: { LC_ALL: "C" },
    }).spawn();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new UsageError(
      `Cannot read "${about}": there is no such file or folder, and git, which may know it, is not installed`,
      { cause },
    );
  }
  const writing = input === undefined ? undefined : write(process.stdin, input);
  const [{ code, stdout, stderr }] = await Promise.all([process.output(), writing]);
  return { code, out: stdout, err: text(stderr) };
}

async function write(stream: WritableStream<Uint8Array>, bytes: Uint8Array): Promise<void> {
  const writer = stream.getWriter();
  await writer.write(bytes);
  await writer.close();
}

/** The first line of what git says, without its own beginning. */
function reasonOf(err: string, otherwise: string): string {
  const line = err.split("\n").find((line) => line.trim() !== "");
  return line?.replace(/^(fatal|error): /i, "") ?? otherwise;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
