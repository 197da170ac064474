import { RE2JS } from "re2js";
import { dialectProblem } from "./regex_dialect.ts";

/**
 * Why Envoy would refuse this regular expression, or `undefined` when it would not. Envoy speaks
 * RE2; see https://github.com/google/re2/wiki/Syntax
 */
export function regexProblem(pattern: string): string | undefined {
  const known = verdicts.get(pattern);
  if (known !== undefined) return known === "" ? undefined : known;
  const problem = compileProblem(pattern);
  if (verdicts.size >= maximumVerdicts) verdicts.clear();
  verdicts.set(pattern, problem ?? "");
  return problem;
}

/** A text as a pattern that matches just that text. */
export function quoteRegex(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&");
}

function compileProblem(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    const problem = dialectProblem(pattern);
    return problem && `invalid regular expression "${pattern}": error parsing regexp: ${problem}`;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `invalid regular expression "${pattern}": ${reason}`;
  }
}

// A pure function of the pattern, remembered since the same few patterns come again and again.
const verdicts = new Map<string, string>();
const maximumVerdicts = 10_000;
