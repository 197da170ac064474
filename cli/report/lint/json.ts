import { keyId, type Position } from "../../../controller/api/mod.ts";
import type { Finding } from "../../../lint/mod.ts";
import { summaryOf } from "./summary.ts";
import { docsLink } from "./docs_link.ts";
import type { Look, ShownReport } from "./report.ts";

/** One object; its shape is described in docs/lint.md and only grows while `version` is 1. */
export function jsonReport(report: ShownReport, { docsUrl }: Pick<Look, "docsUrl">): string {
  const { findings, assumed } = report;
  const { error, warning, info, files, objects, fixable, suppressed } = summaryOf(report);
  return `${
    JSON.stringify(
      {
        version: 1,
        diagnostics: findings.map((finding) => diagnostic(finding, docsUrl)),
        assumed: assumed.map(keyId),
        summary: { error, warning, info, files, objects, fixable, suppressed },
      },
      null,
      2,
    )
  }\n`;
}

function diagnostic(finding: Finding, docsUrl: string | undefined) {
  const { code, severity, message, object, path, position, condition, hint, related, fix } =
    finding;
  return {
    code,
    severity,
    message,
    ...position,
    ...(object === undefined ? {} : { object: keyId(object) }),
    path,
    ...(condition === undefined ? {} : { condition }),
    ...(hint === undefined ? {} : { hint }),
    ...(related === undefined ? {} : {
      related: related.map(({ position, message }) => ({ ...position, message })),
    }),
    docs: docsLink(code, docsUrl),
    ...(fix === undefined ? {} : {
      fix: {
        title: fix.title,
        safety: fix.safety,
        edits: fix.edits.map(({ position, text }: { position: Position; text: string }) => ({
          ...position,
          text,
        })),
      },
    }),
  };
}
