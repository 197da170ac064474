import { keyId } from "../controller/api/mod.ts";
import type { HostRule } from "../explain/mod.ts";
import type { CaseResult } from "./run.ts";

/**
 * Which rules of hosts the cases reached. A rule that is included by several hosts counts for each;
 * a request that is only sent on to https reaches no rule.
 */
export function coverageOf(
  rules: readonly HostRule[],
  results: readonly CaseResult[],
): Coverage {
  const reached = new Set<string>();
  for (const result of results) {
    if (result.kind === "unclear") continue;
    const { host, rule, treatment } = result.explanation;
    if (host === undefined || rule === undefined || treatment === undefined) continue;
    reached.add(idOf({ fqdn: host.fqdn, object: rule.object, path: rule.path }));
  }
  const routes = rules.map((rule) => ({ ...rule, isReached: reached.has(idOf(rule)) }));
  const covered = routes.filter(({ isReached }) => isReached).length;
  return {
    routes,
    covered,
    percent: routes.length === 0 ? 100 : Math.floor(covered / routes.length * 1_000) / 10,
  };
}

/** How much of the rules was tried. */
export interface Coverage {
  readonly routes: readonly CoveredRoute[];
  readonly covered: number;
  /** Rounded down to a tenth; 100 when there are no rules. */
  readonly percent: number;
}

/** A rule, and whether a case reached it. */
export interface CoveredRoute extends HostRule {
  readonly isReached: boolean;
}

function idOf({ fqdn, object, path }: Pick<HostRule, "fqdn" | "object" | "path">): string {
  return `${fqdn} ${keyId(object)} ${path}`;
}
