/** Conditions of routes and includes that all stand beside each other without contradiction. */
import type { Random } from "../../../support/world/random.ts";

/** Paths that routes are about, and requests ask for. */
export const paths = ["/", "/a", "/a/", "/a/b", "/ab", "/b", "/b/", "/b/a", "/a.b", "/c/d/e"];

const regexes = [
  "/[ab]",
  "/a/.*",
  "/[a-z]+/b",
  "/.*",
  "/a.b",
  "/(a|b)/?",
  "/c/(d|e)/.*",
  "/a/\\d+",
  "/a|/b",
  "/c/.*|/ab",
];

/** Conditions of an include: a prefix, headers, parameters of the query. */
export function includeConditions(random: Random): object[] {
  return [
    ...(random.chance(0.85)
      ? [{ prefix: random.of(["/", "/a", "/a/", "/b", "/v1", "/v1/", "/a/b"]) }]
      : []),
    ...(random.chance(0.2) ? [{ header: header(random, "x-c") }] : []),
    ...(random.chance(0.15) ? [{ queryParameter: query(random, "p") }] : []),
  ];
}

/** Conditions of a route; `path` says of what kind its path may be. */
export function routeConditions(random: Random, path: "prefix" | "any"): object[] {
  return [
    ...(random.chance(0.9) ? [pathCondition(random, path)] : []),
    ...(random.chance(0.35) ? [{ header: header(random, "x-a") }] : []),
    ...(random.chance(0.2) ? [{ header: header(random, "x-b") }] : []),
    ...(random.chance(0.25) ? [{ queryParameter: query(random, random.of(["q", "Q"])) }] : []),
    ...(random.chance(0.08)
      ? [{ header: { name: random.of([":method", ":Method"]), exact: random.of(["GET", "POST"]) } }]
      : []),
    ...(random.chance(0.04) ? [{ header: { name: ":authority", contains: "w" } }] : []),
  ];
}

function pathCondition(random: Random, kind: "prefix" | "any"): object {
  const text = random.of(paths);
  if (kind === "prefix" || random.chance(0.55)) return { prefix: text };
  return random.chance(0.6) ? { exact: text } : { regex: random.of(regexes) };
}

/** A condition on a header, which at times says nothing. */
function header(random: Random, name: string): object {
  const value = random.of(["a", "B", "ab", "a b", "1.5"]);
  const flags = {
    ...random.maybe(0.3, "ignoreCase", () => true),
    ...random.maybe(0.3, "treatMissingAsEmpty", () => true),
  };
  const spelled = random.chance(0.3) ? name.toUpperCase() : name;
  return {
    name: spelled,
    ...random.of<object>([
      { present: true },
      { notpresent: true },
      { contains: value, ...flags },
      { notcontains: value, ...flags },
      { exact: value, ...flags },
      { notexact: value, ...flags },
      { regex: random.of(["[ab]+", "B|a", "a.*", "\\d+"]), ...flags },
      ...(random.chance(0.1) ? [{ present: false }, flags] : []),
    ]),
  };
}

function query(random: Random, name: string): object {
  const value = random.of(["a", "B", "ab", "a b", "a+b"]);
  const flag = random.maybe(0.3, "ignoreCase", () => true);
  return {
    name,
    ...random.of<object>([
      { present: true },
      { exact: value, ...flag },
      { prefix: value, ...flag },
      { suffix: value, ...flag },
      { contains: value, ...flag },
      { regex: random.of(["[ab]+", "a.*"]) },
    ]),
  };
}
