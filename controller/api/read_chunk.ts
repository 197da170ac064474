import type { Diagnostic } from "./diagnostic.ts";
import { identify } from "./identify.ts";
import type { KubeObject } from "./kube_object.ts";
import { keyId, type ObjectKey } from "./object_key.ts";
import { parseObject } from "./parse_object.ts";
import { formatPath, type Segment } from "./path.ts";
import type { PolicyKinds } from "./policy_object.ts";
import type { Problem } from "./problem.ts";
import { construct } from "./yaml/construct.ts";
import { guessKey } from "./yaml/guess_key.ts";
import type { LinePosition } from "./yaml/line_index.ts";
import { Locator } from "./yaml/locator.ts";
import { type Mistake, parse } from "./yaml/parse.ts";

/** What one chunk of a file yields; lines count from its beginning. Depends on nothing else. */
export function readChunk(
  source: string,
  namespace: string,
  policyKinds?: PolicyKinds,
): Chunk {
  return new ChunkReader(source, namespace, policyKinds).read();
}

/** See {@link readChunk}. */
export interface Chunk {
  readonly source: string;
  /** Line breaks in it. */
  readonly lines: number;
  readonly objects: readonly ChunkObject[];
  readonly diagnostics: readonly ChunkDiagnostic[];
  readonly broken: readonly ChunkBroken[];
  readonly locator: Locator;
}

/** An object, and where in the chunk it stands. */
export interface ChunkObject {
  readonly key: ObjectKey;
  /** {@link keyId} of the key. */
  readonly id: string;
  readonly object: KubeObject;
  readonly place: Place;
}

/** A document of the chunk, and the way from its root to the object. */
export interface Place {
  readonly document: number;
  readonly path: readonly Segment[];
}

/** A diagnostic whose position is not of a file yet. */
export interface ChunkDiagnostic extends Omit<Diagnostic, "position"> {
  readonly at: LinePosition;
}

/** An object, or a whole document, that could not be used. */
export interface ChunkBroken {
  readonly key?: ObjectKey;
  readonly at: LinePosition;
}

class ChunkReader {
  readonly #source: string;
  readonly #namespace: string;
  readonly #policyKinds: PolicyKinds | undefined;
  readonly #objects: ChunkObject[] = [];
  readonly #diagnostics: ChunkDiagnostic[] = [];
  readonly #broken: ChunkBroken[] = [];
  readonly #locator: Locator;

  constructor(source: string, namespace: string, policyKinds: PolicyKinds | undefined) {
    this.#source = source;
    this.#namespace = namespace;
    this.#policyKinds = policyKinds;
    this.#locator = new Locator(source);
  }

  read(): Chunk {
    const parsed = parse(this.#source);
    if (!parsed.ok) this.#spoil(parsed.mistake);
    else {
      const { documents, mistakes, fatal } = construct(this.#source, parsed.events);
      if (fatal !== undefined) this.#spoil(fatal);
      for (const [document, value] of documents.entries()) {
        this.#readDocument(value, { document, path: [] }, mistakes);
      }
    }
    return {
      source: this.#source,
      lines: countLines(this.#source),
      objects: this.#objects,
      diagnostics: this.#diagnostics.sort(byPosition),
      broken: this.#broken,
      locator: this.#locator,
    };
  }

  #readDocument(value: unknown, place: Place, mistakes: readonly Mistake[]): void {
    // A document that holds nothing but comments is not worth a word.
    if (value === null || value === undefined) return;
    const identity = identify(value, this.#policyKinds);
    const own = mistakes.filter((mistake) => this.#isIn(mistake, place));
    if (identity.kind !== "list") return this.#readObject(value, place, own);
    const inItems = new Set<Mistake>();
    for (const [index, item] of identity.items.entries()) {
      const itemPlace = { ...place, path: ["items", index] };
      const inItem = own.filter((mistake) => this.#isIn(mistake, itemPlace));
      for (const mistake of inItem) inItems.add(mistake);
      this.#readObject(item, itemPlace, inItem);
    }
    for (const mistake of own) if (!inItems.has(mistake)) this.#reportMistake(mistake);
  }

  #readObject(value: unknown, place: Place, mistakes: readonly Mistake[]): void {
    const result = parseObject(value, {
      strict: true,
      namespace: this.#namespace,
      policyKinds: this.#policyKinds,
    });
    switch (result.kind) {
      case "passed over":
        this.#report(result.problem, place);
        return;
      case "refused":
        for (const mistake of mistakes) this.#reportMistake(mistake, result.key);
        for (const problem of result.problems) this.#report(problem, place, result.key);
        return this.#break(place, result.key);
      case "object": {
        const { key, object } = result;
        for (const mistake of mistakes) this.#reportMistake(mistake, key);
        if (mistakes.length > 0) return this.#break(place, key);
        this.#objects.push({ key, id: keyId(key), object, place });
      }
    }
  }

  /** Nothing of the chunk can be used. */
  #spoil(mistake: Mistake): void {
    const key = guessKey(this.#source, this.#namespace);
    const at = this.#reportMistake(mistake, key);
    this.#broken.push({ ...(key ? { key } : {}), at });
  }

  #break({ document, path }: Place, key: ObjectKey | undefined): void {
    const at = this.#locator.position(document, path, "value");
    this.#broken.push({ ...(key ? { key } : {}), at });
  }

  #reportMistake({ code, offset, message }: Mistake, key?: ObjectKey): LinePosition {
    const at = this.#locator.range({ start: offset, end: tokenEnd(this.#source, offset) });
    this.#diagnostics.push({
      code,
      severity: "error",
      path: "",
      message,
      ...(key ? { object: key } : {}),
      at,
    });
    return at;
  }

  #report(problem: Problem, place: Place, key?: ObjectKey): void {
    const steps = [...place.path, ...problem.path];
    const quoted = this.#quoted(problem, place.document, steps);
    const hint = problem.hint ?? quotingHint(quoted, key);
    const replacement = quoted ?? problem.meant;
    this.#diagnostics.push({
      code: problem.code,
      severity: problem.severity,
      path: formatPath(problem.path),
      message: problem.message,
      ...(key ? { object: key } : {}),
      ...(hint === undefined ? {} : { hint }),
      // Of a Secret nothing is repeated.
      ...(replacement === undefined || key?.kind === "Secret" ? {} : { replacement }),
      at: this.#locator.position(place.document, steps, problem.at),
    });
  }

  /** `value: yes` is a boolean; what was meant is `value: "yes"`. */
  #quoted(problem: Problem, document: number, steps: readonly Segment[]): string | undefined {
    if (!problem.wantsQuotes) return undefined;
    const text = this.#locator.plainText(document, steps);
    return text === undefined ? undefined : JSON.stringify(text);
  }

  #isIn(mistake: Mistake, place: Place): boolean {
    const path = this.#locator.pathTo(place.document, mistake.offset);
    return path !== undefined && place.path.every((segment, index) => path[index] === segment);
  }
}

function quotingHint(quoted: string | undefined, key: ObjectKey | undefined): string | undefined {
  if (quoted === undefined) return undefined;
  return key?.kind === "Secret" ? "quote it" : `quote it: ${quoted}`;
}

/** The end of the word that begins at an offset. */
function tokenEnd(source: string, offset: number): number {
  const word = /[^\s:,[\]{}]+/y;
  word.lastIndex = offset;
  return word.test(source) ? word.lastIndex : offset + 1;
}

function byPosition(a: ChunkDiagnostic, b: ChunkDiagnostic): number {
  return a.at.line - b.at.line || a.at.column - b.at.column;
}

function countLines(source: string): number {
  let count = 0;
  for (let at = source.indexOf("\n"); at >= 0; at = source.indexOf("\n", at + 1)) count++;
  return count;
}
