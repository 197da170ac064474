import { quoted } from "../settings/regex.ts";

/** A pattern for the header of answers of a media type, or of all those of a kind such as `image/*`. */
export function contentTypePattern(type: string): string {
  const name = type.endsWith("/*") ? quoted(type.slice(0, -1)) : quoted(type) + "[ \t]*(;|$)";
  return `(?i)^${name}`;
}
