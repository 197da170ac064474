import { pathText, type RouteMatch } from "../controller/graph/mod.ts";

/** Why a route comes after another one that takes the same request, in the order Envoy tries them. */
export function reasonAfter(winner: RouteMatch, loser: RouteMatch): string {
  const [first, second] = [winner.path, loser.path];
  if (rankOf(first) !== rankOf(second)) {
    return `comes after the winner: ${pathNames[first.kind]} goes before ${pathNames[second.kind]}`;
  }
  const [length, otherLength] = [pathText(first).length, pathText(second).length];
  if (first.kind !== "exact" && length > otherLength) {
    return `comes after the winner: shorter ${first.kind === "regex" ? "regex" : "prefix"}`;
  }
  const headers = ({ headers }: RouteMatch) =>
    headers.filter(({ name }) => name !== ":method").length;
  const hasMethod = ({ headers }: RouteMatch) => headers.some(({ name }) => name === ":method");
  if (pathText(first) === pathText(second)) {
    if (hasMethod(winner) && !hasMethod(loser)) {
      return "comes after the winner: no condition on the method";
    }
    if (headers(winner) > headers(loser)) return "comes after the winner: fewer header conditions";
    if (headers(winner) === headers(loser) && winner.query.length > loser.query.length) {
      return "comes after the winner: fewer query conditions";
    }
  }
  return "comes after the winner: equally specific, and later by its text";
}

function rankOf({ kind }: RouteMatch["path"]): number {
  return kind === "exact" ? 0 : kind === "regex" ? 1 : 2;
}

const pathNames = {
  exact: "an exact path",
  regex: "a regex",
  prefix: "a prefix",
  "segment-prefix": "a prefix",
} as const;
