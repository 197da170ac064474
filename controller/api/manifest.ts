import type { Diagnostic, Position } from "./diagnostic.ts";
import type { KubeObject } from "./kube_object.ts";
import type { ObjectKey } from "./object_key.ts";
import { parsePath } from "./path.ts";
import type { PolicyKinds } from "./policy_object.ts";
import { type Chunk, type ChunkDiagnostic, type ChunkObject, readChunk } from "./read_chunk.ts";
import { splitChunks } from "./yaml/chunks.ts";
import type { LinePosition } from "./yaml/line_index.ts";

/**
 * Reads the objects of a file: YAML with any number of documents, JSON, Lists. Never throws for
 * what is in the text. A mistake costs the object it is in, or the document if it cannot be parsed;
 * the others are returned. Scalars mean what kubectl makes of them.
 */
export function readManifest(text: string, options: ReadOptions): Manifest {
  const { file, namespace = "default", cache = new ManifestCache(), policyKinds } = options;
  if (text.length > maximumFileSize) return tooLarge(file);
  const body = text.startsWith("\ufeff") ? text.slice(1) : text;
  const chunks = cache.replace(splitChunks(body), namespace, policyKinds);
  const objects: ParsedObject[] = [];
  const diagnostics: Diagnostic[] = [];
  const broken: BrokenDocument[] = [];
  const seen = new Map<string, ParsedObject>();
  let line = 0;
  for (const chunk of chunks) {
    const positionOf = (at: LinePosition) => moved(at, file, line);
    for (const diagnostic of chunk.diagnostics) {
      diagnostics.push(withPosition(diagnostic, positionOf));
    }
    for (const { key, at } of chunk.broken) {
      broken.push({ ...(key ? { key } : {}), position: positionOf(at) });
    }
    for (const found of chunk.objects) {
      const object = parsedObject(chunk, found, file, line);
      const first = seen.get(found.id);
      if (first === undefined) {
        seen.set(found.id, object);
        objects.push(object);
      } else diagnostics.push(duplicate(object, first));
    }
    line += chunk.lines;
  }
  return { objects, diagnostics: capped(diagnostics), broken };
}

/** How to read. */
export interface ReadOptions {
  /** The name of the file, as positions give it. */
  readonly file: string;
  /** Namespace of the objects that name none; `default` if left out. */
  readonly namespace?: string;
  /** Kept by the caller from one reading of a file to the next, so that only what changed is parsed. */
  readonly cache?: ManifestCache;
  /** Kinds that plugins add, always the same ones with the same cache; none if left out. */
  readonly policyKinds?: PolicyKinds | undefined;
}

/** What a file holds. */
export interface Manifest {
  /** In the order of the file, each key once. */
  readonly objects: readonly ParsedObject[];
  readonly diagnostics: readonly Diagnostic[];
  readonly broken: readonly BrokenDocument[];
}

/** An object of a file. Its `object` is the same one as before while its document has not changed. */
export interface ParsedObject {
  readonly key: ObjectKey;
  readonly object: KubeObject;
  /**
   * Where in the file the value at a path such as `spec.routes[0].conditions[1].prefix` stands; if
   * there is none, the nearest thing around it. `key` asks for the name of the field in place of its
   * value. Parses the document anew: for reports.
   */
  readonly locate: (path: string, at?: "key" | "value") => Position;
}

/** What could not be used, so that its last good form can be kept. */
export interface BrokenDocument {
  /** Which object it is; absent when that cannot be told, and it may then be any of the file. */
  readonly key?: ObjectKey;
  readonly position: Position;
}

/** Characters of the largest file that is read. */
export const maximumFileSize = 64 * 1024 * 1024;

/** More diagnostics of one file than these are counted, not listed. */
const maximumDiagnostics = 1000;

/** What the documents of one file yielded when it was last read. */
export class ManifestCache {
  #chunks: readonly Chunk[] = [];
  #namespace = "";

  /** The chunks of a new version of the file. Those it had before are not read again. */
  replace(
    sources: readonly string[],
    namespace: string,
    policyKinds?: PolicyKinds,
  ): readonly Chunk[] {
    const before = namespace === this.#namespace ? this.#chunks : [];
    // An edit leaves a beginning and an end as they were; comparing these in order costs less than
    // hashing every document of the file.
    const shorter = Math.min(before.length, sources.length);
    let head = 0;
    while (head < shorter && before[head]?.source === sources[head]) head++;
    let tail = 0;
    while (tail < shorter - head && before.at(-1 - tail)?.source === sources.at(-1 - tail)) tail++;
    const moved = new Map(
      before.slice(head, before.length - tail).map((chunk) => [chunk.source, chunk]),
    );
    const middle = sources.slice(head, sources.length - tail).map((source) =>
      moved.get(source) ?? readChunk(detached(source), namespace, policyKinds)
    );
    this.#chunks = [
      ...before.slice(0, head),
      ...middle,
      ...before.slice(before.length - tail),
    ];
    this.#namespace = namespace;
    return this.#chunks;
  }
}

/**
 * A copy that does not keep the file's text alive. Engines make a slice refer to the whole it was
 * cut from, and what is parsed from a chunk is made of slices of the chunk.
 */
function detached(chunk: string): string {
  return ` ${chunk}`.slice(1);
}

function parsedObject(chunk: Chunk, found: ChunkObject, file: string, line: number): ParsedObject {
  const { key, object, place } = found;
  return {
    key,
    object,
    locate(path, at = "value") {
      const steps = [...place.path, ...parsePath(path)];
      return moved(chunk.locator.position(place.document, steps, at), file, line);
    },
  };
}

function withPosition(
  { at, ...rest }: ChunkDiagnostic,
  positionOf: (at: LinePosition) => Position,
): Diagnostic {
  return { ...rest, position: positionOf(at) };
}

function moved(at: LinePosition, file: string, lines: number): Position {
  return {
    file,
    line: at.line + lines,
    column: at.column,
    endLine: at.endLine + lines,
    endColumn: at.endColumn,
  };
}

function capped(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const last = diagnostics[maximumDiagnostics - 1];
  if (last === undefined || diagnostics.length === maximumDiagnostics) return diagnostics;
  const rest = diagnostics.slice(maximumDiagnostics);
  return [...diagnostics.slice(0, maximumDiagnostics), {
    code: "CTR016",
    severity: rest.some(({ severity }) => severity === "error") ? "error" : "warning",
    path: "",
    ...(last.position ? { position: last.position } : {}),
    message: `${rest.length} more problems in this file`,
  }];
}

function duplicate(object: ParsedObject, first: ParsedObject): Diagnostic {
  const { kind, namespace, name } = object.key;
  const { line } = first.locate("metadata.name");
  return {
    code: "CTR011",
    severity: "error",
    object: object.key,
    path: "metadata.name",
    position: object.locate("metadata.name"),
    message: `${kind} "${namespace}/${name}" is given twice, first in line ${line}`,
  };
}

function tooLarge(file: string): Manifest {
  const position = { file, line: 1, column: 1, endLine: 1, endColumn: 2 };
  return {
    objects: [],
    diagnostics: [{
      code: "CTR013",
      severity: "error",
      path: "",
      position,
      message: `the file has more than ${maximumFileSize} characters`,
    }],
    broken: [{ position }],
  };
}
