import { regexProblem } from "../controller/graph/mod.ts";
import type { PathType } from "./ingress_source.ts";
import { nginxDifferences } from "./nginx_differences.ts";
import type { ConditionDraft } from "./output.ts";

/**
 * How the paths of one host, as ingress-nginx understands them together, are matched by routes. In
 * regex mode, which one path puts the whole host into, each is a case-insensitive regular expression
 * of the beginning, and the longest text is tried first; otherwise a prefix ends at a slash.
 * See https://kubernetes.github.io/ingress-nginx/user-guide/ingress-path-matching/
 */
export function nginxMatches(locations: readonly NginxLocation[]): readonly LocationMatches[] {
  if (!isRegexMode(locations)) {
    return locations.map((location) => plainMatches(location, locations));
  }
  const result = locations.map((location) => regexMatches(location, locations));
  const differences = new Map(
    nginxDifferences(locations, result).map(({ index, message }) => [index, message]),
  );
  return result.map(({ matches, remarks }, index) => {
    const message = differences.get(index);
    // What has no route, or is told to lie otherwise, needs no witness.
    const isTold = remarks.some(({ verdict, isMove }) => verdict === "lost" || isMove === true);
    return message === undefined || isTold
      ? { matches, remarks }
      : { matches, remarks: [...remarks, { verdict: "lost", message: `${message}: ${whatToDo}` }] };
  });
}

const whatToDo = "try such requests, and write the routes of this path by hand where they matter";

/** A path of the host. */
export interface NginxLocation {
  readonly path: string;
  readonly pathType: PathType;
  /** `use-regex` of its Ingress. */
  readonly useRegex: boolean;
  /** `rewrite-target` of its Ingress; empty for none. */
  readonly rewriteTarget: string;
}

/** The routes that stand for a path. */
export interface LocationMatches {
  readonly matches: readonly PathMatch[];
  readonly remarks: readonly Remark[];
}

/** A route, as far as the path is concerned. */
export interface PathMatch {
  readonly conditions: readonly ConditionDraft[];
  /** What stands in place of the prefix. */
  readonly rewrite?: string;
  /** Answers in place of the backend. */
  readonly answer?: { readonly redirect: string };
}

/** Something about the path that has to be told. */
export interface Remark {
  readonly verdict: "kept" | "approximated" | "lost";
  readonly message: string;
  /** Whether it tells of requests that end up elsewhere, or with another path. */
  readonly isMove?: boolean;
}

/** What a path comes to that no request can have. */
export const neverTaken: LocationMatches = {
  matches: [],
  remarks: [{ verdict: "kept", message: "never took a request: no path holds a ? or #" }],
};

/** Whether the paths of a host are regular expressions. */
export function isRegexMode(locations: readonly NginxLocation[]): boolean {
  return locations.some((location) => location.useRegex || rewrites(location));
}

/** A target that equals the path is none. */
function rewrites({ path, rewriteTarget }: NginxLocation): boolean {
  return rewriteTarget !== "" && rewriteTarget !== path;
}

function plainMatches(
  { path, pathType }: NginxLocation,
  all: readonly NginxLocation[],
): LocationMatches {
  if (/[?#]/.test(path)) return neverTaken;
  const remarks: Remark[] = [];
  if (pathType !== "Exact" && path === "/") {
    return { matches: [{ conditions: [{ prefix: "/" }] }], remarks };
  }
  const has = (type: "Exact" | "Prefix", text: string) =>
    all.some((other) => (other.pathType === "Exact") === (type === "Exact") && other.path === text);
  const bare = path.replace(/\/$/, "");
  const matches: PathMatch[] = [];
  if (pathType === "Exact") matches.push({ conditions: [{ exact: path }] });
  else if (path.endsWith("/")) matches.push({ conditions: [{ prefix: path }] });
  else {
    if (!has("Exact", path)) matches.push({ conditions: [{ exact: path }] });
    if (!has("Prefix", `${path}/`)) matches.push({ conditions: [{ prefix: `${path}/` }] });
  }
  const isRedirected = path.endsWith("/") && path !== "/" && !has("Exact", bare) &&
    !has("Prefix", bare) && !(pathType === "Exact" && has("Prefix", path));
  if (isRedirected) {
    matches.push({ conditions: [{ exact: bare }], answer: { redirect: path } });
    remarks.push({
      verdict: "kept",
      message: `nginx answers "${bare}" with 301 to "${path}": a route of its own does`,
    });
  }
  return { matches, remarks };
}

function regexMatches(
  location: NginxLocation,
  all: readonly NginxLocation[],
): LocationMatches {
  const { path } = location;
  const problem = patternProblem(path);
  if (problem !== undefined) {
    const message = `${problem}; the path has no route: write one by hand`;
    return { matches: [], remarks: [{ verdict: "lost", message }] };
  }
  const before = all.find((other) => comesFirst(other, location) && coversAll(other, location));
  if (before !== undefined) {
    const message = `never took a request: "${before.path}" comes first and takes them all`;
    return { matches: [], remarks: [{ verdict: "kept", message }] };
  }
  return rewrites(location) ? rewritingMatches(location, all) : unrewritten(location, all);
}

/** Whether whatever one path takes is taken by another. */
function coversAll(other: NginxLocation, { path }: NginxLocation): boolean {
  const everything = /^\/(\?)?(\(\.\*\)|\.\*)\$?$/.test(other.path);
  if (everything) return true;
  const rewrite = rewriteOf(other);
  if (rewrite === undefined) return false;
  return headOf(path).startsWith(rewrite.open ? rewrite.prefix : `${rewrite.prefix}/`);
}

/** The routes of a path whose requests arrive as they are. */
function unrewritten(location: NginxLocation, all: readonly NginxLocation[]): LocationMatches {
  const { path } = location;
  if (path === "/" || coversAll(location, location)) {
    return { matches: [{ conditions: [{ prefix: "/" }] }], remarks: [] };
  }
  const covered = all.filter((other) => {
    const rewrite = rewriteOf(other);
    return rewrite !== undefined && other !== location && comesFirst(other, location) &&
      mayMeet(path, rewrite.prefix);
  });
  if (covered.length === 0) {
    const remark = location.pathType === "ImplementationSpecific" ? [] : [openEnded(location)];
    return { matches: [{ conditions: [{ regex: insensitive(path) }] }], remarks: remark };
  }
  const names = covered.map(({ path }) => `"${path}"`).join(", ");
  if (isLiteral(path)) {
    const later = all.filter((other) =>
      !isLiteral(other.path) && rewriteOf(other) === undefined && comesFirst(location, other) &&
      !coversAll(other, other) && mayMeet(other.path, path)
    );
    const also = later.length === 0
      ? ""
      : `; ${
        later.map(({ path }) => `"${path}"`).join(", ")
      } comes after it in nginx and before it here`;
    const message =
      `written as a prefix, since ${names}, which rewrites and so has to be a prefix, ` +
      `comes first in nginx; so the case of letters counts${also}`;
    return {
      matches: [{ conditions: [{ prefix: path }] }],
      remarks: [{ verdict: also === "" ? "approximated" : "lost", message }],
    };
  }
  const message =
    `takes requests that ${names} takes first in nginx: a route that rewrites has to be ` +
    "a prefix, and those come after regular expressions";
  return {
    matches: [{ conditions: [{ regex: insensitive(path) }] }],
    remarks: [{ verdict: "lost", message }],
  };
}

function openEnded({ path, pathType }: NginxLocation): Remark {
  return {
    verdict: "kept",
    message:
      `one path of the host is a regular expression, so all are: ${pathType} "${path}" takes ` +
      "whatever begins like it, in any case",
  };
}

/** A rewrite that a prefix can express. */
interface Rewrite {
  /** Without a final slash; empty for all. */
  readonly prefix: string;
  readonly replacement: string;
  /** What the prefix by itself becomes. */
  readonly ofBare: string;
  /** Whether the prefix by itself matches, too. */
  readonly bare: boolean;
  /** Whether the prefix matches with any text behind it. */
  readonly open: boolean;
  readonly warning?: string;
}

function rewriteOf(location: NginxLocation): Rewrite | undefined {
  if (!rewrites(location)) return undefined;
  const { path } = location;
  const target = effectiveTarget(location);
  const [, prefix = "", rest = ""] = /^((?:\/[\w.~-]+)*)(.*)$/.exec(path) ?? [];
  const form = forms.find(({ pattern }) => pattern.test(rest));
  if (form === undefined || !target.startsWith("/")) return undefined;
  if (!/\$\d/.test(target)) {
    return { prefix, ...form, replacement: target, ofBare: target, warning: onlyTarget };
  }
  const end = form.captures.find((end) => target.endsWith(end));
  if (end === undefined) return undefined;
  const head = target.slice(0, -end.length);
  if (/\$\d/.test(head)) return undefined;
  const withSlash = form.includesSlash.includes(end);
  if (!withSlash && !head.endsWith("/") && !form.open) return undefined;
  const warning = form.warning ?? (withSlash && head.endsWith("/") ? twoSlashes : undefined);
  return {
    prefix,
    replacement: withSlash ? `${head}/` : head,
    ofBare: head === "" ? "/" : head,
    bare: form.bare,
    open: form.open,
    ...(warning === undefined ? {} : { warning }),
  };
}

/** What a path does not capture is empty. */
function effectiveTarget({ path, rewriteTarget }: NginxLocation): string {
  const groups = path.match(/\((?!\?)/g)?.length ?? 0;
  return rewriteTarget.replace(/\$(\d)/g, (text, group) => Number(group) > groups ? "" : text);
}

const onlyTarget =
  "nginx sends every request under the path to this one target; here what follows the prefix is kept";

const twoSlashes =
  "nginx puts two slashes in a row; here the prefix by itself gets but one of them";

interface RewriteForm {
  readonly pattern: RegExp;
  /** What a target may end with. */
  readonly captures: readonly string[];
  /** Those of them that begin with the slash. */
  readonly includesSlash: readonly string[];
  readonly bare: boolean;
  readonly open: boolean;
  readonly warning?: string;
}

const forms: readonly RewriteForm[] = [
  {
    pattern: /^\(\/\|\$\)\(\.\*\)\$?$/,
    captures: ["$1$2", "$2"],
    includesSlash: ["$1$2"],
    bare: true,
    open: false,
  },
  { pattern: /^\(\/\|\$\)$/, captures: [], includesSlash: [], bare: true, open: false },
  { pattern: /^\/\?\(\.\*\)\$?$/, captures: ["$1"], includesSlash: [], bare: true, open: true },
  { pattern: /^\/\(\.\*\)\$?$/, captures: ["$1"], includesSlash: [], bare: false, open: false },
  { pattern: /^\(\/\.\*\)\$?$/, captures: ["$1"], includesSlash: ["$1"], bare: false, open: false },
  { pattern: /^\(\/\.\*\)\?\$$/, captures: ["$1"], includesSlash: ["$1"], bare: true, open: false },
  {
    pattern: /^\(\/\.\*\)\?$/,
    captures: ["$1"],
    includesSlash: ["$1"],
    bare: true,
    open: false,
    warning:
      "nginx sends what only begins like the path to the target without a capture; here it has no route",
  },
  { pattern: /^\(\.\*\)\$?$/, captures: ["$1"], includesSlash: [], bare: true, open: true },
  { pattern: /^\/?$/, captures: [], includesSlash: [], bare: true, open: true },
];

function rewritingMatches(
  location: NginxLocation,
  all: readonly NginxLocation[],
): LocationMatches {
  const { rewriteTarget } = location;
  const rewrite = rewriteOf(location);
  if (rewrite === undefined) {
    const message =
      `the rewrite to "${rewriteTarget}" is no replacement of a prefix, which is all an ` +
      "HTTPProxy can do: requests arrive with their path as it is";
    const { matches, remarks } = unrewritten(location, all);
    return { matches, remarks: [{ verdict: "lost", message }, ...remarks] };
  }
  const { prefix, replacement, ofBare, bare, open, warning } = rewrite;
  const cased = /[a-z]/i.test(prefix) ? "; the case of letters counts here, and not in nginx" : "";
  const said = warning === undefined
    ? cased === "" ? [] : [`the prefix is replaced${cased}`]
    : [`${warning}${cased}`];
  const isMove = warning !== undefined;
  const remarks = said.map((message): Remark => ({ verdict: "approximated", message, isMove }));
  if (prefix === "") {
    // To put a slash in place of the first one changes nothing.
    const rewritten = replacement === "/" ? {} : { rewrite: replacement };
    return { matches: [{ conditions: [{ prefix: "/" }], ...rewritten }], remarks };
  }
  const below = open && !replacement.endsWith("/") ? `${replacement}/` : replacement;
  // A pair, since Contour leaves a prefix alone that several routes share.
  const matches: PathMatch[] = [{
    conditions: [{ prefix: `${prefix}/` }, ...bare ? [] : [onPath(`${quoted(prefix)}/.*`)]],
    rewrite: below,
  }];
  if (bare) {
    const alone = open ? [] : [onPath(`${quoted(prefix)}(\\?.*)?`)];
    matches.push({ conditions: [{ prefix }, ...alone], rewrite: ofBare });
  }
  return { matches, remarks };
}

/**
 * A prefix is text and takes `/pq` where the expression `/p(/|$)(.*)` did not, and only routes with a
 * prefix can rewrite. So the rest of the path is looked at as a header; it has the query string, too.
 */
function onPath(regex: string): ConditionDraft {
  return { header: { name: ":path", regex } };
}

function quoted(text: string): string {
  return text.replace(/[.]/g, "\\.");
}

/** Which of the paths of a host takes a request in nginx; the path is normalised. */
export function nginxTakes<Location extends NginxLocation>(
  locations: readonly Location[],
  path: string,
  regexMode = isRegexMode(locations),
): Location | undefined {
  if (regexMode) {
    return [...locations].sort((a, b) => comesFirst(a, b) ? -1 : 1)
      .find((location) => takes(location.path, path));
  }
  const exact = locations.find(({ pathType, path: text }) => pathType === "Exact" && text === path);
  if (exact !== undefined) return exact;
  return locations.filter(({ pathType, path: text }) =>
    pathType !== "Exact" &&
    (path === text || path.startsWith(text.endsWith("/") ? text : `${text}/`))
  ).sort((a, b) => b.path.length - a.path.length)[0];
}

/** Whether nginx answers a path with 301 to the same one with a slash behind it. */
export function nginxAddsSlash(locations: readonly NginxLocation[], path: string): boolean {
  return !isRegexMode(locations) && path !== "/" && !path.endsWith("/") &&
    locations.some((location) => location.path === `${path}/`) &&
    !locations.some((location) => location.path === path);
}

/** The path as the backend gets it. */
export function nginxRewrites(location: NginxLocation, path: string): string {
  if (!rewrites(location)) return path;
  const match = pattern(location.path)?.exec(path);
  if (!match) return path;
  return location.rewriteTarget.replace(
    /\$(\d)/g,
    (_, group: string) => match[Number(group)] ?? "",
  );
}

/** Whether some request may begin like a text and be taken by an expression. */
function mayMeet(path: string, text: string): boolean {
  const head = headOf(path);
  return head.startsWith(text) || text.startsWith(head);
}

/** The text that all begins with that an expression takes. */
function headOf(path: string): string {
  return /^([\w/~-]*?)(?:.[?*{].*|[^\w/~-].*)?$/.exec(path)?.[1] ?? "";
}

function comesFirst(a: NginxLocation, b: NginxLocation): boolean {
  return a.path.length !== b.path.length ? a.path.length > b.path.length : a.path > b.path;
}

function takes(text: string, path: string): boolean {
  return pattern(text)?.test(path) ?? false;
}

function pattern(text: string): RegExp | undefined {
  try {
    return new RegExp(`^${text}`, "i");
  } catch {
    return undefined;
  }
}

/**
 * One wrapper for all, so that Contour's order (the longest text first) is that of nginx. A `$` at
 * the end stays true with nothing behind it.
 */
function insensitive(path: string): string {
  return `/(?i:${loose(path).slice(1)}).*`;
}

/** `/?` at the beginning is a slash: there always is one. */
function loose(path: string): string {
  return path.startsWith("/?") ? `/${path.slice(2)}` : path;
}

function isLiteral(path: string): boolean {
  return !/[\\^$*+?()[\]{}|]/.test(path);
}

function patternProblem(path: string): string | undefined {
  if (/^\/[*+{]/.test(path)) return `"${path}" repeats the first slash`;
  if (hasTopLevelBar(path)) {
    return `"${path}" has a "|" outside of parentheses, which escapes the anchor`;
  }
  return regexProblem(insensitive(path));
}

function hasTopLevelBar(path: string): boolean {
  let depth = 0;
  let inClass = false;
  for (let i = 0; i < path.length; i++) {
    const char = path[i];
    if (char === "\\") i++;
    else if (inClass) inClass = char !== "]";
    else if (char === "[") inClass = true;
    else if (char === "(") depth++;
    else if (char === ")") depth--;
    else if (char === "|" && depth === 0) return true;
  }
  return false;
}
