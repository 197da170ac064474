import { RE2JS } from "re2js";
import type {
  HeaderMatch,
  PathMatch,
  QueryMatch,
  Route,
  RouteMatch,
} from "../controller/graph/mod.ts";

/**
 * Whether every request that `inner` takes would be taken by `outer` too. Never says so wrongly;
 * about regular expressions it may not see it.
 */
export function covers(outer: RouteMatch, inner: RouteMatch): boolean {
  return pathCovers(outer.path, inner.path) &&
    outer.headers.every((wanted) => inner.headers.some((given) => headerImplies(given, wanted))) &&
    outer.query.every((wanted) => inner.query.some((given) => queryImplies(given, wanted)));
}

/** Whether a route is on every listener that the other one is on. */
export function isWhereverOtherIs(
  { plain, secure }: Pick<Route, "plain" | "secure">,
  other: Pick<Route, "plain" | "secure">,
): boolean {
  return (other.plain === "absent" || plain !== "absent") &&
    (other.secure === "absent" || secure !== "absent");
}

function pathCovers(outer: PathMatch, inner: PathMatch): boolean {
  switch (outer.kind) {
    case "prefix":
      return textOf(inner).startsWith(outer.prefix) || outer.prefix === "/";
    case "segment-prefix": {
      const text = textOf(inner);
      const isSame = text === outer.prefix && inner.kind !== "prefix" && inner.kind !== "regex";
      return isSame || text.startsWith(`${outer.prefix}/`);
    }
    case "exact":
      return inner.kind === "exact" && inner.path === outer.path;
    case "regex": {
      if (inner.kind === "regex" && inner.regex === outer.regex) return true;
      const open = openRegex(outer.regex);
      if (open !== undefined) return pathCovers({ kind: "prefix", prefix: open }, inner);
      return inner.kind === "exact" && holds(`^${outer.regex}`, inner.path);
    }
  }
}

/** What every path begins with that this takes. */
function textOf(path: PathMatch): string {
  switch (path.kind) {
    case "exact":
      return path.path;
    case "prefix":
    case "segment-prefix":
      return path.prefix;
    case "regex":
      return literalBeginning(path.regex);
  }
}

/** The prefix that a regular expression such as `/api/.*` stands for. */
function openRegex(regex: string): string | undefined {
  const literal = literalBeginning(regex);
  const rest = regex.slice(literal.length);
  return [".*", "(.*)", ".*$", "(.*)$"].includes(rest) ? literal : undefined;
}

/** The characters before the first that means something else than itself. */
function literalBeginning(regex: string): string {
  if (regex.includes("|")) return "";
  const literal = /^[A-Za-z0-9/_~%-]*/.exec(regex)?.[0] ?? "";
  // A quantifier is about the last character.
  return /^[*+?{]/.test(regex.slice(literal.length)) ? literal.slice(0, -1) : literal;
}

function headerImplies(given: HeaderMatch, wanted: HeaderMatch): boolean {
  if (given.name.toLowerCase() !== wanted.name.toLowerCase()) return false;
  if (same(given, wanted)) return true;
  if (wanted.value.kind === "present") {
    const needsHeader = given.value.kind === "present" ? !given.invert : !given.treatMissingAsEmpty;
    return !wanted.invert && needsHeader;
  }
  if (given.invert || given.value.kind === "present") return false;
  return valueImplies(given, wanted, wanted.invert);
}

function queryImplies(given: QueryMatch, wanted: QueryMatch): boolean {
  if (given.name !== wanted.name) return false;
  if (same(given, wanted) || wanted.value.kind === "present") return true;
  return given.value.kind !== "present" && valueImplies(given, wanted, false);
}

type Comparison = Pick<HeaderMatch | QueryMatch, "value" | "ignoreCase">;

function valueImplies(given: Comparison, wanted: Comparison, invert: boolean): boolean {
  const { value } = given;
  // Only of one value is it known what else holds for it; of a part of it, that the part is there.
  if (value.kind === "exact" && !given.ignoreCase) {
    return valueHolds(wanted, value.text) !== invert;
  }
  if (invert || wanted.value.kind !== "contains" || value.kind === "present") return false;
  if (value.kind === "regex" || (given.ignoreCase && !wanted.ignoreCase)) return false;
  return includes(value.text, wanted.value.text, wanted.ignoreCase);
}

/** Whether a comparison holds for a value. */
export function valueHolds({ value, ignoreCase }: Comparison, text: string): boolean {
  if (value.kind === "present") return true;
  if (value.kind === "regex") return holds(value.text, text);
  const wanted = ignoreCase ? value.text.toLowerCase() : value.text;
  const given = ignoreCase ? text.toLowerCase() : text;
  switch (value.kind) {
    case "exact":
      return given === wanted;
    case "contains":
      return given.includes(wanted);
    case "prefix":
      return given.startsWith(wanted);
    case "suffix":
      return given.endsWith(wanted);
  }
}

function includes(text: string, part: string, ignoreCase: boolean): boolean {
  return ignoreCase ? text.toLowerCase().includes(part.toLowerCase()) : text.includes(part);
}

function holds(regex: string, text: string): boolean {
  try {
    return RE2JS.compile(regex).matches(text);
  } catch {
    return false;
  }
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The conditions in words: `prefix /cart, header x-beta is "1"`. */
export function matchText({ path, headers, query }: RouteMatch): string {
  const words = [
    pathWords(path),
    ...headers.map(({ name, value, invert }) =>
      `header ${name} ${invert ? "not " : ""}${valueWords(value)}`
    ),
    ...query.map(({ name, value }) => `query parameter ${name} ${valueWords(value)}`),
  ];
  return words.join(", ");
}

function pathWords(path: PathMatch): string {
  return path.kind === "regex" ? `regex ${path.regex}` : `${path.kind} ${textOf(path)}`;
}

function valueWords(value: { readonly kind: string; readonly text?: string }): string {
  return value.text === undefined ? value.kind : `${value.kind} "${value.text}"`;
}
