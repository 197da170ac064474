import { z } from "zod";
import type { Random } from "../support/world/random.ts";

/** As much of a JSON schema as values are made by. */
export interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | SchemaNode;
  readonly items?: SchemaNode;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
}

/** What a schema does not say: texts that mean something, and fields that go together. */
export interface Hints {
  /** How often a field that need not be there is there; by the end of its path, else by default. */
  readonly presence: (path: string) => number;
  /** The value of a field; `undefined`: any by the schema. */
  readonly value: (path: string, random: Random) => unknown;
  /** Those items of a list that may stand beside each other. */
  readonly together: (path: string, items: readonly unknown[]) => readonly unknown[];
  /** An object as it has to be, where its fields depend on one another. */
  readonly mended: (path: string, value: Fields, random: Random) => Fields;
}

/** The fields of an object. */
export type Fields = Readonly<Record<string, unknown>>;

/** The schema as a tree. */
export function schemaTree(schema: z.ZodType): SchemaNode {
  return z.toJSONSchema(schema, { unrepresentable: "any", io: "input" }) as SchemaNode;
}

/** A value by a schema, with every field that it knows at times. `path`: `spec.routes.services.name`. */
export function valueOf(node: SchemaNode, path: string, random: Random, hints: Hints): unknown {
  // A list has the path of its items, which is what hints are about.
  const hinted = node.type === "array" ? undefined : hints.value(path, random);
  if (hinted !== undefined) return hinted;
  if (node.const !== undefined) return node.const;
  if (node.enum !== undefined) return random.of(node.enum);
  if (node.anyOf !== undefined) return valueOf(random.of(node.anyOf), path, random, hints);
  switch (node.type) {
    case "object":
      return objectOf(node, path, random, hints);
    case "array": {
      const length = Math.max(node.minItems ?? 0, 1 + random.below(2));
      return hints.together(
        path,
        Array.from({ length }, () => valueOf(node.items ?? {}, path, random, hints)),
      );
    }
    case "string":
      return random.of(texts);
    case "integer":
    case "number":
      return numberOf(node, random);
    case "boolean":
      return random.chance(0.5);
    default:
      return {};
  }
}

function objectOf(node: SchemaNode, path: string, random: Random, hints: Hints): Fields {
  const { properties = {}, required = [], additionalProperties } = node;
  if (Object.keys(properties).length === 0 && typeof additionalProperties === "object") {
    return { [random.of(["a", "x-b"])]: valueOf(additionalProperties, path, random, hints) };
  }
  const fields: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(properties)) {
    const below = path === "" ? name : `${path}.${name}`;
    if (!required.includes(name) && !random.chance(hints.presence(below))) continue;
    fields[name] = valueOf(field, below, random, hints);
  }
  return hints.mended(path, fields, random);
}

/** Mostly small, at times as large or small as it may be. */
function numberOf(
  { minimum = 0, maximum, exclusiveMaximum }: SchemaNode,
  random: Random,
): number {
  const least = Math.max(minimum, -1);
  const most = maximum ?? (exclusiveMaximum === undefined ? 2 ** 31 - 1 : exclusiveMaximum - 1);
  const limit = Math.min(most, 2 ** 31 - 1);
  if (random.chance(0.05)) return limit;
  if (random.chance(0.1)) return least;
  return Math.min(limit, least + 1 + random.below(20));
}

/** Texts for fields that may hold any: plain ones and odd ones. */
const texts = ["a", "x-b", "c d", "100%", "%REQ(x-a)%", "ü", "a,b", `"q"`, "/p", "v".repeat(300)];
