import { RE2JS } from "re2js";
import { z } from "zod";
import { regexProblem } from "../../../controller/plugin/mod.ts";
import { maximumCost, regexCost } from "./regex_cost.ts";

/** A regular expression of RE2; see https://github.com/google/re2/wiki/Syntax */
const Regex = z.string().min(1).max(512).superRefine((pattern, context) => {
  const problem = regexProblem(pattern);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem, input: pattern });
});

/** One for filters, which match bytes: what is beyond ASCII is several of them, and no letter. */
export const ByteRegex = Regex.superRefine((pattern, context) => {
  if (/^[\0-\x7f]*$/.test(pattern) && !/\\(x\{|x[89a-f]|[pP])/i.test(pattern)) return;
  const message = "must be of ASCII alone, without \\p, as Envoy matches bytes here";
  context.addIssue({ code: "custom", message, input: pattern });
});

/** One for a condition, for which Envoy has a narrower bound. */
export const ConditionRegex = Regex.superRefine((pattern, context) => {
  if (regexProblem(pattern) !== undefined || regexCost(pattern) <= maximumCost) return;
  const message = "must be simpler: Envoy takes no larger patterns in conditions";
  context.addIssue({ code: "custom", message, input: pattern });
});

/** Whether a regular expression matches the whole of a text; one that cannot be read matches none. */
export function matchesWhole(pattern: string, text: string): boolean {
  return regexProblem(pattern) === undefined && RE2JS.compile(pattern).matches(text);
}

/** How many groups it captures; `undefined` where it cannot be read. */
export function groupsOf(pattern: string): number | undefined {
  return regexProblem(pattern) === undefined ? RE2JS.compile(pattern).groupCount() : undefined;
}
