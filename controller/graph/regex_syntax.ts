import { regexProblem } from "./regex.ts";

/**
 * What Go, and so Contour, says of a text that is no regular expression: ``error parsing regexp:
 * missing closing ): `/(` ``. `undefined` where it is one, or where only Envoy would have nothing to do
 * with it. See https://pkg.go.dev/regexp/syntax#Error
 */
export function regexSyntaxError(pattern: string): string | undefined {
  const problem = regexProblem(pattern) ?? "";
  const begin = problem.lastIndexOf(`": ${marker}`);
  return begin < 0 ? undefined : problem.slice(begin + 3);
}

const marker = "error parsing regexp: ";
