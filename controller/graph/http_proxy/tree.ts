import type { ObjectKey } from "../../api/mod.ts";
import type { Db } from "../../query/mod.ts";
import { Fault, joinPath } from "../fault.ts";
import type { PathMatch, Route } from "../model.ts";
import { regexProblem } from "../regex.ts";
import { regexSyntaxError } from "../regex_syntax.ts";
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
}

/** What an HTTPProxy comes to with all it includes. */
export interface Branch {
  readonly routes: readonly Route[];
  /** Those of the routes that want a provider of tokens that the host does not define. */
  readonly unprovided: readonly UnprovidedRoute[];
}

/** See {@link Branch}. */
export interface UnprovidedRoute {
  readonly provider: string;
  readonly owner: ObjectKey;
  /** Of the route in its HTTPProxy. */
  readonly path: string;
}

/**
 * The routes of an HTTPProxy and of all it includes: included ones first, in the order of the
 * includes, then its own. A mistake in any of its own routes leaves nothing of this HTTPProxy and of
 * what is below it; its siblings and parents stay.
 */
export function treeRoutes(context: TreeContext, proxy: CompiledProxy): Branch {
  context.evaluation.own(proxy.routes.length);
  return proxyRoutes(context, proxy, [], [proxy.key]);
}

function proxyRoutes(
  context: TreeContext,
  proxy: CompiledProxy,
  inherited: readonly MatchCondition[],
  ancestors: readonly ObjectKey[],
): Branch {
  const included = includedRoutes(context, proxy, inherited, ancestors);
  const unprovided = [...included.unprovided];
  const own: RewritingRoute[] = [];
  let isSpoiled = false;
  for (const [i, compiled] of proxy.routes.entries()) {
    const path = `spec.routes[${i}]`;
    const route = placedRoute(context, proxy.key, path, compiled, inherited);
    if (route === undefined) return { routes: [], unprovided: [] };
    own.push(route);
    isSpoiled ||= compiled.spoiling.length > 0;
    const { undefinedProvider: provider } = route;
    if (provider !== undefined) unprovided.push({ provider, owner: proxy.key, path });
  }
  if (isSpoiled) return { routes: [], unprovided };
  return { routes: expandPrefixRewrites(included.routes, own), unprovided };
}

function includedRoutes(
  context: TreeContext,
  proxy: CompiledProxy,
  inherited: readonly MatchCondition[],
  ancestors: readonly ObjectKey[],
): Branch {
  const { db, evaluation } = context;
  const routes: Route[] = [];
  const unprovided: UnprovidedRoute[] = [];
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
      evaluation.enter(target);
      evaluation.tell(target, "", cycleFault("include creates an include cycle", visited));
      evaluation.leave(target);
      continue;
    }
    if (inherited.length + conditions.length > maximumConditions) {
      const message = `more than ${maximumConditions} conditions add up in a chain of includes`;
      tell(new Fault("EnvoyRule", message, "conditions"));
      continue;
    }
    // It is told on the root, once, and not on each of thousands.
    const above = [...inherited, ...conditions];
    if (!evaluation.admit(child.routes.length, charactersOf(child, above))) continue;
    evaluation.enter(target);
    const branch = proxyRoutes(context, child, above, visited);
    evaluation.leave(target);
    routes.push(...branch.routes);
    unprovided.push(...branch.unprovided);
  }
  return { routes, unprovided };
}

/**
 * Conditions of a route, those of the includes above it counted in: each request pays for each, and
 * each copy of a route that includes make has all of them.
 */
const maximumConditions = 256;

/** How long the routes of an HTTPProxy are as they were written, with what they inherit. */
function charactersOf(proxy: CompiledProxy, inherited: readonly MatchCondition[]): number {
  const { length } = proxy.routes;
  if (length === 0) return 0;
  const own = lengthOf(proxy, () => JSON.stringify(proxy.routes.map(({ route }) => route)));
  return own + length * inherited.reduce(
        (sum, condition) => sum + lengthOf(condition, () => JSON.stringify(condition)),
        0,
      );
}

function lengthOf(part: object, text: () => string): number {
  const known = lengths.get(part);
  if (known !== undefined) return known;
  const { length } = text();
  lengths.set(part, length);
  return length;
}

// Pure functions of objects, which a tree may come to thousands of times.
const lengths = new WeakMap<object, number>();

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

interface PlacedRoute extends RewritingRoute {
  /** See {@link Branch.unprovided}. */
  readonly undefinedProvider?: string;
}

/** A compiled route under the conditions of the includes above it; `undefined` after a fault. */
function placedRoute(
  context: TreeContext,
  owner: ObjectKey,
  path: string,
  compiled: CompiledRoute,
  inherited: readonly MatchCondition[],
): PlacedRoute | undefined {
  const { evaluation } = context;
  const { route, action, ipFilter } = compiled;
  const fail = (fault: Fault) => evaluation.tell(owner, path, fault);
  const own = route.conditions ?? [];
  const merged = [...inherited, ...own];
  if (merged.length > maximumConditions) {
    fail(new Fault("EnvoyRule", `a route may have ${maximumConditions} conditions`, "conditions"));
    return undefined;
  }
  const faultAt = (stage: Stage) =>
    compiled.fault?.stage === stage ? compiled.fault.fault : undefined;
  const matchFault = faultAt("match") ?? headerFault(merged) ?? queryFault(merged);
  if (matchFault !== undefined) {
    const depth = inherited.length;
    fail(faultAt("match") ?? relocated(matchFault, depth));
    return undefined;
  }
  const policyFault = faultAt("policy");
  if (policyFault !== undefined) {
    fail(policyFault);
    return undefined;
  }
  compiled.notes.forEach(fail);
  const match = routeMatch(merged);
  const pathFault = faultAt("redirect") ?? mergedRegexFault(match.path) ??
    prefixRewriteFault(route.pathRewritePolicy, match.path);
  if (pathFault !== undefined) {
    fail(pathFault);
    return undefined;
  }
  compiled.serviceNotes.forEach(fail);
  const servicesFault = faultAt("services");
  if (servicesFault !== undefined) {
    fail(servicesFault);
    return undefined;
  }
  compiled.spoiling.forEach(fail);
  const rewrite = prefixRewrite(route.pathRewritePolicy, match.path);
  const { settings, isProtected, undefinedProvider } = routeProtection(context.protection, route);
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
  return {
    route: placed,
    ...(rewrite === undefined ? {} : { rewrite }),
    ...(undefinedProvider === undefined ? {} : { undefinedProvider }),
  };
}

/** Only the TLS listener asks who is there. Contour serves such a route to everyone without TLS. */
const insecureIgnored = new Fault(
  "SpecError/IgnoredField",
  "ignoring field permitInsecure: the route needs authorization or a token, which are checked over TLS only; plain requests are sent to https",
  "permitInsecure",
);

/** A regex is joined behind the prefixes of the includes as it stands, so the whole has to be one. */
function mergedRegexFault(path: PathMatch): Fault | undefined {
  if (path.kind !== "regex") return undefined;
  const regex = `^${path.regex}`;
  const problem = regexProblem(regex);
  if (problem === undefined) return undefined;
  const message = regexSyntaxError(regex) === undefined
    ? `route: ${problem}`
    : "route: regex invalid after merging with include prefix";
  return new Fault("RouteError/PathMatchConditionsNotValid", message);
}

/** Merged conditions count from the outermost include; the user sees the list of the route. */
function relocated(fault: Fault, inherited: number): Fault {
  const [, index, rest] = /^\[(\d+)\](.*)$/.exec(fault.path) ?? [];
  if (index === undefined) return fault.under("conditions");
  const own = Number(index) - inherited;
  const path = own < 0 ? "conditions" : joinPath("conditions", `[${own}]${rest ?? ""}`);
  return new Fault(fault.name, fault.message, path, fault.hint);
}
