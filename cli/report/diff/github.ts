import type { Position, Severity } from "../../../controller/api/mod.ts";
import type { RequestClass } from "../../../diff/mod.ts";
import { annotation } from "../workflow_command.ts";
import type { ShownDiff } from "./report.ts";
import {
  effectText,
  hostText,
  requestsText,
  schemeText,
  summaryText,
  treatmentTexts,
  witnessText,
} from "./words.ts";
import { trafficText } from "./text.ts";

/** Annotations of a pull request, one a class of requests; the last line counts. */
export function githubReport({ report, traffic }: ShownDiff): string {
  const lines = report.hosts.flatMap((host) => [
    ...host.classes.map((one) => {
      const scheme = schemeText(one);
      const isConnection = one.path === "TLS";
      const what = isConnection
        ? requestsText(one)
        : `${scheme === "" ? "" : `${scheme} `}${one.method} ${requestsText(one)}`;
      const seen = traffic === undefined
        ? []
        : [`${(traffic.byClass.get(one) ?? 0).toLocaleString("en-US")} requests of the log`];
      return annotation({
        severity: severities[one.kind],
        title: `Requests ${one.kind}`,
        message: [
          `${hostText(host)}: ${what}`,
          ...(isConnection ? [] : [effectText(one)]),
          ...treatmentTexts(one),
          `for example: ${witnessText(one.witness)}`,
          ...seen,
        ].join("\n"),
        position: positionOf(one),
      });
    }),
    ...(host.inexact === undefined ? [] : [annotation({
      severity: "warning",
      title: "Sampled",
      message: `${hostText(host)}: ${host.inexact}, so there may be more`,
    })]),
  ]);
  const counted = traffic === undefined ? [] : [annotation({
    severity: "info",
    title: "Traffic",
    message: trafficText(traffic).join("\n"),
  })];
  const summary = annotation({
    severity: "info",
    title: "Difference",
    message: summaryText(report),
  });
  return [...lines, ...counted, summary].join("");
}

const severities: Readonly<Record<RequestClass["kind"], Severity>> = {
  lost: "error",
  moved: "warning",
  gained: "info",
  changed: "info",
};

/** Where it comes from now; the path alone, since a revision is no file. */
function positionOf({ rules: { before, after } }: RequestClass): Position | undefined {
  const position = after?.position ?? before?.position;
  return position && { ...position, file: position.file.replace(/^[^:/]+:(?=[^/])/, "") };
}
