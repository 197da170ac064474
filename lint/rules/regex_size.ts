import { RE2JS } from "re2js";
import { regexProblem } from "../../controller/graph/mod.ts";
import { regexes } from "../regexes.ts";
import type { Rule } from "../rule.ts";

/** A regular expression whose program is large. */
export const regexSize: Rule = {
  code: "CTR411",
  row: {
    name: "RegexSize",
    title: "Regular expression too large",
    severity: "warning",
    explanation:
      "Envoy compiles a regular expression to a program and measures it. Above re2.max_program_size.warn_level, 1000 in our bootstrap, it logs a warning; above error_level, 1048576, it refuses the route. An Envoy with a bootstrap of its own refuses above 100 unless it sets the level. Counted repetitions such as [a-z]{1,200} are what makes programs large.",
  },
  *check(context) {
    for (const { object, path, regex } of regexes(context)) {
      const size = programSize(regex);
      if (size === undefined || size <= warnLevel) continue;
      yield {
        object,
        path,
        ...(size > errorLevel ? { severity: "error" } : {}),
        message: size > errorLevel
          ? `the program of this regular expression has about ${size} steps: Envoy takes ${errorLevel}`
          : `the program of this regular expression has about ${size} steps: Envoy warns above ${warnLevel}`,
        hint: "count less: use * or +, or check the length elsewhere",
      };
    }
  },
};

const warnLevel = 1000;
const errorLevel = 1_048_576;

function programSize(regex: string): number | undefined {
  // What is wrong with it is told elsewhere; and what is too large is not worth the time.
  if (regexProblem(regex) !== undefined) return undefined;
  try {
    return RE2JS.compile(regex).programSize();
  } catch {
    return undefined;
  }
}
