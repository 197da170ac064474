import { dump } from "js-yaml";

/** Plain data that becomes YAML. */
export type Json = { [name: string]: unknown };

/** What a CustomResourceDefinition of one version is made of. */
export interface CustomResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly columns?: readonly PrinterColumn[];
  /** The schema of a whole object, as `z.toJSONSchema` for `openapi-3.0` gives it. */
  readonly schema: Readonly<Json>;
  /** What its fields mean, by path in the spec, where the schema does not say so. */
  readonly meanings?: ReadonlyMap<string, string>;
}

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly jsonPath: string;
  readonly description: string;
}

/** The definition, as an API server takes it. */
export function customResourceDefinition(resource: CustomResource): Json {
  const { group, version, kind, plural, singular, shortNames, columns } = resource;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { kind, listKind: `${kind}List`, plural, singular, shortNames: [...shortNames] },
      scope: "Namespaced",
      versions: [{
        name: version,
        served: true,
        storage: true,
        ...(columns ? { additionalPrinterColumns: columns.map(printerColumn) } : {}),
        schema: { openAPIV3Schema: openApi(resource) },
        subresources: { status: {} },
      }],
    },
  };
}

/** YAML with its keys sorted. */
export function yaml(value: Json): string {
  return dump(value, { lineWidth: -1, noRefs: true, sortKeys: true, quoteStyle: "double" });
}

function printerColumn(column: PrinterColumn): Json {
  return { ...column, type: "string" };
}

/** The schema as the API server wants it, with what it checks itself left out. */
function openApi({ schema, meanings = new Map() }: CustomResource): Json {
  const json = structural(schema);
  const properties: Json = {
    ...(isObject(json["properties"]) ? json["properties"] : {}),
    apiVersion: { type: "string", description: "Version of the schema of this object." },
    kind: { type: "string", description: "Kind of this object." },
    metadata: { type: "object" },
  };
  explain(properties["spec"], meanings);
  return { ...json, properties, required: ["metadata", "spec"] };
}

/** Gives fields their description, all the way down. */
function explain(schema: unknown, meanings: ReadonlyMap<string, string>, path = ""): void {
  if (!isObject(schema)) return;
  const meaning = meanings.get(path);
  if (meaning !== undefined) schema["description"] = meaning;
  if (!isObject(schema["properties"])) return;
  for (const [name, field] of Object.entries(schema["properties"])) {
    explain(field, meanings, path === "" ? name : `${path}.${name}`);
  }
}

/**
 * Of the keywords of JSON Schema, those a structural schema may have.
 * See https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
function structural(schema: Json): Json {
  const kept = Object.entries(schema).filter(([keyword, value]) => {
    if (keyword === "$schema" || keyword === "propertyNames") return false;
    if (keyword === "additionalProperties") return value !== false && !isAnything(value);
    // The bounds of the integer types themselves, which the format says already.
    return !(keyword === "minimum" || keyword === "maximum") || !typeBounds.has(value);
  });
  return {
    ...Object.fromEntries(kept.map(([keyword, value]) => [keyword, nested(keyword, value)])),
    ...isAnything(schema["additionalProperties"])
      ? { "x-kubernetes-preserve-unknown-fields": true }
      : {},
  };
}

/** What a loose object says of fields that it does not name. */
function isAnything(schema: unknown): boolean {
  return isObject(schema) && Object.keys(schema).length === 0;
}

const typeBounds = new Set<unknown>([
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
  2 ** 31 - 1,
  -(2 ** 31),
]);

function nested(keyword: string, value: unknown): unknown {
  if (!isObject(value)) return value;
  if (keyword === "items" || keyword === "additionalProperties") return structural(value);
  if (keyword !== "properties") return value;
  return Object.fromEntries(
    Object.entries(value).map((
      [name, field],
    ) => [name, isObject(field) ? structural(field) : field]),
  );
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
