import { RE2Set } from "re2js";
import { dialectProblem, expanded } from "./regex_dialect.ts";
import { countedSteps, maximumRegexSteps } from "./regex_size.ts";

/**
 * Why Envoy would refuse this regular expression, or would take too long over it: see
 * {@link maximumRegexSteps}; `undefined` when all is well. Envoy speaks RE2. What RE2 takes and Go does
 * not is refused as well, as Contour does it: `\C`, names of groups that come twice or hold more than
 * ASCII, counts beyond 10^9, ranges of letters beyond ASCII that go down, 1,000 groups in one another.
 * See https://github.com/google/re2/wiki/Syntax
 */
export function regexProblem(pattern: string): string | undefined {
  return verdictOn(pattern).problem;
}

/** About how many steps Envoy makes of a regular expression: see {@link countedSteps}. */
export function regexSteps(pattern: string): number {
  return verdictOn(pattern).steps;
}

/** A text as a pattern that matches just that text. */
export function quoteRegex(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&");
}

interface Verdict {
  readonly problem: string | undefined;
  readonly steps: number;
}

function verdictOn(pattern: string): Verdict {
  const known = verdicts.get(pattern);
  if (known !== undefined) return known;
  const steps = countedSteps(pattern);
  const verdict = { problem: problemOf(pattern, steps), steps };
  heldLength += pattern.length;
  if (verdicts.size >= maximumVerdicts || heldLength > maximumLength) {
    verdicts.clear();
    heldLength = pattern.length;
  }
  verdicts.set(pattern, verdict);
  return verdict;
}

function problemOf(pattern: string, steps: number): string | undefined {
  const invalid = (reason: string) => `invalid regular expression "${shown(pattern)}": ${reason}`;
  if (steps > maximumRegexSteps) {
    return invalid(
      `it comes to about ${steps} steps, and more than ${maximumRegexSteps} are too many`,
    );
  }
  try {
    // Reads a pattern without compiling it.
    new RE2Set().add(pattern);
    const problem = dialectProblem(pattern);
    if (problem !== undefined) return invalid(`error parsing regexp: ${problem}`);
    const counted = expanded(pattern);
    if (counted !== pattern) new RE2Set().add(counted);
    return undefined;
  } catch (error) {
    return invalid(shown(error instanceof Error ? error.message : String(error)));
  }
}

function shown(text: string): string {
  return text.length <= mostShown ? text : `${text.slice(0, mostShown)}…`;
}

const mostShown = 500;

// A pure function of the pattern, remembered since the same few patterns come again and again.
const verdicts = new Map<string, Verdict>();
const maximumVerdicts = 10_000;
let heldLength = 0;
/** Characters of all patterns together, lest those of objects long gone fill the memory. */
const maximumLength = 5_000_000;
