import type { Position } from "../controller/api/mod.ts";
import { type Explainer, type Explanation, parseAsked } from "../explain/mod.ts";
import type { RequestCase } from "./case_file.ts";
import { type Difference, differences } from "./differences.ts";

/** Tries cases on objects. A request that is none is a failure of its case. */
export function runRequestCases(
  cases: readonly RequestCase[],
  { explainer, locate }: {
    readonly explainer: Explainer;
    /** Where a field of the file of cases stands. */
    readonly locate: (path: string) => Position;
  },
): CaseResult[] {
  return cases.map((one, index) => {
    const at = (path: string) => locate(`tests[${index}]${path}`);
    const { name, from, request: { url, method, headers = {} }, expect } = one;
    const begin = { name, position: at(""), ...(from === undefined ? {} : { from }) };
    let explanation: Explanation;
    try {
      explanation = explainer.explain(parseAsked({
        url,
        ...(method === undefined ? {} : { method }),
        headers: Object.entries(headers).map(([name, value]) =>
          value === "" ? `${name};` : `${name}: ${value}`
        ),
      }));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return { ...begin, position: at(".request.url"), kind: "unclear", message: error.message };
    }
    const [first, ...others] = differences(expect, explanation);
    if (first === undefined) return { ...begin, kind: "passed", explanation };
    const position = at(`.expect.${first.field.split(".")[0]}`);
    return { ...begin, position, kind: "failed", explanation, differences: [first, ...others] };
  });
}

/** What came of a case. */
export type CaseResult =
  & {
    readonly name: string;
    /** Where the expectation comes from. */
    readonly from?: string;
    /** The case; of one that failed the field that is not met. */
    readonly position: Position;
  }
  & (
    | { readonly kind: "passed"; readonly explanation: Explanation }
    | {
      readonly kind: "failed";
      readonly explanation: Explanation;
      readonly differences: readonly [Difference, ...Difference[]];
    }
    /** The request is no request. */
    | { readonly kind: "unclear"; readonly message: string }
  );
