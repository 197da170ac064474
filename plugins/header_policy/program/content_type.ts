import { quoteRegex } from "../../../controller/plugin/mod.ts";

/** A pattern for the header of answers of a media type, or of all those of a kind such as `image/*`. */
export function contentTypePattern(type: string): string {
  const name = type.endsWith("/*")
    ? quoteRegex(type.slice(0, -1))
    : quoteRegex(type) + "[ \t]*(;|$)";
  return `(?i)^${name}`;
}
