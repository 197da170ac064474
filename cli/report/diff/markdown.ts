import type { RequestClass, TrafficReport } from "../../../diff/mod.ts";
import { counted } from "../diagnostics.ts";
import { printable } from "../lint/printable.ts";
import type { DiffLook, ShownDiff } from "./report.ts";
import {
  effectText,
  hostText,
  marks,
  requestsText,
  sameHosts,
  schemeText,
  summaryText,
  treatmentTexts,
  witnessText,
} from "./words.ts";
import { trafficText } from "./text.ts";

/** A difference for a comment on a pull request. */
export function markdownReport(
  { report, resources, traffic }: ShownDiff,
  { all }: Pick<DiffLook, "all">,
): string {
  const blocks = sameHosts(report.hosts).map((hosts) => {
    const [host] = hosts;
    if (host === undefined) return "";
    const names = hosts.slice(0, 2).map((one) => code(hostText(one))).join(", ");
    const more = hosts.length > 2 ? ` and ${counted(hosts.length - 2, "more host")}` : "";
    const shown = all ? host.classes : host.classes.slice(0, shownClasses);
    const hidden = host.classes.length - shown.length;
    const counts = traffic === undefined ? "" : " Requests |";
    const rule = traffic === undefined ? "" : " ---: |";
    return [
      `#### ${names}${more}`,
      "",
      ...(shown.length === 0 ? [] : [
        `| | What | Before and after | Try it |${counts}`,
        `| --- | --- | --- | --- |${rule}`,
        ...shown.map((one) => row(one, traffic)),
        "",
      ]),
      ...(hidden === 0 ? [] : [`${hidden} more classes are not shown.`, ""]),
      ...(host.inexact === undefined
        ? []
        : [`Sampled, so there may be more: ${cell(host.inexact)}.`, ""]),
      ...(host.unchanged === 0
        ? []
        : [`${host.unchanged} other classes of requests are unchanged.`, ""]),
    ].join("\n");
  });
  const changed = (resources ?? []).map(({ type, name, before, after }) =>
    `- ${before === "" ? "new" : after === "" ? "gone" : "changed"}: ${code(`${type} ${name}`)}`
  );
  return [
    `### ${summaryText(report)}`,
    "",
    ...blocks,
    ...(traffic === undefined
      ? []
      : [...trafficText(traffic).map((line) => line.trim() + "  "), ""]),
    ...(resources === undefined ? [] : [
      `<details><summary>${counted(resources.length, "resource")} of Envoy</summary>`,
      "",
      ...changed,
      "",
      "</details>",
      "",
    ]),
  ].join("\n");
}

const shownClasses = 50;

function row(one: RequestClass, traffic: TrafficReport | undefined): string {
  const scheme = schemeText(one);
  const what = `${scheme === "" ? "" : `${scheme} `}${one.method} ${requestsText(one)}`;
  const isConnection = one.path === "TLS";
  const effect = [...(isConnection ? [] : [effectText(one)]), ...treatmentTexts(one)];
  const count = traffic === undefined
    ? ""
    : ` ${(traffic.byClass.get(one) ?? 0).toLocaleString("en-US")} |`;
  const kind = one.kind === "lost" ? "**lost**" : one.kind;
  return `| ${code(marks[one.kind])} ${kind} | ${code(what)} | ${effect.map(code).join("<br>")} | ${
    code(witnessText(one.witness))
  } |${count}`;
}

/** As code in a cell: nothing in it means anything. */
function code(text: string): string {
  const shown = printable(text).replaceAll("|", "\\|");
  const fence = shown.includes("`") ? "``" : "`";
  return `${fence}${fence === "``" ? ` ${shown} ` : shown}${fence}`;
}

function cell(text: string): string {
  return printable(text).replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
