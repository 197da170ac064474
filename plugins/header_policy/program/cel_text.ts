/**
 * A text as a literal of CEL in which nothing needs a thought: quotes, parentheses and percent signs
 * would end more than the literal, as it stands in one of Envoy's format strings.
 * See https://github.com/google/cel-spec/blob/master/doc/langdef.md#string-and-bytes-values
 */
export function celText(text: string): string {
  let literal = "";
  for (const character of text) literal += plain.test(character) ? character : escaped(character);
  return `'${literal}'`;
}

const plain = /^[A-Za-z0-9 _.:;=*+,/<>@#!&|~^[\]{}$?-]$/;

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x80) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
