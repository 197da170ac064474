import { RE2JS } from "re2js";
import { comparedPath } from "../../controller/graph/mod.ts";
import type { AskedRequest } from "../asked_request.ts";
import type { RedirectJson, RouteActionJson, RouteMatchJson } from "./messages.ts";

/** The path with its query string as the upstream sees it. */
export function rewritten(
  { prefix_rewrite, regex_rewrite }: RouteActionJson,
  match: RouteMatchJson,
  asked: AskedRequest,
): string {
  const query = queryOf(asked);
  if (prefix_rewrite) return withPrefix(prefix_rewrite, match, asked) + query;
  if (regex_rewrite === undefined) return asked.path;
  const { pattern: { regex }, substitution = "" } = regex_rewrite;
  // Envoy counts groups with a backslash, the library with a dollar.
  const text = substitution.replaceAll("$", "\\$").replace(/\\(\d)/g, "$$$1");
  return RE2JS.compile(regex).matcher(comparedPath(asked)).replaceAll(text) + query;
}

/** Where a redirect leads to. */
export function locationOf(
  redirect: RedirectJson,
  match: RouteMatchJson,
  asked: AskedRequest,
): string {
  const { https_redirect, scheme_redirect, host_redirect, port_redirect } = redirect;
  const before = asked.tls ? "https" : "http";
  const after = https_redirect ? "https" : scheme_redirect || before;
  const [, name = "", given] = /^(.*?)(?::(\d+))?$/.exec(asked.authority) ?? [];
  const isDefault = given === (before === "http" ? "80" : "443");
  const isDropped = host_redirect !== undefined || given === undefined ||
    (before !== after && isDefault);
  const port = port_redirect ? `:${port_redirect}` : isDropped ? "" : `:${given}`;
  return `${after}://${host_redirect || name}${port}${pathOf(redirect, match, asked)}`;
}

function pathOf(
  { path_redirect, prefix_rewrite, strip_query }: RedirectJson,
  match: RouteMatchJson,
  asked: AskedRequest,
): string {
  const query = strip_query ? "" : queryOf(asked);
  if (path_redirect) return path_redirect.includes("?") ? path_redirect : path_redirect + query;
  if (prefix_rewrite) return withPrefix(prefix_rewrite, match, asked) + query;
  return strip_query ? asked.path.split("?", 1)[0] ?? "" : asked.path;
}

function withPrefix(rewrite: string, match: RouteMatchJson, asked: AskedRequest): string {
  const path = comparedPath(asked);
  const matched = match.prefix ?? match.path_separated_prefix ?? match.path ?? path;
  return rewrite + path.slice(matched.length);
}

function queryOf({ path }: AskedRequest): string {
  const mark = path.indexOf("?");
  return mark < 0 ? "" : path.slice(mark);
}
