import { z } from "zod";
import { nearest } from "./nearest.ts";
import type { Segment } from "./path.ts";
import type { Problem } from "./problem.ts";

/** The names that a schema knows at each level, compiled for a fast walk beside the value. */
export type KnownFields =
  | { readonly kind: "object"; readonly fields: ReadonlyMap<string, KnownFields> }
  | { readonly kind: "map"; readonly values: KnownFields }
  | { readonly kind: "list"; readonly items: KnownFields }
  /** A scalar, or a part that may hold anything. */
  | { readonly kind: "any" };

/** The names a schema knows. */
export function knownFields(schema: z.core.$ZodType): KnownFields {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return knownFields(schema.unwrap());
  }
  if (schema instanceof z.ZodArray) return { kind: "list", items: knownFields(schema.element) };
  if (schema instanceof z.ZodRecord) return { kind: "map", values: knownFields(schema.valueType) };
  if (schema instanceof z.ZodObject && schema.def.catchall === undefined) {
    const fields = Object.entries<z.core.$ZodType>(schema.shape)
      .map(([name, field]) => [name, knownFields(field)] as const);
    return { kind: "object", fields: new Map(fields) };
  }
  return { kind: "any" };
}

/**
 * Takes away fields that are null, which the API server sees as absent, and reports the fields
 * that are not known. Changes the value in place.
 */
export function sift(value: unknown, known: KnownFields, problems: Problem[]): void {
  walk(value, known, [], problems);
}

function walk(value: unknown, known: KnownFields, path: Segment[], problems: Problem[]): void {
  if (typeof value !== "object" || value === null) return;
  switch (known.kind) {
    case "any":
      return;
    case "list":
      if (!Array.isArray(value)) return;
      for (const [index, item] of value.entries()) {
        descend(item, known.items, index, path, problems);
      }
      return;
    case "map":
    case "object":
      if (Array.isArray(value)) return;
      siftFields(value as Record<string, unknown>, known, path, problems);
  }
}

function siftFields(
  object: Record<string, unknown>,
  known: Extract<KnownFields, { readonly kind: "map" | "object" }>,
  path: Segment[],
  problems: Problem[],
): void {
  for (const name in object) {
    if (!Object.hasOwn(object, name)) continue;
    const field = known.kind === "map" ? known.values : known.fields.get(name);
    if (field === undefined) {
      if (known.kind === "object") problems.push(unknownField(name, known.fields, path));
    } else if (object[name] === null) delete object[name];
    else descend(object[name], field, name, path, problems);
  }
}

function descend(
  value: unknown,
  known: KnownFields,
  segment: Segment,
  path: Segment[],
  problems: Problem[],
): void {
  if (typeof value !== "object" || value === null) return;
  path.push(segment);
  walk(value, known, path, problems);
  path.pop();
}

function unknownField(
  name: string,
  fields: ReadonlyMap<string, KnownFields>,
  path: readonly Segment[],
): Problem {
  const near = nearest(name, fields.keys());
  const meant = near === undefined ? "" : `, did you mean "${near}"?`;
  const names = [...fields.keys()].sort().join(", ");
  return {
    code: "CTR003",
    severity: "error",
    path: [...path, name],
    at: "key",
    message: `unknown field "${shorten(name)}"${meant}`,
    ...(near === undefined ? {} : { meant: near }),
    ...(near === undefined && names !== "" ? { hint: `fields known here: ${names}` } : {}),
  };
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
