import { Fault } from "../fault.ts";
import type { PathMatch, Route } from "../model.ts";
import type { ProxyRoute } from "./spec.ts";

/** What is wrong with the prefix replacements of a route that matches `path`. */
export function prefixRewriteFault(
  policy: ProxyRoute["pathRewritePolicy"],
  path: PathMatch,
): Fault | undefined {
  const replacements = policy?.replacePrefix ?? [];
  if (replacements.length === 0) return undefined;
  if (path.kind !== "prefix") {
    const message = "cannot specify prefix replacements without a prefix condition";
    return new Fault("PrefixReplaceError/MustHavePrefix", message, "pathRewritePolicy");
  }
  const seen = new Set<string>();
  for (const [i, { prefix = "" }] of replacements.entries()) {
    const at = `pathRewritePolicy.replacePrefix[${i}]`;
    if (seen.has(prefix)) {
      return prefix === ""
        ? new Fault("PrefixReplaceError/AmbiguousReplacement", "ambiguous prefix replacement", at)
        : new Fault(
          "PrefixReplaceError/DuplicateReplacement",
          `duplicate replacement prefix '${prefix}'`,
          at,
        );
    }
    seen.add(prefix);
  }
  return undefined;
}

/** What the matched prefix becomes: by the entry for just this prefix, else by the one for any. */
export function prefixRewrite(
  policy: ProxyRoute["pathRewritePolicy"],
  path: PathMatch,
): string | undefined {
  if (path.kind !== "prefix") return undefined;
  const replacements = policy?.replacePrefix ?? [];
  const entry = replacements.find(({ prefix }) => prefix === path.prefix) ??
    replacements.find(({ prefix }) => !prefix);
  return entry?.replacement;
}

/** A route, and what it puts in place of its prefix, before that is split. */
export interface RewritingRoute {
  readonly route: Route;
  readonly rewrite?: string;
}

/**
 * The routes of a list with their rewrites; `included` ones have theirs already. A rewriting route is
 * split in two, with and without a slash behind its prefix, because plain substitution would double
 * slashes or lose them. A prefix that several routes of the list share is left as its owners wrote
 * it. Whatever a route does, it takes the same requests: also while its Services are not there.
 */
export function expandPrefixRewrites(
  included: readonly Route[],
  own: readonly RewritingRoute[],
): Route[] {
  // As it mostly is, and a tree of includes asks again at each level.
  if (own.every(({ rewrite }) => rewrite === undefined)) {
    return [...included, ...own.map(({ route }) => route)];
  }
  const groups = new Map<string, number>();
  for (const { match } of [...included, ...own.map(({ route }) => route)]) {
    if (match.path.kind !== "prefix") continue;
    const prefix = trimmed(match.path.prefix);
    groups.set(prefix, (groups.get(prefix) ?? 0) + 1);
  }
  const expanded = own.flatMap(({ route, rewrite }) => {
    const { path } = route.match;
    if (rewrite === undefined || path.kind !== "prefix") return [route];
    const prefix = trimmed(path.prefix);
    if (prefix === "/" || groups.get(prefix) !== 1) return [rewritten(route, path.prefix, rewrite)];
    const replacement = rewrite.replace(/\/+$/, "");
    return [
      rewritten(route, prefix, replacement === "" ? "/" : replacement),
      rewritten(route, `${prefix}/`, `${replacement}/`),
    ];
  });
  return [...included, ...expanded];
}

function rewritten(route: Route, prefix: string, prefixRewrite: string): Route {
  const { match, action } = route;
  return {
    ...route,
    match: { ...match, path: { kind: "prefix", prefix } },
    action: action.kind === "forward" ? { ...action, prefixRewrite } : action,
  };
}

function trimmed(prefix: string): string {
  return prefix.replace(/\/+$/, "") || "/";
}
