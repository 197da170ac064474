import { boolYaml11Tag, floatCoreTag, NOT_RESOLVED, nullCoreTag } from "js-yaml";

/**
 * The value of a plain scalar, as kubectl makes it: booleans as in YAML 1.1, numbers as Go's
 * `strconv` reads them (`010` is 8, `0o17` is 15, `1_000` is 1000), no dates and no sexagesimals.
 * The table of `scalar_test.ts` was measured with the library kubectl uses, sigs.k8s.io/yaml.
 */
export function plainScalar(text: string): Scalar {
  const first = text.charCodeAt(0);
  // Most scalars begin with a letter that begins no word of the tables: they are text.
  if (!mayMeanMore(first)) return text;
  if (isNumberStart(first)) return number(text) ?? text;
  const nothing = nullCoreTag.resolve(text, false, nullCoreTag.tagName);
  if (nothing !== NOT_RESOLVED) return nothing;
  const boolean = boolYaml11Tag.resolve(text, false, boolYaml11Tag.tagName);
  return boolean === NOT_RESOLVED ? text : boolean;
}

/** What a scalar can be. */
export type Scalar = string | number | boolean | null;

/** The value of a scalar with a tag such as `!!str`; undefined if the text does not fit the tag. */
export function taggedScalar(tag: string, text: string): Scalar | undefined {
  switch (tag) {
    case "!":
    case "!!str":
      return text;
    case "!!binary":
      return decodeBase64(text);
    case "!!null":
      return plainScalar(text) === null ? null : undefined;
    case "!!bool": {
      const value = plainScalar(text);
      return typeof value === "boolean" ? value : undefined;
    }
    case "!!int":
    case "!!float": {
      const value = plainScalar(text);
      return typeof value === "number" ? value : undefined;
    }
    default:
      return undefined;
  }
}

function mayMeanMore(first: number): boolean {
  return Number.isNaN(first) || isNumberStart(first) || wordStarts.has(first);
}

const wordStarts = new Set([..."~nNyYtTfFoO"].map((letter) => letter.charCodeAt(0)));

function isNumberStart(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2b || code === 0x2d || code === 0x2e;
}

const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;
const decimal = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;

function number(text: string): number | undefined {
  // Go takes underscores out of what begins with a digit or sign, not of what begins with a dot.
  const plain = text.includes("_") && text[0] !== "." ? text.replaceAll("_", "") : text;
  const match = integer.exec(plain);
  if (match !== null) {
    const [, sign, hexadecimal, binary, octal, digits] = match;
    const size = hexadecimal !== undefined
      ? Number.parseInt(hexadecimal, 16)
      : binary !== undefined
      ? Number.parseInt(binary, 2)
      : octal !== undefined
      ? Number.parseInt(octal, 8)
      : Number(digits);
    return sign === "-" && size !== 0 ? -size : size;
  }
  if (decimal.test(plain)) {
    const value = Number(plain);
    return Number.isFinite(value) ? value : undefined;
  }
  // What is left are the infinities and not-a-number.
  const special = floatCoreTag.resolve(text, false, floatCoreTag.tagName);
  return special === NOT_RESOLVED || Number.isFinite(special) ? undefined : special;
}

function decodeBase64(text: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return new TextDecoder().decode(bytes);
  } catch {
    return undefined;
  }
}
