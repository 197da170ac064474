import type { Paint } from "../../../command_line/mod.ts";
import {
  type AskedRequest,
  clusterTarget,
  type Disagreement,
  type EnvoyAnswer,
  type EnvoyCluster,
  type Explanation,
} from "../../../explain/mod.ts";
import { counted } from "../diagnostics.ts";
import { printable } from "../lint/printable.ts";
import { explanationJson } from "./json.ts";
import type { ExplanationLook } from "./text.ts";

/** What an Envoy does with a request, and what objects say of that. */
export interface ComparedAnswers {
  readonly asked: AskedRequest;
  /** Where Envoy was asked. */
  readonly admin: string;
  readonly envoy: EnvoyAnswer;
  /** Absent when no objects are given. */
  readonly files?: Explanation;
  readonly disagreements?: readonly Disagreement[];
}

/** For people: where Envoy sends the request, by which route, and what the objects say otherwise. */
export function envoyText(
  { asked, admin, envoy, files, disagreements = [] }: ComparedAnswers,
  { paint, columns }: Pick<ExplanationLook, "paint" | "columns">,
): string {
  const headers = Object.entries(asked.headers).map(([name, value]) => `  ${name}: ${value}`);
  const row = (label: string, text: string) =>
    `${paint.dim(label.padEnd(labelWidth))}${printable(text)}`;
  /** Side by side where they fit into a line, else one below the other. */
  const rows = (label: string, parts: readonly string[]) =>
    labelWidth + parts.join("   ").length <= columns
      ? [row(label, parts.join("   "))]
      : parts.map((part, index) => row(index === 0 ? label : "", part));
  const { route, virtualHost, routeConfiguration, listener, outcome } = envoy;
  const forwarded = outcome.kind === "forward" ? outcome : undefined;
  const way = [
    ...(listener === undefined ? [] : [`listener ${listener}`]),
    ...(routeConfiguration === undefined ? [] : [`route configuration ${routeConfiguration}`]),
    ...(virtualHost === undefined ? [] : [`virtual host ${virtualHost}`]),
  ];
  const place = files?.rule?.position;
  const rule = route === undefined
    ? []
    : rows("route", [route.name || route.object || "(no name)", route.conditions.join(", ")]);
  const isSame = files !== undefined && disagreements.length === 0;
  const lines = [
    `${paint.bold(printable(`${asked.method} ${asked.url}`))}   ${
      paint.dim(printable(`by Envoy at ${admin}`))
    }`,
    ...headers.map((line) => paint.dim(printable(line))),
    ...outcomeLines(envoy, paint),
    ...rule,
    ...(way.length === 0 ? [] : rows("by", way)),
    ...(forwarded === undefined || forwarded.path === asked.path
      ? []
      : [row("rewrite", `${asked.path} -> ${forwarded.path}`)]),
    ...(forwarded === undefined || forwarded.host === asked.authority
      ? []
      : [row("host", forwarded.host)]),
    ...(forwarded === undefined ? [] : [row("timeout", forwarded.timeout)]),
    ...(isSame
      ? [
        row(
          "objects",
          `say the same${place === undefined ? "" : `: ${place.file}:${place.line}`}`,
        ),
      ]
      : []),
    ...(disagreements.length === 0 ? [] : [
      paint.yellow(paint.bold("differs from the objects:")),
      ...differing(disagreements, paint),
    ]),
    ...(disagreements.length === 0 || place === undefined
      ? []
      : [row("rule", `${place.file}:${place.line} takes it by the objects`)]),
  ];
  return `${lines.join("\n")}\n`;
}

/** The same as data. `objects` is what `explain` says without an Envoy. */
export function envoyJson(
  { asked, admin, envoy, files, disagreements }: ComparedAnswers,
): string {
  const report = {
    version: 1,
    request: asked,
    envoy: { admin, ...envoy },
    ...(files === undefined ? {} : {
      objects: JSON.parse(explanationJson(files)),
      agrees: disagreements?.length === 0,
      differences: disagreements,
    }),
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

const labelWidth = 10;

function outcomeLines({ outcome }: EnvoyAnswer, paint: Paint): readonly string[] {
  const arrow = (text: string) => `${paint.bold("->")} ${text}`;
  switch (outcome.kind) {
    case "forward":
    case "tcp-proxy":
      return outcome.clusters.map((cluster, index) => {
        const share = outcome.clusters.length === 1 ? "" : `  ${cluster.percent}%`;
        const text = `${paint.green(printable(clusterTarget(cluster)))}${share}   ${
          paint.dim(`(${clusterText(cluster)})`)
        }`;
        return index === 0 ? arrow(text) : `   ${text}`;
      });
    case "redirect":
      return [arrow(paint.green(printable(`${outcome.statusCode} to ${outcome.location}`)))];
    case "direct-response":
      return [arrow(`${outcome.statusCode} from Envoy itself`)];
    case "none":
      return [arrow(paint.red(noneTexts[outcome.why]))];
  }
}

const noneTexts = {
  "no-listener": "nobody: no listener takes such connections",
  "no-filter-chain": "nobody: the TLS connection is closed, no filter chain is for this name",
  "no-host": "nobody: 404, no virtual host is for this name",
  "no-route": "nobody: 404, no route of the virtual host takes it",
} as const;

function clusterText({ isThere, endpoints }: EnvoyCluster): string {
  if (!isThere) return "Envoy does not know this cluster: 503";
  if (endpoints === undefined) return "endpoints not known";
  return `${endpoints.ready} of ${counted(endpoints.total, "endpoint")} ready`;
}

function differing(disagreements: readonly Disagreement[], paint: Paint): readonly string[] {
  return disagreements.flatMap(({ about, envoy, files }) => [
    `  ${paint.dim(about.padEnd(labelWidth - 2))}${paint.dim("Envoy   ")}${printable(envoy)}`,
    `  ${" ".repeat(labelWidth - 2)}${paint.dim("objects ")}${printable(files)}`,
  ]);
}
