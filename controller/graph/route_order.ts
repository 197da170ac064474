import type { HeaderMatch, QueryMatch, Route, RouteMatch } from "./model.ts";

/**
 * Routes in the order Envoy has to try them. Envoy takes the first that matches, so the order says
 * which of several takes a request; the order in which users wrote them never does. It is total:
 * equal routes do not swap places between replicas or restarts.
 */
export function sortRoutes(routes: readonly Route[]): Route[] {
  return routes
    .map((route) => ({ ...route, match: sortedMatch(route.match) }))
    .sort(compareRoutes);
}

/**
 * The text under which routes of one host replace each other: path, headers and query conditions as
 * written, in their written order.
 */
export function matchText({ path, headers, query }: RouteMatch): string {
  return JSON.stringify([path, headers, query]);
}

function sortedMatch({ path, headers, query }: RouteMatch): RouteMatch {
  return {
    path,
    headers: headers.length < 2 ? headers : headers.toSorted(compareHeaders),
    query: query.length < 2 ? query : query.toSorted(compareQueries),
  };
}

function compareRoutes(a: Route, b: Route): number {
  const [method, otherMethod] = [methodText(a.match), methodText(b.match)];
  const headers = a.match.headers.filter(({ name }) => name !== ":method");
  const otherHeaders = b.match.headers.filter(({ name }) => name !== ":method");
  return comparePaths(a.match, b.match) ||
    Number(otherMethod !== "") - Number(method !== "") ||
    otherHeaders.length - headers.length ||
    b.match.query.length - a.match.query.length ||
    compareLists(headers, otherHeaders, compareHeaders) ||
    compareLists(a.match.query, b.match.query, compareQueries) ||
    compareText(method, otherMethod) ||
    compareText(matchText(a.match), matchText(b.match));
}

function comparePaths({ path: a }: RouteMatch, { path: b }: RouteMatch): number {
  const rank = pathRanks[a.kind] - pathRanks[b.kind];
  if (rank !== 0) return rank;
  const [text, other] = [pathText(a), pathText(b)];
  const longer = a.kind === "exact" ? 0 : byteLength(other) - byteLength(text);
  return longer || compareText(other, text) ||
    Number(a.kind === "prefix") - Number(b.kind === "prefix");
}

const pathRanks = { "exact": 0, "regex": 1, "prefix": 2, "segment-prefix": 2 } as const;

/** What a path is compared with, whatever the kind of comparison. */
export function pathText(path: RouteMatch["path"]): string {
  switch (path.kind) {
    case "exact":
      return path.path;
    case "regex":
      return path.regex;
    case "prefix":
    case "segment-prefix":
      return path.prefix;
  }
}

function methodText({ headers }: RouteMatch): string {
  return headers.filter(({ name }) => name === ":method").map((header) => JSON.stringify(header))
    .join();
}

const headerRanks = { exact: 0, regex: 1, contains: 2, present: 3 } as const;
const queryRanks = { exact: 0, regex: 1, prefix: 2, suffix: 3, contains: 4, present: 5 } as const;

function compareHeaders(a: HeaderMatch, b: HeaderMatch): number {
  return compareText(a.name, b.name) ||
    headerRanks[a.value.kind] - headerRanks[b.value.kind] ||
    compareText(valueText(a.value), valueText(b.value)) ||
    Number(a.invert) - Number(b.invert) ||
    Number(a.ignoreCase) - Number(b.ignoreCase) ||
    Number(a.treatMissingAsEmpty) - Number(b.treatMissingAsEmpty);
}

function compareQueries(a: QueryMatch, b: QueryMatch): number {
  return compareText(a.name, b.name) ||
    queryRanks[a.value.kind] - queryRanks[b.value.kind] ||
    compareText(valueText(a.value), valueText(b.value)) ||
    Number(a.ignoreCase) - Number(b.ignoreCase);
}

function valueText(value: { readonly kind: string; readonly text?: string }): string {
  return value.text ?? "";
}

function compareLists<T>(
  a: readonly T[],
  b: readonly T[],
  compare: (a: T, b: T) => number,
): number {
  for (const [i, item] of a.entries()) {
    const other = b[i];
    const order = other === undefined ? 0 : compare(item, other);
    if (order !== 0) return order;
  }
  return 0;
}

/** By bytes of UTF-8; JavaScript's own order differs only beyond the basic plane. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  if (isAscii(a) && isAscii(b)) return a < b ? -1 : 1;
  const [left, right] = [new TextEncoder().encode(a), new TextEncoder().encode(b)];
  for (const [i, byte] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    if (byte !== other) return byte - other;
  }
  return -1;
}

function byteLength(text: string): number {
  return isAscii(text) ? text.length : new TextEncoder().encode(text).length;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
