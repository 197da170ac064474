import type { ConditionName } from "../../api/mod.ts";
import { Fault } from "../fault.ts";
import { headerMatch } from "../header_condition.ts";
import type { HeaderMatch, PathMatch, QueryMatch, RouteMatch, ValueMatch } from "../model.ts";
import { quoteRegex, regexProblem } from "../regex.ts";
import { regexSyntaxError } from "../regex_syntax.ts";
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
 * expression prefixes are quoted, and it is held together: what an include hands down may not be
 * left by a `|`.
 */
function mergedPath(conditions: readonly MatchCondition[]): PathMatch {
  const isRegex = conditions.some(isRegexCondition);
  const joined = isRegex ? regexText(conditions) : conditions.map(pathText).join("");
  const text = joined.replace(/\/{2,}/g, "/");
  if (text === "") return { kind: "prefix", prefix: "/" };
  if (isRegex) return { kind: "regex", regex: text };
  const last = conditions.at(-1);
  return !last?.prefix && last?.exact
    ? { kind: "exact", path: text }
    : { kind: "prefix", prefix: text };
}

/** The slash between a prefix and a regular expression is that of the latter. */
function regexText(conditions: readonly MatchCondition[]): string {
  return conditions.reduce((before, condition) => {
    const text = pathText(condition);
    if (isRegexCondition(condition)) return before === "" ? text : `${before}(?:${text})`;
    return before + quoteRegex(condition.prefix ? text.replace(/\/+$/, "") : text);
  }, "");
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
    if (exact) {
      return fault("exact conditions are not allowed in includes block", `[${i}].exact`);
    }
    if (regex) {
      return fault("regex conditions are not allowed in includes block", `[${i}].regex`);
    }
  }
  return pathFault(conditions, fault);
}

function pathFault(
  conditions: readonly MatchCondition[],
  fault: (message: string, path: string) => Fault,
): Fault | undefined {
  const given: string[] = [];
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
        const error = problem && regexSyntaxError(text);
        if (error) return fault(`supplied regex: ${text} invalid. error: ${error}`, path);
        if (problem !== undefined) return fault(problem, path);
      }
      given.push(path);
    }
  }
  const [, second] = given;
  if (second === undefined) return undefined;
  return fault("more than one prefix, exact or regex is not allowed in a condition block", second);
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
  const seen = new Set<string>();
  const exact = new Set<string>();
  for (const [i, { header }] of conditions.entries()) {
    if (header === undefined) continue;
    const fault = (message: string, hint = `it is about header "${header.name}"`) =>
      new Fault(headerCondition, message, `[${i}].header`, hint);
    const name = header.name.toLowerCase();
    const operator = headerOperators.find((operator) => header[operator]);
    if (operator === "regex") {
      const problem = valueRegexProblem(header.regex ?? "");
      if (problem !== undefined) return fault(problem.message, problem.hint);
    }
    if (operator === "exact") {
      if (exact.has(name)) {
        return fault("cannot specify duplicate header 'exact match' conditions in the same route");
      }
      exact.add(name);
    }
    if (operator !== undefined && operator !== "regex") {
      const opposite = opposites[operator];
      if (seen.has(headerText({ name, [opposite]: header[operator] }))) {
        const pair = [operator, opposite].sort((a, b) => a.length - b.length);
        return fault(
          `cannot specify contradictory '${
            pair.join("' and '")
          }' conditions for the same route and header`,
        );
      }
    }
    seen.add(headerText({ ...header, name }));
  }
  return undefined;
}

const headerCondition: ConditionName = "RouteError/HeaderMatchConditionsNotValid";

/** In the order in which Contour looks for the one to check. */
const headerOperators = [
  "present",
  "notpresent",
  "exact",
  "notexact",
  "contains",
  "notcontains",
  "regex",
] as const;

const opposites = {
  present: "notpresent",
  notpresent: "present",
  exact: "notexact",
  notexact: "exact",
  contains: "notcontains",
  notcontains: "contains",
} as const;

/** As in Contour, an earlier condition contradicts only when there is nothing else in it. */
function headerText(header: NonNullable<MatchCondition["header"]>): string {
  return JSON.stringify(Object.entries(header).filter(([, value]) => value).sort());
}

/** Query conditions that are incomplete, ambiguous or contradictory. */
export function queryFault(conditions: readonly MatchCondition[]): Fault | undefined {
  const exact = new Set<string>();
  for (const [i, { queryParameter: query }] of conditions.entries()) {
    if (query === undefined) continue;
    const fault = (message: string, hint = `it is about query parameter "${query.name}"`) =>
      new Fault(
        "RouteError/QueryParameterMatchConditionsNotValid",
        message,
        `[${i}].queryParameter`,
        hint,
      );
    const operators = queryOperators.filter((operator) => query[operator]);
    const [operator] = operators;
    if (operator === undefined) return fault("must specify at least one query parameter condition");
    if (operators.length > 1) {
      return fault("cannot specify more than one condition in the same match condition branch");
    }
    if (operator === "regex") {
      const problem = valueRegexProblem(query.regex ?? "");
      if (problem !== undefined) return fault(problem.message, problem.hint);
    }
    if (operator !== "exact") continue;
    if (exact.has(query.name.toLowerCase())) {
      return fault(
        "cannot specify duplicate query parameter 'exact match' conditions in the same route",
      );
    }
    exact.add(query.name.toLowerCase());
  }
  return undefined;
}

/** Where a value is compared with it; Contour does not say what is wrong with it. */
function valueRegexProblem(text: string): Pick<Fault, "message" | "hint"> | undefined {
  const problem = regexProblem(text);
  if (problem === undefined) return undefined;
  const hint = regexSyntaxError(text);
  if (hint === undefined) return { message: problem };
  return { message: "invalid regular expression specified for 'regex' condition", hint };
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
