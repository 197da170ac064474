import { keyId, type ObjectKey } from "../../../controller/api/mod.ts";

/** Nobody should think that what was not seen was compared. */
export function assumedText(assumed: readonly ObjectKey[]): string {
  if (assumed.length === 0) return "";
  const named = assumed.slice(0, 3).map(nameText);
  const more = assumed.length > 3 ? [`${assumed.length - 3} more`] : [];
  return `Not on either side, assumed to be on both: ${
    [...named, ...more].join(", ")
  } (--strict-refs to demand them).\n`;
}

/** One a line. */
export function assumedLines(assumed: readonly ObjectKey[]): string {
  return assumed.map((key) => `assumed to be on both sides: ${nameText(key)}\n`).join("");
}

function nameText(key: ObjectKey): string {
  return key.kind === "HTTPProxy" ? `a root over ${key.namespace}/${key.name}` : keyId(key);
}
