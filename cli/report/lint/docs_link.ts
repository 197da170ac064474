import type { LintCode } from "../../../lint/mod.ts";

/** Where a code is explained: under the place that is given, else as a path of the repository. */
export function docsLink(code: LintCode, docsUrl: string | undefined): string {
  const base = docsUrl === undefined ? "docs" : docsUrl.replace(/\/+$/, "");
  return `${base}/codes.md#${code.toLowerCase()}`;
}
