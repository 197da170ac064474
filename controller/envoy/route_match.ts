import type { HeaderMatch, PathMatch, QueryMatch, RouteMatch, ValueMatch } from "../graph/mod.ts";
import type { Message } from "../../proto/mod.ts";

/**
 * The conditions of a route as Envoy has them.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routematch
 */
export function routeMatch({ path, headers, query }: RouteMatch): Message {
  return {
    ...pathMatch(path),
    ...(headers.length === 0 ? {} : { headers: headers.map(headerMatcher) }),
    ...(query.length === 0 ? {} : { queryParameters: query.map(queryParameterMatcher) }),
  };
}

function pathMatch(path: PathMatch): Message {
  switch (path.kind) {
    case "exact":
      return { path: path.path };
    case "regex":
      return { safeRegex: { regex: anchored(path.regex) } };
    case "prefix":
      return { prefix: path.prefix };
    case "segment-prefix":
      return { pathSeparatedPrefix: path.prefix };
  }
}

// Envoy compares the whole path anyway; the anchor is Contour's, and shows in dumps.
function anchored(regex: string): string {
  return `^${regex}`;
}

/** One header condition. */
export function headerMatcher(match: HeaderMatch): Message {
  return {
    name: match.name,
    ...valueMatcher(match.value, match.ignoreCase),
    ...(match.invert ? { invertMatch: true } : {}),
    ...(match.treatMissingAsEmpty ? { treatMissingHeaderAsEmpty: true } : {}),
  };
}

function queryParameterMatcher(match: QueryMatch): Message {
  return { name: match.name, ...valueMatcher(match.value, match.ignoreCase) };
}

function valueMatcher(
  value: ValueMatch<"exact" | "contains" | "regex" | "prefix" | "suffix">,
  ignoreCase: boolean,
): Message {
  switch (value.kind) {
    case "present":
      return { presentMatch: true };
    case "regex":
      return { stringMatch: { safeRegex: { regex: value.text } } };
    case "exact":
    case "contains":
    case "prefix":
    case "suffix":
      return { stringMatch: { [value.kind]: value.text, ...(ignoreCase ? { ignoreCase } : {}) } };
  }
}
