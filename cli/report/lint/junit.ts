import { keyId } from "../../../controller/api/mod.ts";
import type { Finding } from "../../../lint/mod.ts";
import { xml } from "../xml.ts";
import { conciseLine } from "./concise.ts";
import type { ShownReport } from "./report.ts";

/**
 * A suite a file, a case an object: objects without errors pass. What belongs to no object is a case
 * named for its file. Warnings and notes are output of a case that passes.
 */
export function junitReport({ findings, texts, objects, fileOf }: ShownReport): string {
  const suites = new Map<string, Map<string, Finding[]>>();
  const caseOf = (file: string, name: string) => {
    const suite = suites.get(file) ?? new Map<string, Finding[]>();
    suites.set(file, suite);
    const list = suite.get(name) ?? [];
    suite.set(name, list);
    return list;
  };
  for (const file of texts.keys()) suites.set(file, new Map());
  for (const key of objects) caseOf(fileOf(key) ?? "", keyId(key));
  for (const finding of findings) {
    const file = finding.position?.file ?? "";
    caseOf(file, finding.object === undefined ? file : keyId(finding.object)).push(finding);
  }
  const shown = [...suites].sort(([a], [b]) => a < b ? -1 : 1).map(([file, cases]) =>
    suite(file, cases)
  );
  const failures = findings.filter(({ severity }) => severity === "error").length;
  const tests = [...suites.values()].reduce((sum, { size }) => sum + size, 0);
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites name="contour lint" tests="${tests}" failures="${failures}">`,
    ...shown,
    `</testsuites>\n`,
  ].join("\n");
}

function suite(file: string, cases: ReadonlyMap<string, readonly Finding[]>): string {
  const failures = [...cases.values()].flat().filter(({ severity }) => severity === "error").length;
  return [
    `  <testsuite name="${xml(file)}" tests="${cases.size}" failures="${failures}">`,
    ...[...cases].map(([name, findings]) => testcase(file, name, findings)),
    `  </testsuite>`,
  ].join("\n");
}

function testcase(file: string, name: string, findings: readonly Finding[]): string {
  const open = `    <testcase name="${xml(name)}" classname="${xml(file)}" file="${xml(file)}"`;
  if (findings.length === 0) return `${open}/>`;
  const errors = findings.filter(({ severity }) => severity === "error");
  const others = findings.filter(({ severity }) => severity !== "error");
  return [
    `${open}>`,
    ...errors.map((finding) =>
      `      <failure type="${finding.code}" message="${xml(finding.message)}">${
        xml(conciseLine(finding, noPaint))
      }</failure>`
    ),
    ...(others.length === 0 ? [] : [
      `      <system-out>${
        xml(others.map((finding) => conciseLine(finding, noPaint)).join(""))
      }</system-out>`,
    ]),
    `    </testcase>`,
  ].join("\n");
}

const plain = (text: string) => text;
const noPaint = {
  red: plain,
  yellow: plain,
  green: plain,
  blue: plain,
  bold: plain,
  dim: plain,
};
