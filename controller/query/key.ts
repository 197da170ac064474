/**
 * What names one value of an input or a query: a string, or a record of plain data such as
 * `{ namespace, name }`. Two keys are the same when their data is.
 */
export type Key = string | object;

/** The text two equal keys share, whatever the order their fields were written in: JSON. */
export function keyText(key: Key): string {
  return typeof key === "string" ? key : recordText(key);
}

// JSON.stringify cannot sort fields without a callback for each, and this runs on every read.
function recordText(record: object): string {
  if (Array.isArray(record)) return `[${record.map(valueText).join(",")}]`;
  let text = "{";
  for (const field of Object.keys(record).sort()) {
    const value = (record as Record<string, unknown>)[field];
    if (value === undefined) continue;
    text += `${text.length > 1 ? "," : ""}"${field}":${valueText(value)}`;
  }
  return `${text}}`;
}

function valueText(value: unknown): string {
  return typeof value === "object" && value !== null
    ? recordText(value)
    : JSON.stringify(value) ?? "null";
}
