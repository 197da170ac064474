/**
 * The fields that a document uses: `spec.routes[].services[].weight`, and those above it. Items of
 * a list are one; an annotation is `annotation projectcontour.io/retry-on`.
 */
export function usedFields(document: unknown): ReadonlySet<string> {
  const fields = new Set<string>();
  collect(document, "", fields);
  return fields;
}

function collect(value: unknown, path: string, fields: Set<string>): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, `${path}[]`, fields);
    return;
  }
  for (const [name, field] of Object.entries(value)) {
    const below = path === "metadata.annotations"
      ? `annotation ${name}`
      : path === ""
      ? name
      : `${path}.${name}`;
    fields.add(below);
    collect(field, below, fields);
  }
}
