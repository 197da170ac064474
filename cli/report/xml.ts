import { printable } from "./lint/printable.ts";

/** Text as XML has it in elements and attributes. */
export function xml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .split("\n").map(printable).join("&#10;")
    .replace(/[\ufffe\uffff]/g, "\ufffd");
}
