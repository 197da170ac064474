import type { ObjectKey } from "../../api/mod.ts";
import type { Db } from "../../query/mod.ts";
import { Fault, joinPath } from "../fault.ts";
import type { Route } from "../model.ts";
import { regexProblem } from "../regex.ts";
import { directResponse } from "../policy/redirect.ts";
import { type CompiledProxy, compiledProxy } from "./compiled_proxy.ts";
import {
  headerFault,
  includeFingerprint,
  includeNameFault,
  includePathFault,
  queryFault,
  routeMatch,
} from "./conditions.ts";
import type { Evaluation } from "./evaluation.ts";
import {
  expandPrefixRewrites,
  prefixRewrite,
  prefixRewriteFault,
  type RewritingRoute,
} from "./prefix_rewrite.ts";
import { type HostProtection, routeProtection } from "./protection.ts";
import type { CompiledRoute, Stage } from "./route.ts";
import type { MatchCondition, ProxyInclude } from "./spec.ts";

/** What holds for a whole tree of includes. */
export interface TreeContext {
  readonly db: Db;
  readonly evaluation: Evaluation;
  /** Whether plain requests are sent to https unless a route permits otherwise. */
  readonly redirectToHttps: boolean;
  /** Whether routes may ask to be served without TLS all the same. */
  readonly permitInsecure: boolean;
  readonly protection: HostProtection;
  /** Told each provider of tokens that a route wants and the host does not define. */
  readonly onUndefinedProvider: (provider: string, owner: ObjectKey, path: string) => void;
}

/**
 * The routes of an HTTPProxy and of all it includes: included ones first, in the order of the
 * includes, then its own. A mistake in any of its own routes leaves nothing of this HTTPProxy and of
 * what is below it; its siblings and parents stay.
 */
export function treeRoutes(context: TreeContext, proxy: CompiledProxy): Route[] {
  context.evaluation.own(proxy.routes.length);
  return proxyRoutes(context, proxy, [], [proxy.key]);
}

function proxyRoutes(
  context: TreeContext,
  proxy: CompiledProxy,
  inherited: readonly MatchCondition[],
  ancestors: readonly ObjectKey[],
): Route[] {
  const included = includedRoutes(context, proxy, inherited, ancestors);
  const own: RewritingRoute[] = [];
  for (const [i, compiled] of proxy.routes.entries()) {
    const route = placedRoute(context, proxy.key, `spec.routes[${i}]`, compiled, inherited);
    if (route === undefined) return [];
    own.push(route);
  }
  return expandPrefixRewrites(included, own);
}

function includedRoutes(
  context: TreeContext,
  proxy: CompiledProxy,
  inherited: readonly MatchCondition[],
  ancestors: readonly ObjectKey[],
): Route[] {
  const { db, evaluation } = context;
  const routes: Route[] = [];
  const faults = includeFaults(proxy);
  for (const [i, include] of proxy.includes.entries()) {
    const path = `spec.includes[${i}]`;
    const tell = (fault: Fault) => evaluation.tell(proxy.key, path, fault);
    const conditions = include.conditions ?? [];
    const fault = faults[i];
    if (fault !== undefined) {
      tell(fault);
      continue;
    }
    const target = includeTarget(include, proxy.key);
    const child = compiledProxy(db, { namespace: target.namespace, name: target.name });
    if (child === undefined || child.root) {
      tell(targetFault(target, child));
      if (conditions.length === 0) continue;
      routes.push({
        match: routeMatch([...inherited, ...conditions]),
        action: directResponse(502),
        plain: "serve",
        ...routeProtection(context.protection, {}).settings,
        origin: { object: proxy.key, path },
      });
      continue;
    }
    evaluation.reach(target);
    const visited = [...ancestors, target];
    if (ancestors.some(({ namespace, name }) => isTarget(target, namespace, name))) {
      evaluation.tell(target, "", cycleFault("include creates an include cycle", visited));
      continue;
    }
    if (inherited.length + conditions.length > maximumConditions) {
      const message = `more than ${maximumConditions} conditions add up in a chain of includes`;
      tell(new Fault("EnvoyRule", message, "conditions"));
      continue;
    }
    // It is told on the root, once, and not on each of thousands.
    if (!evaluation.admit(child.routes.length)) continue;
    routes.push(...proxyRoutes(context, child, [...inherited, ...conditions], visited));
  }
  return routes;
}

/** Conditions of a route, those of the includes above it counted in; each request pays for each. */
const maximumConditions = 256;

/** What is wrong with the includes of an HTTPProxy, whoever includes it: found once for all. */
function includeFaults(proxy: CompiledProxy): readonly (Fault | undefined)[] {
  const known = faultsOf.get(proxy);
  if (known !== undefined) return known;
  const seen = new Set<string>();
  const faults = proxy.includes.map(({ conditions = [] }) => includeFault(conditions, seen));
  faultsOf.set(proxy, faults);
  return faults;
}

// A pure function of the HTTPProxy, which a tree may come to thousands of times.
const faultsOf = new WeakMap<CompiledProxy, readonly (Fault | undefined)[]>();

function includeFault(
  conditions: readonly MatchCondition[],
  seen: Set<string>,
): Fault | undefined {
  const fault = includePathFault(conditions) ?? includeNameFault(conditions) ??
    headerFault(conditions) ?? queryFault(conditions);
  if (fault !== undefined) return fault.under("conditions");
  const fingerprint = includeFingerprint(conditions);
  if (fingerprint === undefined) return undefined;
  if (seen.has(fingerprint)) {
    const message = "duplicate conditions defined on an include";
    return new Fault("IncludeError/DuplicateMatchConditions", message, "conditions");
  }
  seen.add(fingerprint);
  return undefined;
}

function isTarget(target: ObjectKey, namespace: string, name: string): boolean {
  return target.name === name && target.namespace === namespace;
}

/** The HTTPProxy an include of `parent` names. */
export function includeTarget(
  include: Pick<ProxyInclude, "name" | "namespace">,
  parent: ObjectKey,
): ObjectKey {
  return {
    kind: "HTTPProxy",
    namespace: include.namespace || parent.namespace,
    name: include.name,
  };
}

function targetFault(target: ObjectKey, child: CompiledProxy | undefined): Fault {
  const name = `${target.namespace}/${target.name}`;
  return child === undefined
    ? new Fault("IncludeError/IncludeNotFound", `include ${name} not found`, "name")
    : new Fault(
      "IncludeError/RootIncludesRoot",
      `root httpproxy cannot include another root httpproxy (${name})`,
      "name",
    );
}

function cycleFault(message: string, visited: readonly ObjectKey[]): Fault {
  const chain = visited.map(({ namespace, name }) => `${namespace}/${name}`).join(" -> ");
  return new Fault("IncludeError/IncludeCreatesCycle", `${message}: ${chain}`);
}

/** A compiled route under the conditions of the includes above it; `undefined` after a fault. */
function placedRoute(
  context: TreeContext,
  owner: ObjectKey,
  path: string,
  compiled: CompiledRoute,
  inherited: readonly MatchCondition[],
): RewritingRoute | undefined {
  const { evaluation } = context;
  const { route, action, ipFilter } = compiled;
  const fail = (fault: Fault) => evaluation.tell(owner, path, fault);
  const own = route.conditions ?? [];
  const merged = [...inherited, ...own];
  const faultAt = (stage: Stage) =>
    compiled.fault?.stage === stage ? compiled.fault.fault : undefined;
  const matchFault = faultAt("match") ?? headerFault(merged) ?? queryFault(merged) ??
    mergedRegexFault(merged);
  if (matchFault !== undefined) {
    const depth = inherited.length;
    fail(faultAt("match") ?? relocated(matchFault, depth));
    return undefined;
  }
  const match = routeMatch(merged);
  const policyFault = faultAt("policy") ??
    prefixRewriteFault(route.pathRewritePolicy, match.path);
  if (policyFault !== undefined) {
    fail(policyFault);
    return undefined;
  }
  for (const note of compiled.notes) evaluation.tell(owner, path, note);
  const servicesFault = faultAt("services");
  if (servicesFault !== undefined) {
    fail(servicesFault);
    return undefined;
  }
  const rewrite = prefixRewrite(route.pathRewritePolicy, match.path);
  const { settings, isProtected, undefinedProvider } = routeProtection(context.protection, route);
  if (undefinedProvider !== undefined) context.onUndefinedProvider(undefinedProvider, owner, path);
  const wantsPlain = context.permitInsecure && (route.permitInsecure ?? false);
  if (context.redirectToHttps && wantsPlain && isProtected) {
    evaluation.tell(owner, path, insecureIgnored);
  }
  const placed: Route = {
    match,
    // Served without the check its author asked for, it would be open to everyone.
    action: undefinedProvider === undefined ? action : directResponse(503),
    plain: context.redirectToHttps && (isProtected || !wantsPlain) ? "redirect-to-https" : "serve",
    ...settings,
    ...(ipFilter === undefined ? {} : { ipFilter }),
    ...(route.plugins === undefined ? {} : { plugins: route.plugins }),
    origin: { object: owner, path },
  };
  return { route: placed, ...(rewrite === undefined ? {} : { rewrite }) };
}

/** Only the TLS listener asks who is there. Contour serves such a route to everyone without TLS. */
const insecureIgnored = new Fault(
  "SpecError/IgnoredField",
  "ignoring field permitInsecure: the route needs authorization or a token, which are checked over TLS only; plain requests are sent to https",
  "permitInsecure",
);

/** A regex is joined behind the prefixes of the includes as it stands, so the whole has to be one. */
function mergedRegexFault(conditions: readonly MatchCondition[]): Fault | undefined {
  const { path } = routeMatch(conditions);
  if (path.kind !== "regex") return undefined;
  const problem = regexProblem(`^${path.regex}`);
  if (problem === undefined) return undefined;
  return new Fault("RouteError/PathMatchConditionsNotValid", `route: ${problem}`);
}

/** Merged conditions count from the outermost include; the user sees the list of the route. */
function relocated(fault: Fault, inherited: number): Fault {
  const [, index, rest] = /^\[(\d+)\](.*)$/.exec(fault.path) ?? [];
  if (index === undefined) return fault.under("conditions");
  const own = Number(index) - inherited;
  const path = own < 0 ? "conditions" : joinPath("conditions", `[${own}]${rest ?? ""}`);
  return new Fault(fault.name, fault.message, path);
}
