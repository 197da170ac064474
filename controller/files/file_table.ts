import { isDeepStrictEqual } from "node:util";
import {
  codeNamed,
  type Diagnostic,
  keyId,
  type KubeObject,
  type ObjectKey,
  type Position,
} from "../api/mod.ts";

/**
 * What every file last gave, and which objects follow from it: a state machine without I/O.
 *
 * A file states *claims*: this object, in this form. An edit that breaks an object leaves its last
 * good form standing as the claim of that file. When several files claim one object, the first in
 * the order of paths has it, whoever came first in time, so that every start gives the same answer.
 */
export class FileTable {
  readonly #files = new Map<string, ReadonlyMap<string, Claim>>();
  /** By object, the one that has it first. */
  readonly #claims = new Map<string, Claim[]>();
  /** What the last drain left the reader with, and what may differ from it since. */
  readonly #served = new Map<string, Claim>();
  readonly #touched = new Map<string, ObjectKey>();
  /** What is wrong with a path (a file, or a folder that cannot be read), and what was at the last drain. */
  readonly #problems = new Map<string, readonly Diagnostic[]>();
  readonly #problemsBefore = new Map<string, readonly Diagnostic[]>();
  /** By object, the claims that came too late. */
  readonly #contested = new Map<string, readonly Diagnostic[]>();

  /** The file was read. Whatever it broke is kept as it was. */
  put(file: string, reading: FileReading): void {
    const before = this.#files.get(file) ?? new Map<string, Claim>();
    const after = new Map<string, Claim>();
    for (const { key, object, locate } of reading.objects) {
      after.set(keyId(key), { file, key, object, locate, borrowed: false });
    }
    for (const key of reading.broken) {
      const id = keyId(key);
      const kept = after.get(id) ?? before.get(id) ?? this.#borrow(file, id);
      if (kept !== undefined) after.set(id, kept);
    }
    if (reading.unidentified) {
      for (const [id, claim] of before) if (!after.has(id)) after.set(id, claim);
    }
    this.#replace(before, after);
    this.#files.set(file, after);
    this.#report(file, reading.diagnostics);
  }

  /** Nothing could be read there: what it gave before stands. Also for folders. */
  fail(path: string, problem: Diagnostic): void {
    this.#report(path, [problem]);
  }

  /** The path can be read again. */
  recover(path: string): void {
    this.#report(path, []);
  }

  /** The file is gone, and its claims with it. */
  remove(file: string): void {
    this.#replace(this.#files.get(file) ?? new Map(), new Map());
    this.#files.delete(file);
    this.#report(file, []);
  }

  /** The file may be about to lose objects. Until that is known its claims stand, unless others have them. */
  suspect(file: string): void {
    const before = this.#files.get(file);
    if (before === undefined) return;
    const after = new Map(
      before.entries().map(([id, claim]) => [id, { ...claim, borrowed: true }]),
    );
    this.#replace(before, after);
    this.#files.set(file, after);
  }

  /** Whether this reading would take an object away that the file has given until now. */
  loses(file: string, reading: FileReading): boolean {
    if (reading.unidentified) return false;
    const before = this.#files.get(file);
    if (before === undefined) return false;
    const left = new Set(reading.objects.map(({ key }) => keyId(key)));
    for (const key of reading.broken) left.add(keyId(key));
    return before.keys().some((id) => !left.has(id));
  }

  /** What changed since the last call; nothing twice, nothing that came out the same. */
  drain(): FileBatch {
    const applied: [id: string, KubeObject][] = [];
    const deleted: [id: string, ObjectKey][] = [];
    const appeared: Diagnostic[] = [];
    const mended = new Set<string>();
    for (const [id, key] of this.#touched) {
      const contest = this.#settleContest(id);
      appeared.push(...additions(contest.before, contest.after));
      for (const { position } of contest.before) if (position) mended.add(position.file);

      const winner = this.#claims.get(id)?.[0];
      const served = this.#served.get(id);
      if (winner === undefined) {
        if (served !== undefined) deleted.push([id, key]);
        this.#served.delete(id);
      } else {
        if (!isDeepStrictEqual(served?.object, winner.object)) applied.push([id, winner.object]);
        this.#served.set(id, winner);
      }
    }
    for (const [path, before] of this.#problemsBefore) {
      appeared.push(...additions(before, this.#problems.get(path) ?? []));
      if (before.some(isError)) mended.add(path);
    }
    this.#touched.clear();
    this.#problemsBefore.clear();
    return {
      applied: values(applied),
      deleted: values(deleted),
      diagnostics: appeared.sort(byPlace),
      mended: mended.size === 0 ? [] : this.#withoutErrors(mended),
    };
  }

  /** Everything that is wrong at present, by place. */
  diagnostics(): readonly Diagnostic[] {
    return [...this.#problems.values(), ...this.#contested.values()].flat().sort(byPlace);
  }

  /** Where this field of the object stands, or the nearest thing around it that is written down. */
  locate(key: ObjectKey, path: string, at?: "key" | "value"): Position | undefined {
    return this.#claims.get(keyId(key))?.[0]?.locate(path, at);
  }

  /** The file an object is taken from. */
  fileOf(key: ObjectKey): string | undefined {
    return this.#claims.get(keyId(key))?.[0]?.file;
  }

  /** How many files have been read. */
  get fileCount(): number {
    return this.#files.size;
  }

  /** How many different objects they give. */
  get objectCount(): number {
    return this.#claims.size;
  }

  /** The last good form of an object whose new file broke it: it was moved and spoilt at once. */
  #borrow(file: string, id: string): Claim | undefined {
    const served = this.#served.get(id);
    return served && { ...served, file, borrowed: true };
  }

  #replace(before: ReadonlyMap<string, Claim>, after: ReadonlyMap<string, Claim>): void {
    for (const [id, claim] of before) if (after.get(id) !== claim) this.#withdraw(id, claim);
    for (const [id, claim] of after) if (before.get(id) !== claim) this.#claim(id, claim);
  }

  #claim(id: string, claim: Claim): void {
    const claims = this.#claims.get(id) ?? [];
    const at = claims.findIndex((other) => precedes(claim, other));
    this.#claims.set(id, claims.toSpliced(at === -1 ? claims.length : at, 0, claim));
    this.#touched.set(id, claim.key);
  }

  #withdraw(id: string, claim: Claim): void {
    const left = (this.#claims.get(id) ?? []).filter((other) => other !== claim);
    if (left.length === 0) this.#claims.delete(id);
    else this.#claims.set(id, left);
    this.#touched.set(id, claim.key);
  }

  #settleContest(id: string) {
    const before = this.#contested.get(id) ?? [];
    const [winner, ...others] = this.#claims.get(id) ?? [];
    const after = winner === undefined ? [] : others
      .filter(({ borrowed }) => !borrowed)
      .map((claim) => duplicate(claim, winner));
    if (after.length === 0) this.#contested.delete(id);
    else this.#contested.set(id, after);
    return { before, after };
  }

  #report(path: string, problems: readonly Diagnostic[]): void {
    const before = this.#problems.get(path) ?? [];
    if (before.length === 0 && problems.length === 0) return;
    if (!this.#problemsBefore.has(path)) this.#problemsBefore.set(path, before);
    if (problems.length === 0) this.#problems.delete(path);
    else this.#problems.set(path, problems);
  }

  #withoutErrors(paths: ReadonlySet<string>): string[] {
    const wrong = new Set<string>();
    for (const problem of this.#contested.values().flatMap((each) => each)) {
      if (problem.position !== undefined) wrong.add(problem.position.file);
    }
    return [...paths]
      .filter((path) => !wrong.has(path) && !this.#problems.get(path)?.some(isError))
      .sort();
  }
}

/** What one reading of a file said. */
export interface FileReading {
  /** What was understood; each key once. */
  readonly objects: readonly ReadObject[];
  /** Objects that are in the file but not in a form that can be used. */
  readonly broken: readonly ObjectKey[];
  /** Whether some of the file could not be told to be any object: a syntax error. */
  readonly unidentified: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** An object and its place. */
export interface ReadObject {
  readonly key: ObjectKey;
  readonly object: KubeObject;
  /** The position of a field: `spec.routes[0]`; of the whole object for an empty path. */
  readonly locate: (path: string, at?: "key" | "value") => Position;
}

/** A change of what the files say, as a whole. */
export interface FileBatch {
  /** New objects and new forms of old ones, by key. */
  readonly applied: readonly KubeObject[];
  /** By key. */
  readonly deleted: readonly ObjectKey[];
  /** Problems that were not there before. */
  readonly diagnostics: readonly Diagnostic[];
  /** Files that had errors and have none any more. */
  readonly mended: readonly string[];
}

interface Claim extends ReadObject {
  readonly file: string;
  /** Not, or no longer, in this file: yields to every claim proper. */
  readonly borrowed: boolean;
}

function precedes(claim: Claim, other: Claim): boolean {
  if (claim.borrowed !== other.borrowed) return other.borrowed;
  return claim.file < other.file;
}

/** The reader of a manifest says the same of two documents in one file. */
function duplicate({ key, locate }: Claim, first: Claim): Diagnostic {
  const at = first.locate("metadata.name");
  const name = key.namespace === "" ? key.name : `${key.namespace}/${key.name}`;
  return {
    code: codeNamed("DuplicateObject"),
    severity: "error",
    object: key,
    path: "metadata.name",
    position: locate("metadata.name"),
    message: `${key.kind} "${name}" is given twice, first in ${at.file}:${at.line}`,
  };
}

function isError({ severity }: Diagnostic): boolean {
  return severity === "error";
}

/** What is said now and was not before. Lines may have moved: that alone is no news. */
function additions(before: readonly Diagnostic[], after: readonly Diagnostic[]): Diagnostic[] {
  if (before.length === 0) return [...after];
  const known = new Set(before.map(substance));
  return after.filter((problem) => !known.has(substance(problem)));
}

function substance({ position, ...problem }: Diagnostic): string {
  return JSON.stringify([position?.file, problem]);
}

function byPlace({ position: a }: Diagnostic, { position: b }: Diagnostic): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}

function values<Value>(entries: [id: string, value: Value][]): Value[] {
  return entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, value]) => value);
}
