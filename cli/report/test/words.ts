import { keyId } from "../../../controller/api/mod.ts";
import type { Candidate, Place } from "../../../explain/mod.ts";
import type { CaseResult } from "../../../request_tests/mod.ts";

/** The request of a case: `GET https://shop.example.com/cart`. */
export function requestText(result: CaseResult): string {
  if (result.kind === "unclear") return "";
  const { method, url, headers } = result.explanation.request;
  const sent = Object.entries(headers).map(([name, value]) => ` -H '${name}: ${value}'`);
  return `${method} ${url}${sent.join("")}`;
}

/** What is wrong with a case in a line, or nothing. */
export function failureText(result: CaseResult): string {
  switch (result.kind) {
    case "passed":
      return "";
    case "unclear":
      return `the request is none: ${result.message}`;
    case "failed":
      return result.differences.map(({ field, expected, got }) =>
        `${field}: expected ${expected}, got ${got}`
      ).join("; ");
  }
}

/** Why it came so: the rule, what lost to it, and what is wrong around. Label and text of each line. */
export function reasons(result: CaseResult): readonly (readonly [label: string, text: string])[] {
  if (result.kind !== "failed") return [];
  const { rule, candidates, problems, host, outcome } = result.explanation;
  const took = rule === undefined
    ? host === undefined ? [] : [["host", `${placeText(host.owner)}  ${host.fqdn}`] as const]
    : [
      ["rule", `${placeText(rule)}  ${keyId(rule.object)}  ${rule.conditions.join(", ")}`] as const,
    ];
  const near = outcome.kind === "none" && outcome.nearHosts.length > 0
    ? [["near", outcome.nearHosts.join(", ")] as const]
    : [];
  return [
    ...took,
    ...near,
    ...problems.slice(0, 3).map(({ message, object, path, position }) => {
      const place = object === undefined
        ? ""
        : `${placeText({ object, path, ...(position === undefined ? {} : { position }) })}  `;
      return ["problem", `${place}${message}`] as const;
    }),
    ...candidates.slice(0, shownCandidates).map((candidate) =>
      ["lost", candidateText(candidate)] as const
    ),
    ...(candidates.length > shownCandidates
      ? [
        ["", `and ${candidates.length - shownCandidates} more: contour explain shows all`] as const,
      ]
      : []),
  ];
}

const shownCandidates = 3;

function candidateText(candidate: Candidate): string {
  return `${placeText(candidate)}  ${candidate.conditions.join(", ")}: ${candidate.reason}`;
}

/** `routes/shop.yaml:11`, or the object and the field where there is no file. */
export function placeText({ object, path, position }: Place): string {
  if (position !== undefined) return `${position.file}:${position.line}`;
  return path === "" ? keyId(object) : `${keyId(object)} ${path}`;
}
