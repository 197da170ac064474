/** Takes any pattern but those that Envoy would take long over: what that costs is no refusal. */
import { regexProblem as problemOf } from "../../../controller/graph/regex.ts";

export { quoteRegex, regexSteps } from "../../../controller/graph/regex.ts";

export function regexProblem(pattern: string): string | undefined {
  const problem = problemOf(pattern) ?? "";
  return /: it comes to about \d+ steps/.test(problem) ? problem : undefined;
}
