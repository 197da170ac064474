import { RE2JS } from "re2js";
import type {
  HeaderMatcherJson,
  QueryParameterMatcherJson,
  RouteMatchJson,
  StringMatcherJson,
} from "./messages.ts";

/**
 * Whether Envoy's RouteMatch takes a request, by Envoy's own rules and none of ours.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto
 */
export function takes(match: RouteMatchJson, request: SeenRequest): boolean {
  return takesPath(match, request.path) &&
    (match.headers ?? []).every((matcher) => takesHeader(matcher, request)) &&
    (match.query_parameters ?? []).every((matcher) => takesParameter(matcher, request));
}

/** A request as Envoy's router sees it. */
export interface SeenRequest {
  /** Normalized, without query string. */
  readonly path: string;
  /** By lower-case name, `:method` and the like among them. */
  readonly headers: ReadonlyMap<string, string>;
  /** The first value of each. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** A RouteMatch in words: `prefix /api/, header x-beta is "1"`. */
export function matchText(match: RouteMatchJson): readonly string[] {
  const { prefix, path, path_separated_prefix, safe_regex, headers = [], query_parameters = [] } =
    match;
  const ofPath = path !== undefined
    ? `exact ${path}`
    : path_separated_prefix !== undefined
    ? `prefix ${path_separated_prefix} (whole segments)`
    : safe_regex !== undefined
    ? `regex ${safe_regex.regex}`
    : `prefix ${prefix ?? "/"}`;
  return [
    ofPath,
    ...headers.map((header) => `header ${header.name} ${headerText(header)}`),
    ...query_parameters.map(({ name, string_match }) =>
      `query parameter ${name} ${string_match === undefined ? "present" : stringText(string_match)}`
    ),
  ];
}

function takesPath(match: RouteMatchJson, path: string): boolean {
  const isExactCase = match.case_sensitive ?? true;
  const fold = (text: string) => isExactCase ? text : text.toLowerCase();
  const { prefix, path_separated_prefix, safe_regex } = match;
  if (prefix !== undefined) return fold(path).startsWith(fold(prefix));
  if (match.path !== undefined) return fold(path) === fold(match.path);
  if (path_separated_prefix !== undefined) {
    const [own, wanted] = [fold(path), fold(path_separated_prefix)];
    return own === wanted || own.startsWith(`${wanted}/`);
  }
  return safe_regex === undefined || fits(safe_regex.regex, path);
}

function takesHeader(matcher: HeaderMatcherJson, { headers }: SeenRequest): boolean {
  const value = headers.get(matcher.name.toLowerCase()) ??
    (matcher.treat_missing_header_as_empty ? "" : undefined);
  const inverted = matcher.invert_match ?? false;
  const { present_match, range_match } = matcher;
  if (present_match !== undefined) return (value !== undefined) === present_match !== inverted;
  // What is not there meets no condition on its text, inverted ones included.
  if (value === undefined) return false;
  if (range_match !== undefined) {
    const number = /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
    const { start = "0", end = "0" } = range_match;
    return (number >= Number(start) && number < Number(end)) !== inverted;
  }
  const wanted = stringMatchOf(matcher);
  return (wanted === undefined || takesText(wanted, value)) !== inverted;
}

function stringMatchOf(matcher: HeaderMatcherJson): StringMatcherJson | undefined {
  const { string_match, exact_match, prefix_match, suffix_match, contains_match } = matcher;
  if (string_match !== undefined) return string_match;
  if (exact_match !== undefined) return { exact: exact_match };
  if (prefix_match !== undefined) return { prefix: prefix_match };
  if (suffix_match !== undefined) return { suffix: suffix_match };
  if (contains_match !== undefined) return { contains: contains_match };
  const { safe_regex_match } = matcher;
  return safe_regex_match === undefined ? undefined : { safe_regex: safe_regex_match };
}

function takesParameter(
  { name, string_match, present_match }: QueryParameterMatcherJson,
  { parameters }: SeenRequest,
): boolean {
  const value = parameters.get(name);
  if (string_match === undefined) return (value !== undefined) === (present_match ?? true);
  return value !== undefined && takesText(string_match, value);
}

function takesText(matcher: StringMatcherJson, text: string): boolean {
  const fold = (part: string) => matcher.ignore_case ? part.toLowerCase() : part;
  const { exact, prefix, suffix, contains, safe_regex } = matcher;
  if (prefix !== undefined) return fold(text).startsWith(fold(prefix));
  if (suffix !== undefined) return fold(text).endsWith(fold(suffix));
  if (contains !== undefined) return fold(text).includes(fold(contains));
  if (safe_regex !== undefined) return fits(safe_regex.regex, text);
  return fold(text) === fold(exact ?? "");
}

/** Whether a regular expression takes all of a text; Envoy refuses those that RE2 does not know. */
function fits(regex: string, text: string): boolean {
  return RE2JS.compile(regex).matches(text);
}

function headerText(matcher: HeaderMatcherJson): string {
  const { present_match, invert_match = false, range_match } = matcher;
  if (present_match !== undefined) return present_match !== invert_match ? "present" : "absent";
  const denied = invert_match ? "not " : "";
  if (range_match !== undefined) {
    return `${denied}from ${range_match.start ?? 0} to ${range_match.end ?? 0}`;
  }
  return denied + stringText(stringMatchOf(matcher) ?? {});
}

function stringText(matcher: StringMatcherJson): string {
  const { exact, prefix, suffix, contains, safe_regex, ignore_case } = matcher;
  const text = prefix !== undefined
    ? `begins with "${prefix}"`
    : suffix !== undefined
    ? `ends with "${suffix}"`
    : contains !== undefined
    ? `contains "${contains}"`
    : safe_regex !== undefined
    ? `fits ${safe_regex.regex}`
    : `is "${exact ?? ""}"`;
  return ignore_case ? `${text} in any case` : text;
}
