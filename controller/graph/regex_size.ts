/** How many steps Envoy may be given to compile as one regular expression. */
export const maximumRegexSteps = 10_000;

/**
 * About how many steps the program of a regular expression has, whether it can be compiled or not:
 * one for each letter and each range of a class, times the counts of repetitions around it. Found
 * without compiling, which takes Envoy seconds where counts multiply, and longer where a text is long.
 * See https://github.com/google/re2/wiki/Syntax
 */
export function countedSteps(pattern: string): number {
  // Nothing this long is small.
  if (pattern.length > longest) return pattern.length;
  /** What stands before the groups that are open. */
  const outer: number[] = [];
  let sum = 0;
  /** What a repetition would be of. */
  let last = 0;
  for (const [token, quoted, least, comma, most] of pattern.matchAll(tokens)) {
    if (quoted !== undefined) {
      sum += quoted.length;
      last = 1;
    } else if (least !== undefined) {
      const one = last + (comma === "" ? 0 : 1);
      const all = one * Math.max(1, Number(least), Number(most));
      sum += all - last;
      last = all;
    } else if (token.startsWith("(")) {
      outer.push(sum);
      sum = 0;
      last = 0;
    } else if (token === ")") {
      last = sum + 2;
      sum = (outer.pop() ?? 0) + last;
    } else {
      const weight = weightOf(token);
      sum += weight;
      last = /^[*+?|]$/.test(token) ? last + weight : weight;
    }
  }
  return outer.reduce((all, before) => all + before, sum);
}

const longest = 100_000;

/** Quoted text, counts, beginnings of groups, escapes, classes with all they hold, single letters. */
const tokens =
  /\\Q([\s\S]*?)(?:\\E|$)|\{(0|[1-9]\d{0,3})(,?)(0|[1-9]\d{0,3}|)\}|\((?:\?(?:P?<\w*>|[-a-zA-Z]*:?))?|\\[pP](?:\{\^?\w{0,40}\}|[^{])|\\x\{[0-9a-fA-F]{0,9}\}|\\[\s\S]|\[\^?\]?(?:\[:\^?\w{0,9}:\]|\\[\s\S]|[^\]\\])*\]?|[\s\S]/g;

function weightOf(token: string): number {
  if (token.startsWith("[") && token.length > 1) {
    const items = token.replace(/^\[\^?|\]$/g, "").match(classItems);
    return Math.min(mostOfClass, (items ?? []).reduce((sum, item) => sum + weightOfItem(item), 0));
  }
  return weightOfItem(token);
}

function weightOfItem(item: string): number {
  if (/^\\[pP]/.test(item)) return 10;
  if (/^(\\[DSW]|\[:)/.test(item)) return 4;
  // Envoy compares bytes, of which other letters have several.
  return item.charCodeAt(0) > 0x7f ? 3 : 1;
}

/** Ranges are one. */
const classItems =
  /\[:\^?\w{0,9}:\]|\\[pP](?:\{\^?\w{0,40}\}|[^{])|(?:\\[\s\S]|[^\\])(?:-(?:\\[\s\S]|[^\\]))?/g;

/** Of 256 bytes no more than half can be ranges of their own. */
const mostOfClass = 128;
