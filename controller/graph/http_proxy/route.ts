import { goDurationText, type ObjectKey } from "../../api/mod.ts";
import type { Db } from "../../query/mod.ts";
import { setting } from "../../store/mod.ts";
import { clientCertificate, clientCertificateFault } from "../client_certificate.ts";
import { Fault } from "../fault.ts";
import type {
  ForwardAction,
  HostRewrite,
  IpFilter,
  Mirror,
  RouteAction,
  WeightedCluster,
} from "../model.ts";
import { headersFault, headersPolicy } from "../policy/headers.ts";
import { cookieRewriteFault, cookieRewrites } from "../policy/cookie_rewrite.ts";
import { emptyRangeFaults, healthCheckNameText, httpHealthCheck } from "../policy/health_check.ts";
import { internalRedirect } from "../policy/internal_redirect.ts";
import { ipFilter } from "../policy/ip_filter.ts";
import { loadBalancer } from "../policy/load_balancer.ts";
import { rateLimits } from "../policy/rate_limit.ts";
import { directResponse, redirectAction } from "../policy/redirect.ts";
import { retryPolicy } from "../policy/retry.ts";
import { slowStart } from "../policy/slow_start.ts";
import { targetHeaders } from "../policy/target_headers.ts";
import { timeoutPolicy } from "../policy/timeout.ts";
import { routePathFault } from "./conditions.ts";
import { jwtPolicyFault } from "./protection.ts";
import { speaksTls } from "../service.ts";
import { type ClusterPolicy, clusterSpec, resolveService, type Unresolved } from "./service.ts";
import type { ProxyRoute, ProxyService } from "./spec.ts";

/**
 * What a route comes to by itself, before it is known where it is included. The order of checks is
 * the order in which users hear of mistakes, one at a time; see {@link Stage}.
 */
export interface CompiledRoute {
  readonly route: ProxyRoute;
  readonly fault?: { readonly stage: Stage; readonly fault: Fault };
  /** Ignored options: told, but no reason to drop anything. */
  readonly notes: readonly Fault[];
  /** The same of services that are not there. */
  readonly serviceNotes: readonly Fault[];
  /** What is told, and leaves nothing of the HTTPProxy, though its other routes are looked at. */
  readonly spoiling: readonly Fault[];
  /** What to do, but for the prefix rewrite, which depends on the includes. */
  readonly action: RouteAction;
  /** In place of that of the host; Contour has it for requests to Services alone. */
  readonly ipFilter?: IpFilter;
}

/**
 * Where in the order of checks a fault lies: `match` before the merged header and query conditions
 * are looked at, `policy` before options are ignored, `redirect` before the prefix rewrite, `services`
 * after it.
 */
export type Stage = "match" | "policy" | "redirect" | "services";

/** Compiles one route of the HTTPProxy `owner`. */
export function compileRoute(db: Db, owner: ObjectKey, route: ProxyRoute): CompiledRoute {
  const notes: Fault[] = [];
  const serviceNotes: Fault[] = [];
  const told = { notes, serviceNotes };
  const failed = (stage: Stage, fault: Fault): CompiledRoute => ({
    route,
    fault: { stage, fault },
    ...told,
    spoiling: [],
    action: unavailable,
  });
  const matchFault = actionCountFault(route) ??
    routePathFault(route.conditions ?? [])?.under("conditions");
  if (matchFault !== undefined) return failed("match", matchFault);
  const policies = routePolicies(owner, route);
  if (policies instanceof Fault) return failed("policy", policies);
  notes.push(...policies.loadBalancer.warnings.map((note) => note.under("loadBalancerPolicy")));
  const answer = routeAnswer(route);
  if (answer instanceof Fault) return failed("redirect", answer);
  const healthCheck = httpHealthCheck(route.healthCheckPolicy);
  if (healthCheck instanceof Fault) {
    return failed("services", healthCheck.under("healthCheckPolicy"));
  }
  const clusterPolicy: ClusterPolicy = {
    namespace: owner.namespace,
    loadBalancer: policies.loadBalancer,
    idleConnectionTimeout: policies.timeouts.idleConnection,
    healthCheckText: route.healthCheckPolicy === undefined
      ? ""
      : healthCheckNameText(route.healthCheckPolicy, goDurationText),
    ...(healthCheck === undefined ? {} : { healthCheck }),
  };
  const targets = routeTargets(db, route, clusterPolicy, policies.hostRewrite, serviceNotes);
  if (targets instanceof Fault) return failed("services", targets);
  const tokens = jwtPolicyFault(route.jwtVerificationPolicy);
  if (tokens !== undefined) return failed("services", tokens.under("jwtVerificationPolicy"));
  const action = answer ?? forward(route, policies, targets);
  const spoiling = emptyRangeFaults(route.healthCheckPolicy)
    .map((fault) => fault.under("healthCheckPolicy"));
  const addresses = ipFilter(route.ipAllowPolicy, route.ipDenyPolicy);
  if (addresses === undefined || !("faults" in addresses)) {
    const filter = addresses === undefined ? {} : { ipFilter: addresses };
    return { route, ...told, spoiling, action, ...filter };
  }
  const { faults, fatal } = addresses;
  const last = fatal === undefined ? undefined : faults.at(-1);
  if (last === undefined) return { route, ...told, spoiling: [...spoiling, ...faults], action };
  serviceNotes.push(...faults.slice(0, -1));
  return failed("services", last);
}

/** What a route does without a Service: a redirect or a direct response. */
function routeAnswer(
  { requestRedirectPolicy: redirect, directResponsePolicy: direct }: ProxyRoute,
): RouteAction | Fault | undefined {
  const action = redirect === undefined ? undefined : redirectAction(redirect);
  if (action instanceof Fault) return action.under("requestRedirectPolicy");
  return action ??
    (direct === undefined ? undefined : directResponse(direct.statusCode, direct.body));
}

const unavailable = directResponse(503);

function actionCountFault(route: ProxyRoute): Fault | undefined {
  const actions = [
    (route.services?.length ?? 0) > 0,
    route.requestRedirectPolicy !== undefined,
    route.directResponsePolicy !== undefined,
  ].filter(Boolean).length;
  return actions === 1 ? undefined : new Fault(
    "RouteError/RouteActionCountNotValid",
    "must set exactly one of route.services or route.requestRedirectPolicy or route.directResponsePolicy",
  );
}

type Policies = Exclude<ReturnType<typeof routePolicies>, Fault>;

function routePolicies(owner: ObjectKey, route: ProxyRoute) {
  const variables = { CONTOUR_NAMESPACE: owner.namespace };
  const request = headersPolicy(route.requestHeadersPolicy, { variables, host: "allowed" });
  if (!request.ok) {
    return headersFault("RouteError/RequestHeadersPolicyInvalid", "requestHeadersPolicy", request);
  }
  const response = headersPolicy(route.responseHeadersPolicy, { variables, host: "forbidden" });
  if (!response.ok) {
    return headersFault(
      "RouteError/ResponseHeaderPolicyInvalid",
      "responseHeadersPolicy",
      response,
    );
  }
  const cookies = cookieRewriteFault(route.cookieRewritePolicies, "route");
  if (cookies !== undefined) return cookies.under("cookieRewritePolicies");
  const timeouts = timeoutPolicy(route.timeoutPolicy, {
    field: "route.timeoutPolicy",
    condition: "RouteError/TimeoutPolicyNotValid",
  });
  if (timeouts instanceof Fault) return timeouts.under("timeoutPolicy");
  const limits = rateLimits(route.rateLimitPolicy, "RouteError/RateLimitPolicyNotValid");
  if (limits instanceof Fault) return limits.under("rateLimitPolicy");
  return {
    requestHeaders: request.mutation,
    responseHeaders: response.mutation,
    hostRewrite: request.hostRewrite,
    timeouts,
    limits,
    loadBalancer: loadBalancer(route.loadBalancerPolicy),
  };
}

interface Targets {
  readonly clusters: readonly WeightedCluster[];
  readonly mirrors: readonly Mirror[];
}

function routeTargets(
  db: Db,
  route: ProxyRoute,
  policy: ClusterPolicy,
  routeHost: HostRewrite | undefined,
  notes: Fault[],
): Targets | Fault {
  const clusters: WeightedCluster[] = [];
  const mirrors: Mirror[] = [];
  for (const [i, service] of (route.services ?? []).entries()) {
    const path = `services[${i}]`;
    const target = routeTarget(db, route, service, policy, routeHost);
    if (target instanceof Fault) return target.under(path);
    if ("unresolved" in target) {
      const message = `Spec.Routes unresolved service reference: ${target.unresolved}`;
      const field = `${path}.${target.field}`;
      notes.push(new Fault("ServiceError/ServiceUnresolvedReference", message, field));
    } else if (!service.mirror) {
      clusters.push({ ...target, at: path });
    } else if (mirrors.length > 0) {
      const message = "only one service per route may be nominated as mirror";
      return new Fault("ServiceError/OnlyOneMirror", message, `${path}.mirror`);
    } else {
      mirrors.push({ cluster: target.cluster, percent: service.weight || 100, at: path });
    }
  }
  const total = clusters.reduce((sum, { weight }) => sum + weight, 0);
  const weighted = total > 0 ? clusters : clusters.map((target) => ({ ...target, weight: 1 }));
  return { clusters: weighted.sort(byNameAndWeight), mirrors };
}

function routeTarget(
  db: Db,
  route: ProxyRoute,
  service: ProxyService,
  policy: ClusterPolicy,
  routeHost: HostRewrite | undefined,
): WeightedCluster | Unresolved | Fault {
  const resolved = resolveService(db, service, policy);
  if (resolved instanceof Fault || "unresolved" in resolved) return resolved;
  const { namespace } = policy;
  const headers = targetHeaders(
    { namespace, service: service.name, port: service.port },
    service,
    setting(db, "defaultHeaders"),
  );
  if (headers instanceof Fault) return headers;
  const cookies = cookieRewriteFault(service.cookieRewritePolicies, "service");
  if (cookies !== undefined) return cookies.under("cookieRewritePolicies");
  const certificate = speaksTls(resolved)
    ? clientCertificateFault(clientCertificate(db, "all"))
    : undefined;
  if (certificate !== undefined) return certificate;
  const slow = slowStart(service.slowStartPolicy, policy.loadBalancer.loadBalancing);
  if (slow instanceof Fault) return slow.under("slowStartPolicy");
  const literal = routeHost?.kind === "literal" ? routeHost.host : undefined;
  const rewrites = cookieRewrites(route.cookieRewritePolicies, service.cookieRewritePolicies);
  const sni = headers.host ?? literal ?? resolved.externalName ?? "";
  return {
    cluster: clusterSpec(policy, service, resolved, { sni, slowStart: slow }),
    weight: service.weight ?? 0,
    requestHeaders: headers.request,
    responseHeaders: headers.response,
    ...(headers.host === undefined ? {} : { hostRewrite: headers.host }),
    ...(rewrites.length === 0 ? {} : { cookies: rewrites }),
  };
}

function forward(route: ProxyRoute, policies: Policies, targets: Targets): RouteAction {
  if (targets.clusters.length === 0) return unavailable;
  const retry = retryPolicy(route.retryPolicy);
  const { local, descriptors, ignoreHostDescriptors } = policies.limits;
  const limited = local !== undefined || descriptors.length > 0;
  const redirects = route.internalRedirectPolicy;
  const action: ForwardAction = {
    kind: "forward",
    clusters: targets.clusters,
    mirrors: targets.mirrors,
    timeout: policies.timeouts.response,
    idleTimeout: policies.timeouts.idle,
    hashPolicies: policies.loadBalancer.hashPolicies,
    websockets: route.enableWebsockets ?? false,
    requestHeaders: policies.requestHeaders,
    responseHeaders: policies.responseHeaders,
    ...(retry === undefined ? {} : { retry }),
    ...(policies.hostRewrite === undefined ? {} : { hostRewrite: policies.hostRewrite }),
    ...(limited ? { rateLimits: { descriptors, ...(local === undefined ? {} : { local }) } } : {}),
    ...(ignoreHostDescriptors ? { ignoreHostDescriptors } : {}),
    ...(redirects === undefined ? {} : { internalRedirect: internalRedirect(redirects) }),
  };
  return action;
}

function byNameAndWeight(a: WeightedCluster, b: WeightedCluster): number {
  if (a.cluster.name !== b.cluster.name) return a.cluster.name < b.cluster.name ? -1 : 1;
  return a.weight - b.weight;
}
