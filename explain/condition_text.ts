import type { HeaderMatch, QueryMatch, RouteMatch } from "../controller/graph/mod.ts";

/** The conditions of a match in words, the path first: `prefix /cart`, `header x-beta is "1"`. */
export function conditionTexts(match: RouteMatch): readonly string[] {
  return [
    pathText(match.path),
    ...match.headers.filter((header) => !isWildcardGuard(header)).map(headerText),
    ...match.query.map(queryText),
  ];
}

/** Whether a condition is that of a wildcard host: one label in place of the `*`. */
export function isWildcardGuard({ name, value }: HeaderMatch): boolean {
  return name === ":authority" && value.kind === "regex" &&
    value.text.startsWith(wildcardGuardStart);
}

/** How the regex begins that keeps a wildcard host to one label more. */
export const wildcardGuardStart = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?";

function pathText(path: RouteMatch["path"]): string {
  switch (path.kind) {
    case "exact":
      return `exact ${path.path}`;
    case "regex":
      return `regex ${path.regex}`;
    case "prefix":
      return `prefix ${path.prefix}`;
    case "segment-prefix":
      return `prefix ${path.prefix} (whole segments)`;
  }
}

function headerText({ name, value, invert, ignoreCase }: HeaderMatch): string {
  const what = name === ":method" ? "method" : name === ":authority" ? "host" : `header ${name}`;
  return `${what} ${comparison(value, invert)}${ignoreCase ? " in any case" : ""}`;
}

function queryText({ name, value, ignoreCase }: QueryMatch): string {
  return `query ${name} ${comparison(value, false)}${ignoreCase ? " in any case" : ""}`;
}

function comparison(value: HeaderMatch["value"] | QueryMatch["value"], invert: boolean): string {
  if (value.kind === "present") return invert ? "absent" : "present";
  const text = value.kind === "regex" ? value.text : JSON.stringify(value.text);
  return `${verbs[value.kind][invert ? 1 : 0]} ${text}`;
}

const verbs = {
  exact: ["is", "is not"],
  contains: ["contains", "does not contain"],
  regex: ["matches", "does not match"],
  prefix: ["begins with", "does not begin with"],
  suffix: ["ends with", "does not end with"],
} as const;
