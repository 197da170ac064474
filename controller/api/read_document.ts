import type { z } from "zod";
import type { Diagnostic, Position } from "./diagnostic.ts";
import { knownFields, sift } from "./known_fields.ts";
import { formatPath, parsePath } from "./path.ts";
import type { Problem } from "./problem.ts";
import { schemaProblem } from "./schema_problem.ts";
import { construct } from "./yaml/construct.ts";
import type { LinePosition } from "./yaml/line_index.ts";
import { Locator } from "./yaml/locator.ts";
import { type Mistake, parse } from "./yaml/parse.ts";

/**
 * Reads a file that is one YAML or JSON document of a schema and no Kubernetes object. Strict: an
 * unknown field is an error. Null is absent, and an empty file is an empty object. What is wrong is
 * told in the order of the text.
 */
export function readDocument<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  file: string,
): DocumentReading<z.output<Schema>> {
  const source = text.startsWith("\ufeff") ? text.slice(1) : text;
  const locator = new Locator(source);
  const inFile = (at: LinePosition): Position => ({ file, ...at });
  const mistaken = ({ code, offset, message }: Mistake): Diagnostic => {
    const position = inFile(locator.range({ start: offset, end: offset + 1 }));
    return { code, severity: "error", path: "", message, position };
  };
  const parsed = parse(source);
  if (!parsed.ok) return { ok: false, diagnostics: [mistaken(parsed.mistake)] };
  const { documents, mistakes, fatal } = construct(source, parsed.events);
  const found = fatal === undefined ? mistakes : [fatal];
  if (found.length > 0) return { ok: false, diagnostics: found.map(mistaken) };
  const [value] = documents;
  const result = readValue(value ?? {}, schema, { strict: true });
  const diagnostics = (result.ok ? [] : result.problems).map((problem): PlacedDiagnostic => {
    const { code, severity, path, at, message, hint } = problem;
    return {
      code,
      severity,
      path: formatPath(path),
      message,
      ...(hint === undefined ? {} : { hint }),
      position: inFile(locator.position(0, path, at)),
    };
  });
  if (documents.length > 1) {
    diagnostics.push({
      code: "CTR001",
      severity: "error",
      path: "",
      message: "the file has to hold one document, not several",
      position: inFile(locator.position(1, [], "value")),
    });
  }
  if (!result.ok || diagnostics.length > 0) {
    return { ok: false, diagnostics: diagnostics.sort(byPosition) };
  }
  const locate = (path: string) => inFile(locator.position(0, parsePath(path), "value"));
  return { ok: true, value: result.value, locate };
}

type PlacedDiagnostic = Diagnostic & { readonly position: Position };

function byPosition({ position: a }: PlacedDiagnostic, { position: b }: PlacedDiagnostic): number {
  return a.line - b.line || a.column - b.column;
}

/** The value, and where its parts stand; or why there is none. */
export type DocumentReading<Value> =
  | { readonly ok: true; readonly value: Value; readonly locate: (path: string) => Position }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * Makes a typed value of one from outside, which is taken over and may be changed. Not `strict`,
 * fields that are not known are dropped: an API server with a newer schema may send them.
 */
export function readValue<Schema extends z.ZodType>(
  value: unknown,
  schema: Schema,
  { strict }: { readonly strict: boolean },
): ValueReading<z.output<Schema>> {
  const unknown: Problem[] = [];
  sift(value, knownFields(schema), unknown);
  const result = schema.safeParse(value);
  const problems = strict ? unknown : [];
  for (const issue of result.error?.issues ?? []) {
    problems.push(schemaProblem(issue, value, false));
  }
  return result.success && problems.length === 0
    ? { ok: true, value: result.data }
    : { ok: false, problems };
}

/** The value, or why there is none. */
export type ValueReading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problems: readonly Problem[] };
