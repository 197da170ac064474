/**
 * The characters of which paths, queries, names of hosts and values of headers are made here: printable
 * ASCII, from space to tilde. What else there is Envoy refuses, or the client has to write as `%C3%A9`.
 */
export const firstCode = 0x20;
/** How many there are. */
export const alphabetSize = 0x7f - firstCode;

/** A set of characters: 1 at the index of each that is in it, code less {@link firstCode}. */
export type CharSet = Uint8Array;

/** The set without a character. */
export function emptySet(): CharSet {
  return new Uint8Array(alphabetSize);
}

/** Every character. */
export function fullSet(): CharSet {
  return emptySet().fill(1);
}

/** The characters of a text; those outside of the alphabet are left out. */
export function setOf(text: string): CharSet {
  const set = emptySet();
  for (const char of text) addRange(set, char.codePointAt(0) ?? 0);
  return set;
}

/** Adds the characters from one code point to another, both included. */
export function addRange(set: CharSet, from: number, to = from): void {
  const first = Math.max(from, firstCode);
  const last = Math.min(to, firstCode + alphabetSize - 1);
  for (let code = first; code <= last; code++) set[code - firstCode] = 1;
}

/** Adds all of another set. */
export function addAll(set: CharSet, other: CharSet): void {
  for (const [i, isIn] of other.entries()) if (isIn) set[i] = 1;
}

/** The characters that are not in the set. */
export function complement(set: CharSet): CharSet {
  return set.map((isIn) => 1 - isIn);
}

/** The set with each letter in both cases. */
export function withBothCases(set: CharSet): CharSet {
  const both = set.slice();
  for (let code = 0x41; code <= 0x5a; code++) {
    const [upper, lower] = [code - firstCode, code + 0x20 - firstCode];
    if (set[upper] || set[lower]) both[upper] = both[lower] = 1;
  }
  return both;
}

/** Letters, digits and the underscore, by which `\b` goes. */
export const wordChars: CharSet = setOf(
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_",
);

/**
 * The order in which characters are tried, so that a shortest example reads well: letters and digits
 * before punctuation.
 */
export const pleasantOrder: readonly number[] = [
  ..."abcdefghijklmnopqrstuvwxyz0123456789/ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.~",
].map((char) => char.charCodeAt(0) - firstCode).concat(
  Array.from({ length: alphabetSize }, (_, i) => i)
    .filter((i) => !/[a-z0-9/\-_.~]/i.test(String.fromCharCode(i + firstCode))),
);
