import { fingerprints } from "./fingerprint.ts";
import type { ShownReport } from "./report.ts";

/**
 * A code quality report.
 * See https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
 */
export function gitlabReport({ findings }: ShownReport): string {
  const prints = fingerprints(findings);
  const issues = findings.map(({ code, severity, message, position }, index) => ({
    description: message,
    check_name: code,
    fingerprint: prints[index],
    severity: severities[severity],
    location: {
      path: position?.file ?? "",
      lines: { begin: position?.line ?? 1, end: position?.endLine ?? 1 },
    },
  }));
  return `${JSON.stringify(issues, null, 2)}\n`;
}

const severities = { error: "critical", warning: "minor", info: "info" } as const;
