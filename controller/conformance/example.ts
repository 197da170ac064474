/**
 * A value that a JSON schema allows, as far as it says what it wants: `least` has only what is
 * required, else all there is. Patterns are not understood.
 */
export function exampleOf(schema: unknown, least: boolean): unknown {
  if (typeof schema !== "object" || schema === null) return {};
  const json = schema as Readonly<Record<string, unknown>>;
  if (json["default"] !== undefined) return json["default"];
  const choices = json["enum"];
  if (Array.isArray(choices)) return choices[0];
  if (json["const"] !== undefined) return json["const"];
  for (const union of [json["anyOf"], json["oneOf"]]) {
    if (Array.isArray(union)) return exampleOf(union[0], least);
  }
  switch (json["type"]) {
    case "object":
      return objectOf(json, least);
    case "array":
      return Array.from(
        { length: Math.max(Number(json["minItems"] ?? 0), least ? 0 : 1) },
        () => exampleOf(json["items"], least),
      );
    case "string":
      return "example".padEnd(Number(json["minLength"] ?? 0), "x");
    case "integer":
    case "number":
      return numberOf(json);
    case "boolean":
      return !least;
    default:
      return "example";
  }
}

function objectOf(json: Readonly<Record<string, unknown>>, least: boolean): unknown {
  const required = new Set(Array.isArray(json["required"]) ? json["required"] : []);
  const properties = Object.entries(json["properties"] ?? {})
    .filter(([name]) => required.has(name) || !least);
  if (properties.length > 0 || json["additionalProperties"] === undefined || least) {
    return Object.fromEntries(properties.map(([name, field]) => [name, exampleOf(field, least)]));
  }
  return { example: exampleOf(json["additionalProperties"], least) };
}

function numberOf(json: Readonly<Record<string, unknown>>): number {
  const low = Number(json["minimum"] ?? json["exclusiveMinimum"] ?? 1);
  const open = json["exclusiveMinimum"] === true || typeof json["exclusiveMinimum"] === "number";
  return Math.max(open ? low + 1 : low, Math.min(1, Number(json["maximum"] ?? 1)));
}
