import type { ConditionName } from "../../api/mod.ts";
import { Fault } from "../fault.ts";
import { headerMatch } from "../header_condition.ts";
import type { HeaderMatch, PathMatch, QueryMatch, RouteMatch, ValueMatch } from "../model.ts";
import { quoteRegex, regexProblem } from "../regex.ts";
import { nameProblem } from "./name_problem.ts";
import type { MatchCondition } from "./spec.ts";

/**
 * The match of a route whose conditions, and those of the includes above it, are `conditions`, the
 * outermost first. Checked lists only: see {@link ownPathFault}, {@link headerFault} and
 * {@link queryFault}.
 */
export function routeMatch(conditions: readonly MatchCondition[]): RouteMatch {
  return {
    path: mergedPath(conditions),
    headers: conditions.flatMap(({ header }) => header === undefined ? [] : headerMatch(header)),
    query: conditions.flatMap(({ queryParameter }) =>
      queryParameter === undefined ? [] : queryMatch(queryParameter)
    ),
  };
}

/**
 * Path texts are joined and runs of slashes become one. Contour lets the last condition of the
 * whole list decide the kind, whatever it is about, so an exact path followed by a header condition
 * is a prefix; users rely on what their objects match today, so that is kept. Before a regular
 * expression other texts are quoted: Contour joins them as they are, so that a prefix such as `/(`
 * makes Envoy refuse the routes of everybody.
 */
function mergedPath(conditions: readonly MatchCondition[]): PathMatch {
  const isRegex = conditions.some(isRegexCondition);
  const text = conditions.map((condition) =>
    isRegex && !isRegexCondition(condition) ? quoteRegex(pathText(condition)) : pathText(condition)
  ).join("").replace(/\/{2,}/g, "/");
  if (text === "") return { kind: "prefix", prefix: "/" };
  if (isRegex) return { kind: "regex", regex: text };
  const last = conditions.at(-1);
  return !last?.prefix && last?.exact
    ? { kind: "exact", path: text }
    : { kind: "prefix", prefix: text };
}

/** The kind of a condition is that of its text: see {@link pathText}. */
function isRegexCondition({ prefix, exact, regex }: MatchCondition): boolean {
  return !prefix && !exact && regex !== undefined && regex !== "";
}

function pathText({ prefix, exact, regex }: MatchCondition): string {
  return prefix || exact || regex || "";
}

/** What is wrong with the path conditions of one route. */
export function routePathFault(conditions: readonly MatchCondition[]): Fault | undefined {
  const fault = (message: string, path: string) =>
    new Fault("RouteError/PathMatchConditionsNotValid", `route: ${message}`, path);
  return pathFault(conditions, fault);
}

/** What is wrong with the path conditions of one include, which may hold one prefix. */
export function includePathFault(conditions: readonly MatchCondition[]): Fault | undefined {
  const fault = (message: string, path: string) =>
    new Fault("IncludeError/PathMatchConditionsNotValid", `include: ${message}`, path);
  for (const [i, { exact, regex }] of conditions.entries()) {
    if (exact) return fault("exact conditions are not allowed in includes", `[${i}].exact`);
    if (regex) return fault("regex conditions are not allowed in includes", `[${i}].regex`);
  }
  return pathFault(conditions, fault);
}

function pathFault(
  conditions: readonly MatchCondition[],
  fault: (message: string, path: string) => Fault,
): Fault | undefined {
  let seen = 0;
  for (const [i, condition] of conditions.entries()) {
    for (const kind of ["prefix", "exact", "regex"] as const) {
      const text = condition[kind];
      if (!text) continue;
      const path = `[${i}].${kind}`;
      if (!text.startsWith("/")) {
        return fault(`${kind} conditions must start with /, ${text} was supplied`, path);
      }
      if (kind === "regex") {
        const problem = regexProblem(text);
        if (problem !== undefined) return fault(problem, path);
      }
      if (++seen > 1) {
        return fault("more than one prefix, exact or regex in one list of conditions", path);
      }
    }
  }
  return undefined;
}

/**
 * A name in the conditions of an include that Envoy would refuse. Those of a route are told where it
 * is translated, and cost that route alone.
 */
export function includeNameFault(conditions: readonly MatchCondition[]): Fault | undefined {
  for (const [i, { header, queryParameter: query }] of conditions.entries()) {
    const problem = header && nameProblem(header.name, Infinity);
    if (header !== undefined && problem !== undefined) {
      return new Fault(
        headerCondition,
        `header ${JSON.stringify(header.name)}: ${problem}`,
        `[${i}].header.name`,
      );
    }
    const queryProblem = query && nameProblem(query.name, 1_024);
    if (query === undefined || queryProblem === undefined) continue;
    return new Fault(
      "RouteError/QueryParameterMatchConditionsNotValid",
      `query parameter ${JSON.stringify(query.name)}: ${queryProblem}`,
      `[${i}].queryParameter.name`,
    );
  }
  return undefined;
}

/** Contradictions among header conditions, outermost first. */
export function headerFault(conditions: readonly MatchCondition[]): Fault | undefined {
  const earlier = new Map<string, Set<string>>();
  for (const [i, { header }] of conditions.entries()) {
    if (header === undefined) continue;
    const seen = earlier.get(header.name.toLowerCase()) ?? new Set<string>();
    earlier.set(header.name.toLowerCase(), seen);
    const fault = (message: string) =>
      new Fault(headerCondition, `header "${header.name}": ${message}`, `[${i}].header`);
    const [match] = headerMatch(header);
    if (match === undefined) continue;
    if (match.value.kind === "regex") {
      const problem = regexProblem(match.value.text);
      if (problem !== undefined) return fault(problem);
    }
    if (match.value.kind === "exact" && !match.invert && seen.has("exact")) {
      return fault("two exact conditions cannot both hold");
    }
    if (seen.has(fingerprint({ ...match, ...plain, invert: !match.invert }))) {
      return fault("contradicts an earlier condition");
    }
    seen.add(fingerprint(match));
    if (match.value.kind === "exact" && !match.invert) seen.add("exact");
  }
  return undefined;
}

const headerCondition: ConditionName = "RouteError/HeaderMatchConditionsNotValid";

// As in Contour: an earlier condition contradicts only when it bears no modifiers.
const plain = { ignoreCase: false, treatMissingAsEmpty: false };

function fingerprint({ value, invert, ignoreCase, treatMissingAsEmpty }: HeaderMatch): string {
  const text = value.kind === "present" ? "" : value.text;
  return JSON.stringify([value.kind, text, invert, ignoreCase, treatMissingAsEmpty]);
}

/** Query conditions that are incomplete, ambiguous or contradictory. */
export function queryFault(conditions: readonly MatchCondition[]): Fault | undefined {
  const exact = new Set<string>();
  for (const [i, { queryParameter: query }] of conditions.entries()) {
    if (query === undefined) continue;
    const fault = (message: string) =>
      new Fault(
        "RouteError/QueryParameterMatchConditionsNotValid",
        `query parameter "${query.name}": ${message}`,
        `[${i}].queryParameter`,
      );
    const operators = queryOperators.filter((operator) => query[operator]);
    const [operator] = operators;
    if (operator === undefined) return fault("needs one of " + queryOperators.join(", "));
    if (operators.length > 1) return fault(`may have only one of ${operators.join(", ")}`);
    if (operator === "regex") {
      const problem = regexProblem(query.regex ?? "");
      if (problem !== undefined) return fault(problem);
    }
    if (operator !== "exact") continue;
    if (exact.has(query.name.toLowerCase())) return fault("two exact conditions cannot both hold");
    exact.add(query.name.toLowerCase());
  }
  return undefined;
}

const queryOperators = ["exact", "prefix", "suffix", "regex", "contains", "present"] as const;

function queryMatch(query: NonNullable<MatchCondition["queryParameter"]>): QueryMatch[] {
  const of = (value: QueryMatch["value"]): QueryMatch[] => {
    const cased = value.kind !== "present" && value.kind !== "regex";
    return [{ name: query.name, value, ignoreCase: cased && query.ignoreCase === true }];
  };
  for (const kind of ["exact", "prefix", "suffix", "regex", "contains"] as const) {
    const text = query[kind];
    if (text) return of({ kind, text });
  }
  return query.present ? of({ kind: "present" }) : [];
}

/**
 * Whether two includes of one proxy ask for the same requests. An include without conditions, or
 * with nothing but the prefix `/`, takes everything and is never a duplicate.
 */
export function includeFingerprint(conditions: readonly MatchCondition[]): string | undefined {
  const { path, headers, query } = routeMatch(conditions);
  const prefix = path.kind === "prefix" ? path.prefix : "";
  if (prefix === "/" && headers.length === 0 && query.length === 0) return undefined;
  const sorted = (list: readonly unknown[]) => list.map((item) => JSON.stringify(item)).sort();
  return JSON.stringify([prefix, sorted(headers), sorted(query)]);
}

/** The condition that keeps a wildcard host to names of one label more. */
export function wildcardGuard(fqdn: string): HeaderMatch {
  const suffix = quoteRegex(fqdn.slice(1));
  const value: ValueMatch<"regex"> = {
    kind: "regex",
    text: `^[a-z0-9]([-a-z0-9]*[a-z0-9])?${suffix}(:[0-9]+)?`,
  };
  return {
    name: ":authority",
    value,
    invert: false,
    ignoreCase: false,
    treatMissingAsEmpty: false,
  };
}
