import { RE2JS } from "re2js";
import type {
  HeaderMatch,
  PathMatch,
  QueryMatch,
  Route,
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
  const [rawPath = "", ...query] = request.path.split("?");
  const path = normalizedPath(rawPath);
  const parameters = queryParameters(query.join("?"));
  const header = (name: string) => headerValue(request, name);
  const passed: { route: Route; reason: string }[] = [];
  for (const route of host.routes) {
    if (!isOnListener(route, request)) continue;
    const { match } = route;
    const reason = pathReason(match.path, path) ??
      first(match.headers, (wanted) => headerReason(wanted, header(wanted.name.toLowerCase()))) ??
      first(match.query, (wanted) => queryReason(wanted, parameters.get(wanted.name)));
    if (reason === undefined) return { route, passed };
    passed.push({ route, reason });
  }
  return { passed };
}

/** Whether a rule of a host is on the listener that the request came to. */
export function isOnListener(
  { plain, secure }: Pick<Route, "plain" | "secure">,
  { tls }: { readonly tls: boolean },
): boolean {
  return (tls ? secure : plain) !== "absent";
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
  return `header ${name} ${invert ? "is what it may not be" : "does not match"}`;
}

function queryReason(wanted: QueryMatch, value: string | undefined): string | undefined {
  if (value === undefined) return `query parameter ${wanted.name} absent from the request`;
  const holds = valueHolds(wanted.value, value, wanted.ignoreCase);
  return holds ? undefined : `query parameter ${wanted.name} does not match`;
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

function first<T>(
  items: readonly T[],
  reason: (item: T) => string | undefined,
): string | undefined {
  for (const item of items) {
    const found = reason(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
