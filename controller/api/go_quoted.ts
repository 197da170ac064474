/**
 * A text in double quotes as Go's `%q` writes it, which is how messages of statuses quote what users
 * wrote. See https://pkg.go.dev/strconv#Quote
 */
export function goQuoted(text: string): string {
  return `"${[...text].map(escaped).join("")}"`;
}

function escaped(character: string): string {
  const short = shortEscapes.get(character);
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `\\x${hexadecimal(code, 2)}`;
  if (code < 0x7f || printable.test(character)) return character;
  return code > 0xffff ? `\\U${hexadecimal(code, 8)}` : `\\u${hexadecimal(code, 4)}`;
}

/** Letters, marks, numbers, punctuation and symbols; no space but that of ASCII. */
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u;

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\x07", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
]);

function hexadecimal(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
