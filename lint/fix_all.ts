import { applyEdits, type Edit, overlaps } from "./edit.ts";
import type { Finding } from "./finding.ts";
import { lint, type LintOptions, type LintReport, type SourceFile } from "./lint.ts";

/**
 * Mends what can be mended in the texts of files, until nothing more can be: a fix may uncover the
 * next mistake. Comments, order and quoting stay. Mending what was mended changes nothing.
 *
 * @example
 * ```ts
 * import { fixAll } from "../mod.ts";
 *
 * const text = `apiVersion: projectcontour.io/v1
 * kind: HTTPProxy
 * metadata: { name: shop, labels: { public: yes } } # a label is text
 * spec:
 *   virtualhost: { fqdn: shop.example.com }
 *   routes: [{ services: [{ name: shop, port: 80 }] }]
 * `;
 * const { files: [mended] } = fixAll([{ file: "shop.yaml", text }]);
 * if (mended?.text !== text.replace("yes", '"yes"')) throw new Error("Not mended");
 * ```
 */
export function fixAll(
  files: readonly SourceFile[],
  { unsafe = false, ...options }: FixOptions = {},
): FixReport {
  let texts = [...files];
  let report = lint(texts, options);
  const fixed: Finding[] = [];
  for (let round = 0; round < fixRounds; round++) {
    const chosen = choose(report.findings, unsafe);
    if (chosen.length === 0) break;
    const mended = texts.map(({ file, text }) => ({
      file,
      text: applyEdits(
        text,
        chosen.flatMap(({ fix }) => fix?.edits ?? []).filter(({ position }) =>
          position.file === file
        ),
      ),
    }));
    const after = lint(mended, options);
    // A fix that breaks the file is a mistake of ours, and worse than none.
    if (unreadable(after) > unreadable(report)) break;
    fixed.push(...chosen);
    texts = mended;
    report = after;
  }
  return { files: texts, fixed, report };
}

/** How to mend. */
export interface FixOptions extends LintOptions {
  /** Whether to apply fixes too that change more than the form. */
  readonly unsafe?: boolean;
}

/** What came of it. */
export interface FixReport {
  /** All files, with their new texts. */
  readonly files: readonly SourceFile[];
  /** What was mended, as it was found. */
  readonly fixed: readonly Finding[];
  /** What lint says afterwards. */
  readonly report: LintReport;
}

/** More rounds than these are not run. */
export const fixRounds = 10;

/** The findings whose fixes can be applied together. */
function choose(findings: readonly Finding[], unsafe: boolean): Finding[] {
  const edits: Edit[] = [];
  const chosen: Finding[] = [];
  for (const finding of findings) {
    const { fix } = finding;
    if (fix === undefined || (fix.safety === "unsafe" && !unsafe)) continue;
    if (fix.edits.some((edit) => edits.some((other) => overlaps(edit, other)))) continue;
    edits.push(...fix.edits);
    chosen.push(finding);
  }
  return chosen;
}

function unreadable({ findings }: LintReport): number {
  return findings.filter(({ code }) => code === "CTR001" || code === "CTR002").length;
}
