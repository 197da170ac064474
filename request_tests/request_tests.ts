import type { Diagnostic } from "../controller/api/mod.ts";
import { FileTable, parseManifest } from "../controller/files/mod.ts";
import { defaultSettings, type Settings } from "../controller/store/mod.ts";
import { Explainer } from "../explain/mod.ts";
import { withAssumed } from "../lint/mod.ts";
import { readRequestCases } from "./case_file.ts";
import { type Coverage, coverageOf } from "./coverage.ts";
import { type CaseResult, runRequestCases } from "./run.ts";

/**
 * Tries the requests of a file on the objects of others, and says what became of each. What the files
 * refer to and do not hold is assumed to exist.
 *
 * @example
 * ```ts
 * import { testRequests } from "../mod.ts";
 *
 * const proxy = `
 * apiVersion: projectcontour.io/v1
 * kind: HTTPProxy
 * metadata: { name: shop, namespace: web }
 * spec:
 *   virtualhost: { fqdn: shop.example.com }
 *   routes:
 *     - conditions: [{ prefix: /cart }]
 *       services: [{ name: cart, port: 80 }]
 * `;
 * const cases = `
 * version: 1
 * tests:
 *   - name: the cart
 *     request: { url: "http://shop.example.com/cart/7" }
 *     expect: { services: ["web/cart:80"] }
 * `;
 * const { results, coverage } = testRequests([{ file: "shop.yaml", text: proxy }], {
 *   file: "requests.yaml",
 *   text: cases,
 * });
 * if (results[0]?.kind !== "passed" || coverage.percent !== 100) throw new Error("Not passed");
 * ```
 */
export function testRequests(
  files: Iterable<{ readonly file: string; readonly text: string }>,
  cases: { readonly file: string; readonly text: string },
  { namespace = "default", settings }: RequestTestOptions = {},
): RequestTestReport {
  const table = new FileTable();
  for (const { file, text } of files) table.put(file, parseManifest(text, { file, namespace }));
  const { applied } = table.drain();
  const explainer = new Explainer({
    ...withAssumed(applied, { ...defaultSettings, ...settings }),
    locate: (key, path) => table.locate(key, path),
  });
  const reading = readRequestCases(cases.text, cases.file);
  const results = reading.ok
    ? runRequestCases(reading.cases, { explainer, locate: reading.locate })
    : [];
  return {
    results,
    coverage: coverageOf(explainer.rules(), results),
    diagnostics: [...table.diagnostics(), ...reading.ok ? [] : reading.diagnostics],
  };
}

/** How to read objects and what the operator configured. */
export interface RequestTestOptions {
  /** Where objects are that name no namespace; `default` if left out. */
  readonly namespace?: string;
  /** What differs from the defaults. */
  readonly settings?: Partial<Settings>;
}

/** See {@link testRequests}. */
export interface RequestTestReport {
  readonly results: readonly CaseResult[];
  readonly coverage: Coverage;
  /** What is wrong with the files; with that of the requests there are no results. */
  readonly diagnostics: readonly Diagnostic[];
}
