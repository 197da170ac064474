import { RE2JS } from "re2js";
import { regexSteps } from "../graph/mod.ts";

export { quoteRegex } from "../graph/mod.ts";

/**
 * Why Envoy would not take a regular expression, as messages of schemas read: `must be …`; `undefined`:
 * it takes it. For fields of policies that hold one: `z.string().superRefine(…)`.
 * See https://github.com/google/re2/wiki/Syntax
 */
export function regexProblem(pattern: string): string | undefined {
  if (!pattern.isWellFormed()) return "must be well-formed Unicode";
  const steps = regexSteps(pattern);
  if (steps > maximumSteps) {
    return `must be simpler: it comes to about ${steps} steps, more than ${maximumSteps}`;
  }
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `must be a regular expression of RE2: ${reason}`;
  }
}

/** Where a few letters ask for more, Envoy and whoever reads policies would be busy for long. */
const maximumSteps = 1_000;
