import { keyId, type Position } from "../../../controller/api/mod.ts";
import { version } from "../../../controller/version.ts";
import { codeRow, type Finding, type LintCode } from "../../../lint/mod.ts";
import { fingerprints } from "./fingerprint.ts";
import { docsLink } from "./docs_link.ts";
import type { Look, ShownReport } from "./report.ts";

/** SARIF 2.1.0. See https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
export function sarifReport(
  { findings, suppressed, assumed }: ShownReport,
  { docsUrl }: Pick<Look, "docsUrl">,
): string {
  const all = [...findings, ...suppressed];
  const codes = [...new Set(all.map(({ code }) => code))].sort();
  const index = new Map(codes.map((code, at) => [code, at]));
  const prints = fingerprints(all);
  const results = all.map((finding, at) => ({
    ...result(finding),
    ruleIndex: index.get(finding.code),
    partialFingerprints: { "contourLint/v1": prints[at] },
    ...(at < findings.length ? {} : { suppressions: [{ kind: "inSource" }] }),
  }));
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [{
      tool: {
        driver: { name: "contour lint", version, rules: codes.map((code) => rule(code, docsUrl)) },
      },
      columnKind: "utf16CodeUnits",
      properties: { assumed: assumed.map(keyId) },
      results,
    }],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function rule(code: LintCode, docsUrl: string | undefined) {
  const { name, title, severity, explanation, condition } = codeRow(code);
  const status = condition === undefined
    ? []
    : [`In the status of the object: ${condition.type} / ${condition.reason}`];
  const silence = `# contour-lint-ignore ${code} -- reason`;
  return {
    id: code,
    name: name.replace(/.*\//, ""),
    shortDescription: { text: title },
    fullDescription: { text: explanation },
    // It has to be absolute.
    ...(docsUrl === undefined ? {} : { helpUri: docsLink(code, docsUrl) }),
    // Viewers show it beside what is found, with no address to go to.
    help: {
      text: [
        `${title}. ${explanation}`,
        ...status,
        `To silence it, in the line or above it: ${silence}`,
      ].join("\n\n"),
      markdown: [
        `**${title}.** ${explanation}`,
        ...status.map((line) => line.replace(/: (.*)$/, ": `$1`")),
        `To silence it, in the line or above it:\n\n\`\`\`yaml\n${silence}\n\`\`\``,
        ...(docsUrl === undefined
          ? []
          : [`[${code} in the documentation](${docsLink(code, docsUrl)})`]),
      ].join("\n\n"),
    },
    defaultConfiguration: { level: levels[severity] },
    properties: { "problem.severity": problemSeverities[severity], tags: ["contour"] },
  };
}

function result(finding: Finding) {
  const { code, severity, message, hint, object, path, position, related = [], fix } = finding;
  return {
    ruleId: code,
    level: levels[severity],
    message: { text: hint === undefined ? message : `${message}. Hint: ${hint}` },
    locations: [{
      ...(position === undefined ? {} : { physicalLocation: location(position) }),
      ...(object === undefined ? {} : {
        logicalLocations: [{
          fullyQualifiedName: `${keyId(object)}${path === "" ? "" : ` ${path}`}`,
        }],
      }),
    }],
    ...(related.length === 0 ? {} : {
      relatedLocations: related.map(({ position, message }, id) => ({
        id,
        physicalLocation: location(position),
        message: { text: message },
      })),
    }),
    ...(fix === undefined ? {} : {
      fixes: [{
        description: { text: fix.title },
        artifactChanges: [...Map.groupBy(fix.edits, (edit) => edit.position.file)].map(
          ([file, edits]) => ({
            artifactLocation: { uri: uri(file) },
            replacements: edits.map(({ position, text }) => ({
              deletedRegion: region(position),
              insertedContent: { text },
            })),
          }),
        ),
      }],
    }),
  };
}

/** How GitHub calls them. */
const problemSeverities = {
  error: "error",
  warning: "warning",
  info: "recommendation",
} as const;

const levels = { error: "error", warning: "warning", info: "note" } as const;

function location(position: Position) {
  return { artifactLocation: { uri: uri(position.file) }, region: region(position) };
}

function region({ line, column, endLine, endColumn }: Position) {
  return { startLine: line, startColumn: column, endLine, endColumn };
}

/** A relative reference stays one. */
function uri(file: string): string {
  const path = file.split("/").map(encodeURIComponent).join("/");
  return file.startsWith("/") ? `file://${path}` : path.replace(/^(\.\/)+/, "");
}
