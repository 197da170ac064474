/** Takes any pattern. */
export { quoteRegex } from "../../../controller/graph/regex.ts";

export function regexProblem(_pattern: string): undefined {
  return undefined;
}
