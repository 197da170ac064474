import type { DiffReport, HostDiff, RequestClass, Witness } from "../../../diff/mod.ts";
import { counted } from "../diagnostics.ts";

/** The sign before a class, as people know it from plans and patches. */
export const marks = { lost: "-", moved: "~", gained: "+", changed: "~" } as const;

/** The requests of a class: `GET /cart/**`, with what else they have, and have not. */
export function requestsText({ path, conditions, except }: RequestClass): string {
  const isWhole = path === "TLS";
  return [
    isWhole ? "all connections over TLS" : path,
    ...(conditions.length === 0 ? [] : [`with ${conditions.join(", ")}`]),
    ...(except.length === 0 ? [] : [`without ${exceptText(except)}`]),
  ].join(" ");
}

const shownExceptions = 3;

function exceptText(except: readonly string[]): string {
  const named = except.slice(0, shownExceptions).map((text) => text);
  const more = except.length - named.length;
  return [...named, ...(more === 0 ? [] : [`${more} more`])].join(", or ");
}

/** Which schemes they use, where that is not all that the host has; "" otherwise. */
export function schemeText({ schemes, isOnAllSchemes, path }: RequestClass): string {
  return isOnAllSchemes || path === "TLS" ? "" : schemes.join("+");
}

/** What becomes of them: `web/shop-v1:80 -> (404)`. */
export function effectText({ kind, before, after }: RequestClass): string {
  return kind === "changed" && before === after ? after : `${before} -> ${after}`;
}

/** What is done otherwise beside: `timeout 15s -> 30s`. */
export function treatmentTexts({ treatment }: RequestClass): readonly string[] {
  return treatment.map(({ name, before, after }) =>
    `${name} ${before === "" ? "(none)" : before} -> ${after === "" ? "(none)" : after}`
  );
}

/** A request as people would try it with curl: `GET https://shop.example.com/cart -H 'x-beta: 1'`. */
export function witnessText({ method, url, headers }: Witness): string {
  const list = Object.entries(headers).map(([name, value]) =>
    ` -H ${quoted(value === "" ? `${name};` : `${name}: ${value}`)}`
  );
  return `${method} ${url}${list.join("")}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** `1 lost, 2 moved`, without what there is none of. */
export function countsText(counts: Readonly<Record<RequestClass["kind"], number>>): string {
  return kinds.filter((kind) => counts[kind] > 0)
    .map((kind) => `${counts[kind].toLocaleString("en-US")} ${kind}`).join(", ");
}

/** In the order of telling. */
export const kinds = ["lost", "moved", "gained", "changed"] as const;

/** The last line: what it comes to. */
export function summaryText({ summary }: DiffReport): string {
  const { hosts, unchangedHosts, inexactHosts } = summary;
  const unsure = inexactHosts === 0
    ? ""
    : ` Not every request to ${counted(inexactHosts, "host")} was thought of.`;
  const counts = countsText(summary);
  if (counts === "") return `No difference for requests to ${counted(hosts, "host")}.${unsure}`;
  const changed = hosts - unchangedHosts;
  return `Requests: ${counts} in ${changed} of ${counted(hosts, "host")}.${unsure}`;
}

/** A host whose name only stands for those that somebody else gives. */
export function hostText({ fqdn }: Pick<HostDiff, "fqdn">): string {
  if (/^assumed-\d+\.invalid$/.test(fqdn)) {
    return "any host that includes these (its name here: " + fqdn + ")";
  }
  return fqdn === "*" ? "* (any other host)" : fqdn;
}

/** Classes of a host that fare alike; one of them, the others, or all there are may be shown. */
export interface Fold {
  readonly classes: readonly RequestClass[];
  /** Whether these are all requests to the host. */
  readonly isWholeHost: boolean;
}

/** The classes of a host, those together that fare alike, in their order. */
export function folds({ classes, unchanged }: HostDiff): readonly Fold[] {
  const groups = [...Map.groupBy(classes, alike).values()];
  const requests = groups.filter(([first]) => first?.path !== "TLS");
  return groups.map((group) => ({
    classes: group,
    isWholeHost: requests.length === 1 && group === requests[0] && unchanged === 0 &&
      group.length > 1,
  }));
}

/** Equal for classes of which one line can tell. */
function alike({ kind, before, after, treatment, path, schemes }: RequestClass): string {
  const what = {
    lost: [after],
    gained: [before],
    moved: [before, after, treatment],
    changed: before === after ? [treatment] : [before, after, treatment],
  }[kind];
  return JSON.stringify([kind, path === "TLS", schemes, what]);
}

/** Hosts for which the same changes, by what one line can tell of them. */
export function sameHosts(hosts: readonly HostDiff[]): readonly (readonly HostDiff[])[] {
  const key = (host: HostDiff) =>
    JSON.stringify([
      host.inexact,
      host.unchanged,
      host.classes.map(({ witness: _, rules: __, ...shown }) => ({
        ...shown,
        ...(shown.kind === "changed" && shown.before === shown.after
          ? { before: "", after: "" }
          : {}),
      })),
    ]).replaceAll(host.fqdn, "*");
  return [...Map.groupBy(hosts, key).values()];
}
