import { RE2JS } from "re2js";

/** So much Envoy takes in CEL, where conditions are: a bound of its own, which nothing changes. */
export const maximumCost = 98;

/**
 * At least the instructions that RE2 makes of a pattern for a whole text, as Envoy counts them in CEL.
 * RE2 matches the bytes of UTF-8: what takes letters beyond ASCII costs several for each length they
 * have. The pattern has to be one that can be read.
 */
export function regexCost(pattern: string): number {
  const base = RE2JS.compile(`^(?:${pattern})$`).programSize();
  let wide = 0;
  let repeated = 1;
  // Flags reach over parts of a pattern; it is enough to know that letters may mean both cases.
  const folds = /\(\?[a-zA-Z]*i/.test(pattern);
  for (const [token] of pattern.matchAll(tokens)) {
    const [, least, most] = /^\{(\d+),?(\d*)\}$/.exec(token) ?? [];
    if (least === undefined) wide += weight(token, folds);
    else repeated *= Math.max(1, Number(least), Number(most ?? 0));
  }
  return base + wide * repeated;
}

/** Escapes, classes with all they hold, counts of repetitions, and single letters. */
const tokens =
  /\\[pP]\{[^}]*\}|\\[pP].|\\x\{[^}]*\}|\\.|\[\^?\]?(?:\[:[^\]]*:\]|\\[pP]\{[^}]*\}|\\x\{[^}]*\}|\\.|[^\]\\])*\]|\{\d+(?:,\d*)?\}|./gsu;

/** What a part costs beyond the one that is counted already. */
function weight(token: string, folds: boolean): number {
  if (token === ".") return 9;
  if (/\\[pP]/.test(token)) return 100;
  const isClass = token.startsWith("[") && token.length > 1;
  if (isBeyondAscii(token)) return isClass ? 24 : 4;
  if (isClass) {
    const isNegated = token.startsWith("[^") || /\[:\^|\\[DWS]/.test(token);
    return isNegated ? 14 : folds ? 7 : 0;
  }
  if (/^\\[DWS]$/.test(token)) return 14;
  return folds && /^[ks]$/i.test(token) ? 5 : 0;
}

function isBeyondAscii(token: string): boolean {
  if (/\\x\{/.test(token) || /\\x[89a-fA-F]/.test(token)) return true;
  return [...token].some((letter) => (letter.codePointAt(0) ?? 0) > 0x7f);
}
