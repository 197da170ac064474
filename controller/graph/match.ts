import { RE2JS } from "re2js";
import type {
  HeaderMatch,
  PathMatch,
  QueryMatch,
  Route,
  RouteMatch,
  ValueMatch,
  VirtualHost,
} from "./model.ts";

/** A request as it arrives, for the question which rule takes it. */
export interface Request {
  readonly method: string;
  /** The Host header: `shop.example.com` or with a port. */
  readonly authority: string;
  /** Path with query string: `/cart?x=1`. */
  readonly path: string;
  /** Lower-case names; several values of one name joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  /** Whether it came to the TLS listener. */
  readonly tls: boolean;
}

/** Which route of a host takes a request, and why none before it did. */
export interface MatchResult {
  readonly route?: Route;
  /** The routes that were tried before, in order, each with the condition that failed. */
  readonly passed: readonly { readonly route: Route; readonly reason: string }[];
}

/**
 * The host name of several that answers for an authority: itself, else the wildcard with the
 * longest suffix, else `*`. Ports and case do not count.
 */
export function matchHost(
  authority: string,
  has: (fqdn: string) => boolean,
): string | undefined {
  const host = authority.replace(/:\d+$/, "").toLowerCase();
  if (has(host)) return host;
  const labels = host.split(".");
  for (let i = 1; i < labels.length; i++) {
    const wildcard = `*.${labels.slice(i).join(".")}`;
    if (has(wildcard)) return wildcard;
  }
  return has("*") ? "*" : undefined;
}

/** What Envoy does with the routes of a host: the first whose conditions all hold takes the request. */
export function matchRoute(host: VirtualHost, request: Request): MatchResult {
  const compared = comparedParts(request);
  const passed: { route: Route; reason: string }[] = [];
  for (const route of host.routes) {
    if (!isOnListener(route, request)) continue;
    const first = mismatchesOf(route.match, compared).next();
    if (first.done) return { route, passed };
    passed.push({ route, reason: first.value.reason });
  }
  return { passed };
}

/** A condition of a route that a request does not meet. */
export interface Mismatch {
  readonly condition: "path" | "header" | "query";
  /** Of the header or the parameter; "" for the path. */
  readonly name: string;
  /** `header x-beta absent from the request` */
  readonly reason: string;
}

/** For a request: all conditions of a route that it does not meet, the path first; empty if it matches. */
export function mismatchFinder(request: Request): (match: RouteMatch) => readonly Mismatch[] {
  const compared = comparedParts(request);
  return (match) => [...mismatchesOf(match, compared)];
}

/** The path that conditions are compared with: as Envoy normalizes it, without its query string. */
export function comparedPath({ path }: Pick<Request, "path">): string {
  return normalizedPath(path.split("?", 1)[0] ?? "");
}

/** What conditions are compared with, taken from a request once. */
interface ComparedParts {
  readonly path: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly header: (name: string) => string | undefined;
}

function comparedParts(request: Request): ComparedParts {
  const [, ...query] = request.path.split("?");
  return {
    path: comparedPath(request),
    parameters: queryParameters(query.join("?")),
    header: (name) => headerValue(request, name),
  };
}

function* mismatchesOf(
  { path, headers, query }: RouteMatch,
  compared: ComparedParts,
): Generator<Mismatch, void> {
  const ofPath = pathReason(path, compared.path);
  if (ofPath !== undefined) yield { condition: "path", name: "", reason: ofPath };
  for (const wanted of headers) {
    const { name } = wanted;
    const reason = headerReason(wanted, compared.header(name.toLowerCase()));
    if (reason !== undefined) yield { condition: "header", name, reason };
  }
  for (const wanted of query) {
    const { name } = wanted;
    const reason = queryReason(wanted, compared.parameters.get(name));
    if (reason !== undefined) yield { condition: "query", name, reason };
  }
}

/** Whether a rule of a host is on the listener that the request came to. */
export function isOnListener(
  { plain, secure }: Pick<Route, "plain" | "secure">,
  { tls }: { readonly tls: boolean },
): boolean {
  return (tls ? secure : plain) !== "absent";
}

/** Whether Envoy knows a host at all: one without rules leaves its requests to a wildcard. */
export function isServed(
  host: VirtualHost | undefined,
  { tls }: { readonly tls: boolean },
): host is VirtualHost {
  if (host === undefined) return false;
  const hasRules = host.routes.some((route) => isOnListener(route, { tls }));
  if (!tls) return hasRules;
  return host.secure !== undefined && (host.secure.kind !== "http" || hasRules);
}

function headerValue(request: Request, name: string): string | undefined {
  switch (name) {
    case ":method":
      return request.method;
    case ":authority":
    case "host":
      return request.authority;
    case ":path":
      return request.path;
    default:
      return request.headers.get(name);
  }
}

function pathReason(wanted: PathMatch, path: string): string | undefined {
  switch (wanted.kind) {
    case "exact":
      return path === wanted.path ? undefined : `path is not ${wanted.path}`;
    case "prefix":
      return path.startsWith(wanted.prefix) ? undefined : `path has no prefix ${wanted.prefix}`;
    case "segment-prefix": {
      const within = path === wanted.prefix || path.startsWith(`${wanted.prefix}/`);
      return within ? undefined : `path is not below ${wanted.prefix}`;
    }
    case "regex":
      return wholeMatch(`^${wanted.regex}`, path)
        ? undefined
        : `path does not match ${wanted.regex}`;
  }
}

function headerReason(wanted: HeaderMatch, value: string | undefined): string | undefined {
  const { name, invert } = wanted;
  if (value === undefined && wanted.value.kind !== "present") {
    // An absent header fails every comparison, an inverted one too, unless it counts as empty.
    if (!wanted.treatMissingAsEmpty) return `header ${name} absent from the request`;
  }
  const holds = value === undefined && wanted.value.kind === "present"
    ? false
    : valueHolds(wanted.value, value ?? "", wanted.ignoreCase);
  if (holds !== invert) return undefined;
  return `header ${name} ${difference(wanted.value, value ?? "", invert)}`;
}

function queryReason(wanted: QueryMatch, value: string | undefined): string | undefined {
  if (value === undefined) return `query parameter ${wanted.name} absent from the request`;
  if (valueHolds(wanted.value, value, wanted.ignoreCase)) return undefined;
  return `query parameter ${wanted.name} ${difference(wanted.value, value, false)}`;
}

/** How a value differs from what it has to be: `is "1", not "2"`. */
function difference(
  wanted: ValueMatch<"exact" | "contains" | "regex" | "prefix" | "suffix">,
  value: string,
  invert: boolean,
): string {
  const found = JSON.stringify(value);
  if (wanted.kind === "present") {
    return invert ? `is ${found}, and may not be there` : "absent from the request";
  }
  const text = JSON.stringify(wanted.text);
  switch (wanted.kind) {
    case "exact":
      return invert ? `may not be ${text}` : `is ${found}, not ${text}`;
    case "contains":
      return invert ? `is ${found}, and may not contain ${text}` : `is ${found}, without ${text}`;
    case "regex":
      return `is ${found}, which ${invert ? "matches" : "does not match"} ${wanted.text}`;
    case "prefix":
      return `is ${found}, which does not begin with ${text}`;
    case "suffix":
      return `is ${found}, which does not end with ${text}`;
  }
}

function valueHolds(
  wanted: ValueMatch<"exact" | "contains" | "regex" | "prefix" | "suffix">,
  value: string,
  ignoreCase: boolean,
): boolean {
  if (wanted.kind === "present") return true;
  if (wanted.kind === "regex") return wholeMatch(wanted.text, value);
  const text = ignoreCase ? wanted.text.toLowerCase() : wanted.text;
  const subject = ignoreCase ? value.toLowerCase() : value;
  switch (wanted.kind) {
    case "exact":
      return subject === text;
    case "contains":
      return subject.includes(text);
    case "prefix":
      return subject.startsWith(text);
    case "suffix":
      return subject.endsWith(text);
  }
}

function wholeMatch(pattern: string, text: string): boolean {
  return RE2JS.compile(pattern).matches(text);
}

/** What Envoy compares: dot segments resolved, runs of slashes made one. */
function normalizedPath(path: string): string {
  const segments: string[] = [];
  const parts = path.replace(/%2e/gi, ".").split("/").slice(1);
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1;
    if (part === "..") segments.pop();
    else if (part !== ".") segments.push(part);
    if (last && (part === "." || part === "..")) segments.push("");
  }
  return `/${segments.join("/")}`.replace(/\/{2,}/g, "/");
}

/** The first value of each parameter, as written: Envoy does not decode before it compares. */
function queryParameters(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const part of query.split("&")) {
    const equals = part.indexOf("=");
    const name = equals < 0 ? part : part.slice(0, equals);
    if (!parameters.has(name)) parameters.set(name, equals < 0 ? "" : part.slice(equals + 1));
  }
  return parameters;
}
