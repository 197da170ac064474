import { RE2JS } from "re2js";
import {
  type LocationMatches,
  type NginxLocation,
  nginxRewrites,
  nginxTakes,
  type PathMatch,
} from "./nginx_paths.ts";

/** A request that ends up elsewhere, or with another path. */
export interface NginxDifference {
  /** Index of the path that took it, or takes it now. */
  readonly index: number;
  readonly message: string;
}

/**
 * Requests that the routes of a host in regex mode treat otherwise than nginx did, the case of
 * letters left aside: one for each path. Asked are requests around every path, not all there are.
 */
export function nginxDifferences(
  locations: readonly NginxLocation[],
  result: readonly LocationMatches[],
): readonly NginxDifference[] {
  const routes = inOrder(locations, result);
  const found = new Map<number, string>();
  for (const path of samples(locations)) {
    const difference = differenceAt(locations, routes, path);
    if (difference === undefined || found.has(difference.index)) continue;
    found.set(difference.index, difference.message);
  }
  return [...found].map(([index, message]) => ({ index, message }));
}

/** Whether a request for a path is treated otherwise than nginx did. */
export function differsFromNginx(
  locations: readonly NginxLocation[],
  result: readonly LocationMatches[],
  path: string,
): boolean {
  return differenceAt(locations, inOrder(locations, result), path) !== undefined;
}

function differenceAt(
  locations: readonly NginxLocation[],
  routes: readonly IndexedMatch[],
  path: string,
): NginxDifference | undefined {
  const before = nginxTakes(locations, path, true);
  const was = before === undefined ? -1 : locations.indexOf(before);
  const now = routes.find(({ match }) => takes(match, path));
  const is = now?.index ?? -1;
  const index = was === -1 ? is : was;
  if (index === -1) return undefined;
  const oldPath = before === undefined ? path : nginxRewrites(before, path);
  const newPath = now === undefined ? path : rewritten(now.match, path);
  if (was === is && oldPath === newPath) return undefined;
  const place = (at: number) =>
    at === -1 ? "nowhere" : `to the backend of "${locations[at]?.path}"`;
  const message = was === is
    ? `${path} arrived at the backend as "${oldPath}", and now as "${newPath}"`
    : `${path} went ${place(was)}, and now goes ${place(is)}`;
  return { index, message };
}

interface IndexedMatch {
  readonly index: number;
  readonly match: PathMatch;
  /** The kind of the path's condition, the strongest first. */
  readonly rank: number;
  readonly text: string;
}

/** The order in which routes of an HTTPProxy are tried; of equal ones the first there is counts. */
function inOrder(
  locations: readonly NginxLocation[],
  result: readonly LocationMatches[],
): readonly IndexedMatch[] {
  const seen = new Set<string>();
  const all: IndexedMatch[] = [];
  for (const index of locations.keys()) {
    for (const match of result[index]?.matches ?? []) {
      const key = JSON.stringify(match.conditions);
      if (seen.has(key)) continue;
      seen.add(key);
      const texts = (["exact", "regex", "prefix"] as const)
        .map((kind) => match.conditions.find((each) => each[kind] !== undefined)?.[kind]);
      const rank = texts.findIndex((text) => text !== undefined);
      all.push({ index, match, rank, text: texts[rank] ?? "" });
    }
  }
  return all.sort((a, b) =>
    a.rank - b.rank || b.text.length - a.text.length ||
    (a.text < b.text ? 1 : a.text > b.text ? -1 : 0) ||
    b.match.conditions.length - a.match.conditions.length
  );
}

function takes({ conditions }: PathMatch, path: string): boolean {
  return conditions.every(({ exact, regex, prefix, header }) =>
    (exact === undefined || path === exact) &&
    (regex === undefined || RE2JS.matches(regex, path)) &&
    (prefix === undefined || path.startsWith(prefix)) &&
    (header?.regex === undefined || RE2JS.matches(header.regex, path))
  );
}

function rewritten({ conditions, rewrite }: PathMatch, path: string): string {
  const prefix = conditions.find((each) => each.prefix !== undefined)?.prefix ?? "";
  return rewrite === undefined ? path : `${rewrite}${path.slice(prefix.length)}`;
}

/** Paths at and around the beginning of every path. */
function samples(locations: readonly NginxLocation[]): readonly string[] {
  const begins = locations.flatMap(({ path }) => {
    const [begin = "/"] = /^(?:[\w./~-](?![*+?{]))*/.exec(path) ?? [];
    // A point is any character.
    return [begin, begin.replaceAll(".", "/"), begin.replaceAll(".", "x")];
  });
  const all = begins.flatMap((begin) => {
    const bare = begin.replace(/\/$/, "");
    return ["", "/", "/x", "/x/y", "x", "x/y", "1", "/1"].map((end) => `${bare}${end}`);
  });
  return [...new Set(all)].filter((path) => path !== "");
}
