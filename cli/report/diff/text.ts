import type { Paint } from "../../../command_line/mod.ts";
import { keyId } from "../../../controller/api/mod.ts";
import type {
  DiffReport,
  HostDiff,
  RequestClass,
  ResourceChange,
  RulePlace,
  TrafficReport,
} from "../../../diff/mod.ts";
import { counted } from "../diagnostics.ts";
import { printable } from "../lint/printable.ts";
import { unifiedDiff } from "../lint/unified_diff.ts";
import type { DiffLook, ShownDiff } from "./report.ts";
import {
  effectText,
  type Fold,
  folds,
  hostText,
  marks,
  requestsText,
  sameHosts,
  schemeText,
  summaryText,
  treatmentTexts,
  witnessText,
} from "./words.ts";

/** A difference for people: host by host, what is lost first; the last line counts. */
export function textReport(
  { report, resources, traffic }: ShownDiff,
  look: DiffLook,
): string {
  const { paint } = look;
  return [
    ...sameHosts(report.hosts).map((hosts) => hostBlock(hosts, traffic, look)),
    ...(resources === undefined ? [] : [resourcesText(resources, paint)]),
    ...(traffic === undefined ? [] : [`${trafficText(traffic).join("\n")}\n\n`]),
    `${summaryPaint(report, paint)(summaryText(report))}\n`,
  ].join("");
}

function summaryPaint({ summary }: DiffReport, paint: Paint): (text: string) => string {
  if (summary.lost > 0) return paint.red;
  return summary.unchangedHosts === summary.hosts ? paint.green : paint.yellow;
}

function hostBlock(
  hosts: readonly HostDiff[],
  traffic: TrafficReport | undefined,
  look: DiffLook,
): string {
  const [host, ...others] = hosts;
  if (host === undefined) return "";
  const { paint } = look;
  const named = hosts.slice(0, shownHosts).map((one) => printable(hostText(one))).join(", ");
  const more = hosts.length - shownHosts;
  const title = more > 0 ? `${named} and ${counted(more, "more host")}` : named;
  const all = folds(host).flatMap((fold) => foldRows(fold, { others, traffic, look }));
  const rows = look.all ? all : all.slice(0, shownRows);
  const hidden = all.length === rows.length
    ? []
    : [paint.dim(`  … and ${counted(all.length - rows.length, "more line")} (-v lists them)`)];
  const widths = {
    scheme: widthOf(rows.map(({ scheme }) => scheme), Infinity),
    method: widthOf(rows.map(({ method }) => method), 10),
    requests: widthOf(rows.map(({ requests }) => requests), 48),
    effect: widthOf(rows.map(({ effect }) => effect), 48),
  };
  const unchanged = host.unchanged === 0 ? [] : [
    paint.dim(
      `  = ${classesText(host.unchanged, "other request")} unchanged`,
    ),
  ];
  const inexact = host.inexact === undefined
    ? []
    : [paint.yellow(`  ? sampled: ${printable(host.inexact)}, so there may be more`)];
  const lines = rows.flatMap((row) => rowLines(row, widths, look));
  return `${[paint.bold(title), ...lines, ...hidden, ...unchanged, ...inexact].join("\n")}\n\n`;
}

const shownHosts = 2;
const shownRows = 30;
const shownAlike = 4;

/** A line of a host, in its columns. */
interface Row {
  readonly kind: RequestClass["kind"];
  readonly scheme: string;
  readonly method: string;
  readonly requests: string;
  readonly effect: string;
  readonly label: string;
  /** Beneath it. */
  readonly changes: readonly string[];
  readonly witness: string;
  readonly places: string;
}

function foldRows(
  { classes, isWholeHost }: Fold,
  { others, traffic, look }: {
    readonly others: readonly HostDiff[];
    readonly traffic: TrafficReport | undefined;
    readonly look: DiffLook;
  },
): readonly Row[] {
  const [first] = classes;
  if (first === undefined) return [];
  if (isWholeHost && !look.all) {
    const before = new Set(classes.map(({ before }) => before));
    const after = new Set(classes.map(({ after }) => after));
    const one = {
      ...first,
      before: severalText(before),
      after: severalText(after),
    };
    return [{
      ...rowOf(first, traffic, classes),
      method: "*",
      requests: `all requests (${classes.length} classes)`,
      effect: first.kind === "changed" && before.size > 1 ? "" : effectText(one),
    }];
  }
  const isLong = classes.length > shownAlike + 1 && !look.all;
  const shown = isLong ? classes.slice(0, shownAlike) : classes;
  const hidden = classes.length - shown.length;
  const rows = shown.map((one) => {
    const row = rowOf(one, traffic, [one]);
    return others.length > 0 && one.kind === "changed" && one.before === one.after
      ? { ...row, effect: "" }
      : row;
  });
  if (hidden === 0) return rows;
  return [...rows, {
    ...rowOf(first, traffic, classes.slice(shownAlike)),
    scheme: "",
    method: "",
    requests: `and ${classesText(hidden, "more")} alike (-v lists them)`,
    effect: "",
    changes: [],
    witness: "",
    places: "",
  }];
}

function severalText(texts: ReadonlySet<string>): string {
  const [only] = texts;
  return texts.size === 1 && only !== undefined ? only : `${texts.size} destinations`;
}

function rowOf(
  one: RequestClass,
  traffic: TrafficReport | undefined,
  counted_: readonly RequestClass[],
): Row {
  const requests = counted_.reduce((sum, each) => sum + (traffic?.byClass.get(each) ?? 0), 0);
  const seen = traffic === undefined ? "" : `  ${counted(requests, "request")}`;
  const isConnection = one.path === "TLS";
  return {
    kind: one.kind,
    scheme: schemeText(one),
    method: isConnection ? "" : one.method,
    requests: printable(requestsText(one)),
    effect: isConnection ? "" : printable(effectText(one)),
    label: `${one.kind.toUpperCase()}${seen}`,
    changes: treatmentTexts(one).map(printable),
    witness: printable(witnessText(one.witness)),
    places: printable(placesText(one)),
  };
}

function rowLines(
  { kind, scheme, method, requests, effect, label, changes, witness, places }: Row,
  widths: Readonly<Record<"scheme" | "method" | "requests" | "effect", number>>,
  { paint, columns }: DiffLook,
): readonly string[] {
  const color = {
    lost: paint.red,
    moved: paint.yellow,
    gained: paint.green,
    changed: paint.yellow,
  };
  const head = [
    ...(widths.scheme === 0 ? [] : [scheme.padEnd(widths.scheme)]),
    method.padEnd(widths.method),
    requests.padEnd(widths.requests),
  ].join(" ");
  const tail = `${effect.padEnd(widths.effect)}  ${label}`;
  const mark = marks[kind];
  const isShort = head.length + tail.length + 7 <= columns;
  const main = isShort
    ? [`  ${color[kind](mark)} ${head}   ${effect.padEnd(widths.effect)}  ${color[kind](label)}`]
    : [
      `  ${color[kind](mark)} ${head.trimEnd()}`,
      `      ${effect === "" ? "" : `${effect}  `}${color[kind](label)}`,
    ];
  const inOne = `${witness}${places === "" ? "" : `   ${places}`}`;
  const examples = inOne.length + 6 <= columns ? [inOne] : [witness, places];
  return [
    ...main.map((line) => line.trimEnd()),
    ...changes.map((text) => `      ${text}`),
    ...examples.filter((text) => text !== "").map((text) => paint.dim(`      ${text}`)),
  ];
}

function placesText({ rules: { before, after } }: RequestClass): string {
  const places = [before, after].flatMap((place) => place === undefined ? [] : [placeText(place)]);
  return places.length === 0 ? "" : `(${[...new Set(places)].join(" -> ")})`;
}

function placeText({ object, path, position }: RulePlace): string {
  return position === undefined ? `${keyId(object)} ${path}` : `${position.file}:${position.line}`;
}

/** `1 more class`, `2 more classes` */
function classesText(count: number, what: string): string {
  return `${count.toLocaleString("en-US")} ${what} class${count === 1 ? "" : "es"}`;
}

function widthOf(texts: readonly string[], most: number): number {
  return Math.max(0, ...texts.map((text) => text.length).filter((length) => length <= most));
}

function resourcesText(resources: readonly ResourceChange[], paint: Paint): string {
  const changes = resources.map(({ type, name, before, after }) =>
    unifiedDiff(`${type} ${name}`, before, after, { paint, holdsSecrets: false })
  );
  const title = paint.bold(
    resources.length === 0
      ? "No resource of Envoy differs"
      : `${counted(resources.length, "resource")} of Envoy ${
        resources.length === 1 ? "differs" : "differ"
      }`,
  );
  return `${title}\n${changes.join("")}\n`;
}

/** What of the traffic would change, and what is not known of it. */
export function trafficText(traffic: TrafficReport): readonly string[] {
  const { requests, changed, unreadable, unlisted, unknownScheme, unknownHeaders } = traffic;
  const share = requests === 0 ? "0" : (changed / requests * 100).toFixed(changed === 0 ? 0 : 1);
  const number = (count: number) => count.toLocaleString("en-US");
  return [
    `Traffic: ${number(changed)} of ${counted(requests, "request")} change (${share}%)`,
    ...(unlisted === 0 ? [] : [`  ${number(unlisted)} more change, and belong to no class above`]),
    ...(unknownScheme === 0 ? [] : [
      `  ${
        number(unknownScheme)
      } without a scheme in the log: taken for https where the host has TLS`,
    ]),
    ...(unknownHeaders === 0 ? [] : [
      `  ${
        number(unknownHeaders)
      } that headers decide on which the log does not hold: taken for absent`,
    ]),
    ...(unreadable === 0 ? [] : [`  ${counted(unreadable, "line")} could not be read`]),
  ];
}
