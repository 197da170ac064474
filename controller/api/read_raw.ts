import type { Diagnostic, Position } from "./diagnostic.ts";
import { parsePath, type Segment } from "./path.ts";
import { splitChunks } from "./yaml/chunks.ts";
import { construct } from "./yaml/construct.ts";
import type { LinePosition } from "./yaml/line_index.ts";
import { Locator } from "./yaml/locator.ts";
import { type Mistake, parse } from "./yaml/parse.ts";

/**
 * Reads the objects of a file as they are written, of whatever kind and version: YAML with any number
 * of documents, JSON, Lists. For those who read kinds that are not ours. Never throws for what is in
 * the text; a mistake costs the document it is in.
 */
export function readRaw(text: string, file: string): RawManifest {
  const objects: RawObject[] = [];
  const diagnostics: Diagnostic[] = [];
  let line = 0;
  for (const source of splitChunks(text.startsWith("\ufeff") ? text.slice(1) : text)) {
    const locator = new Locator(source);
    const first = line;
    const place = (at: LinePosition): Position => ({
      file,
      line: at.line + first,
      column: at.column,
      endLine: at.endLine + first,
      endColumn: at.endColumn,
    });
    const tell = ({ code, offset, message }: Mistake) =>
      diagnostics.push({
        code,
        severity: "error",
        path: "",
        message,
        position: place(locator.range({ start: offset, end: offset + 1 })),
      });
    line += source.split("\n").length - 1;
    const parsed = parse(source);
    if (!parsed.ok) {
      tell(parsed.mistake);
      continue;
    }
    const { documents, mistakes, fatal } = construct(source, parsed.events);
    const found = fatal === undefined ? mistakes : [fatal];
    for (const mistake of found) tell(mistake);
    if (found.length > 0) continue;
    for (const [document, value] of documents.entries()) {
      for (const [item, base] of itemsOf(value)) {
        objects.push({
          value: item,
          locate: (path, at = "value") =>
            place(locator.position(document, [...base, ...parsePath(path)], at)),
        });
      }
    }
  }
  return { objects, diagnostics };
}

/** See {@link readRaw}. */
export interface RawManifest {
  /** In the order of the file. */
  readonly objects: readonly RawObject[];
  readonly diagnostics: readonly Diagnostic[];
}

/** An object as it is written. */
export interface RawObject {
  readonly value: unknown;
  /** Where the value at a path stands, or its name; if there is none, the nearest thing around it. */
  readonly locate: (path: string, at?: "key" | "value") => Position;
}

/** The objects in a document, and the way to each: a List has several. */
function itemsOf(value: unknown): readonly (readonly [value: unknown, path: readonly Segment[]])[] {
  if (value === null || value === undefined) return [];
  if (typeof value === "object" && "kind" in value && "items" in value) {
    const { kind, items } = value;
    if (typeof kind === "string" && kind.endsWith("List") && Array.isArray(items)) {
      return items.map((item, index) => [item, ["items", index]] as const);
    }
  }
  return [[value, []]];
}
