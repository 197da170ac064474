import { type ForwardAction, joinPath, type Route, type VirtualHost } from "../graph/mod.ts";
import type { Violation } from "../../proto/mod.ts";

/** Violations that are about one field of an object. */
export interface Blame {
  /** `spec.routes[0].requestHeadersPolicy.set` */
  readonly path: string;
  readonly violations: readonly Violation[];
}

/** Sorts what is wrong with the Route made of `route` by the field that asked for it. */
export function blameRoute(route: Route, violations: readonly Violation[]): readonly Blame[] {
  const { path, object } = route.origin;
  if (object.kind === "Ingress") {
    return grouped(violations, (at) => at.startsWith("match") ? `${path}.path` : path);
  }
  return grouped(
    violations.map((violation) => named(route, violation)),
    (at) => joinPath(path, fieldOfRoute(route, at)),
  );
}

/** The same for the cluster of a target, which stands in the field `at` of the route. */
export function blameCluster(
  route: Route,
  at: string,
  violations: readonly Violation[],
): readonly Blame[] {
  const { path, object } = route.origin;
  if (object.kind === "Ingress") return grouped(violations, () => path);
  return grouped(violations, (place) => joinPath(path, fieldOfCluster(route, at, place)));
}

/** The same for what holds for a host as a whole. */
export function blameHost(
  { owner }: Pick<VirtualHost, "owner">,
  violations: readonly Violation[],
): readonly Blame[] {
  if (owner.kind !== "HTTPProxy") return grouped(violations, () => "spec");
  return grouped(violations, (at) => rowFor(ofHost, at) ?? "spec.virtualhost");
}

/** Fields by what the path in the message looks like; `$1` is what its first group took. */
type Rows = readonly (readonly [pattern: RegExp, field: string])[];

/** What a host asks for in its own words; the first row counts. */
const ofHost: Rows = [
  [/^domains\b|^filterChainMatch\b|^routes\b/, "spec.virtualhost.fqdn"],
  [/^rateLimits\b|ratelimit|tokenBucket/, "spec.virtualhost.rateLimitPolicy"],
  [/filters\.http\.cors/, "spec.virtualhost.corsPolicy"],
  [
    /^authorization\b|allowedHeaders|allowedUpstreamHeaders|grpcService|httpService|withRequestBody/,
    "spec.virtualhost.authorization",
  ],
  [/\.providers\[|^keyServer\b/, "spec.virtualhost.jwtProviders"],
  [/^healthChecks\b/, "spec.tcpproxy.healthCheckPolicy"],
  [
    /^filters\[0\]\.typedConfig\.(weightedClusters|cluster)\b|^tcpproxy\b/,
    "spec.tcpproxy.services",
  ],
  [/validationContext|setCurrentClientCertDetails/, "spec.virtualhost.tls.clientValidation"],
  [/^transportSocket\b/, "spec.virtualhost.tls"],
];

const ofRoute: Rows = [
  [/^match\b/, "conditions"],
  [/^requestHeadersToAdd\b/, "requestHeadersPolicy.set"],
  [/^requestHeadersToRemove\b/, "requestHeadersPolicy.remove"],
  [/^responseHeadersToAdd\b/, "responseHeadersPolicy.set"],
  [/^responseHeadersToRemove\b/, "responseHeadersPolicy.remove"],
  [/^route\.hostRewrite/, "requestHeadersPolicy.set"],
  [/^route\.timeout\b/, "timeoutPolicy.response"],
  [/^route\.idleTimeout\b/, "timeoutPolicy.idle"],
  [/^route\.retryPolicy\.numRetries\b/, "retryPolicy.count"],
  [/^route\.retryPolicy\.perTryTimeout\b/, "retryPolicy.perTryTimeout"],
  [/^route\.retryPolicy\.(retriableStatusCodes\[\d+\])/, "retryPolicy.$1"],
  [/^route\.retryPolicy\b/, "retryPolicy"],
  [/^route\.hashPolicy\b/, "loadBalancerPolicy.requestHashPolicies"],
  [/^route\.(prefixRewrite|regexRewrite)\b/, "pathRewritePolicy"],
  [
    /^route\.internalRedirectPolicy\.maxInternalRedirects\b/,
    "internalRedirectPolicy.maxInternalRedirects",
  ],
  [/^route\.internalRedirectPolicy\b/, "internalRedirectPolicy"],
  [/^route\.rateLimits\b/, "rateLimitPolicy.global"],
  [/^route\.(weightedClusters|requestMirrorPolicies)\b/, "services"],
  [/^typedPerFilterConfig\["[^"]*ratelimit"\]\.tokenBucket\b/, "rateLimitPolicy.local"],
  [
    /^typedPerFilterConfig\["[^"]*ratelimit"\]\.status\b/,
    "rateLimitPolicy.local.responseStatusCode",
  ],
  [
    /^typedPerFilterConfig\["[^"]*ratelimit"\]\.responseHeadersToAdd\b/,
    "rateLimitPolicy.local.responseHeadersToAdd",
  ],
  [/^typedPerFilterConfig\["[^"]*ratelimit"\]/, "rateLimitPolicy"],
  [/^typedPerFilterConfig\["[^"]*ext_authz"\]/, "authPolicy"],
  [/^typedPerFilterConfig\["[^"]*jwt_authn"\]/, "jwtVerificationPolicy"],
  [/^redirect\.pathRedirect\b/, "requestRedirectPolicy.path"],
  [/^redirect\.prefixRewrite\b/, "requestRedirectPolicy.prefix"],
  [/^redirect\.hostRedirect\b/, "requestRedirectPolicy.hostname"],
  [/^redirect\.portRedirect\b/, "requestRedirectPolicy.port"],
  [/^redirect\b/, "requestRedirectPolicy"],
  [/^directResponse\.body\b/, "directResponsePolicy.body"],
  [/^directResponse\b/, "directResponsePolicy.statusCode"],
];

/** What a target asks for beside the other targets of its route; below its own place there. */
const ofTarget: Rows = [
  [/^requestHeadersToAdd\b|^hostRewriteLiteral\b/, "requestHeadersPolicy.set"],
  [/^requestHeadersToRemove\b/, "requestHeadersPolicy.remove"],
  [/^responseHeadersToAdd\b/, "responseHeadersPolicy.set"],
  [/^responseHeadersToRemove\b/, "responseHeadersPolicy.remove"],
  [/^weight\b/, "weight"],
  [/^typedPerFilterConfig\b/, "cookieRewritePolicies"],
];

function fieldOfRoute(route: Route, at: string): string {
  const [, index, below = ""] = /^route\.weightedClusters\.clusters\[(\d+)\]\.?(.*)$/.exec(at) ??
    [];
  const target = index === undefined ? undefined : forwardOf(route)?.clusters[Number(index)]?.at;
  return target === undefined
    ? rowFor(ofRoute, at) ?? ""
    : joinPath(target, rowFor(ofTarget, below) ?? "");
}

const ofHealthCheck: Rows = [
  [/\.interval\b/, "healthCheckPolicy.intervalSeconds"],
  [/\.timeout\b/, "healthCheckPolicy.timeoutSeconds"],
  [/\.((?:un)?healthyThreshold)\b/, "healthCheckPolicy.$1Count"],
  [/\.path\b/, "healthCheckPolicy.path"],
  [/\.host\b/, "healthCheckPolicy.host"],
  [/\.(expectedStatuses\[\d+\])/, "healthCheckPolicy.$1"],
];

function fieldOfCluster(route: Route, target: string, at: string): string {
  if (/^healthChecks\b/.test(at)) return rowFor(ofHealthCheck, at) ?? "healthCheckPolicy";
  if (/slowStartConfig/.test(at)) return joinPath(target, "slowStartPolicy");
  if (/commonHttpProtocolOptions/.test(at)) return "timeoutPolicy.idleConnection";
  if (/validationContext/.test(at)) return joinPath(target, "validation");
  // The server that is asked for by name is the Host of the request.
  const isHost = /\.sni$/.test(at) && forwardOf(route)?.hostRewrite?.kind === "literal";
  return isHost ? "requestHeadersPolicy.set" : target;
}

/** Envoy's lists are not in the order of the object: who is in one has to be told by name. */
function named(route: Route, violation: Violation): Violation {
  const [, list, index] = /^(request|response)HeadersToAdd\[(\d+)\]/.exec(violation.path) ?? [];
  const action = forwardOf(route);
  if (index === undefined || action === undefined) return violation;
  const { set } = list === "request" ? action.requestHeaders : action.responseHeaders;
  const name = set[Number(index)]?.name ?? "";
  return name.length > longestName ? violation : {
    ...violation,
    message: `${violation.message} ("${name}")`,
  };
}

/** A name that is worth being repeated. */
const longestName = 100;

function forwardOf({ action }: Route): ForwardAction | undefined {
  return action.kind === "forward" ? action : undefined;
}

function rowFor(rows: Rows, at: string): string | undefined {
  for (const [pattern, field] of rows) {
    const found = pattern.exec(at);
    if (found !== null) return field.replace("$1", found[1] ?? "");
  }
  return undefined;
}

function grouped(
  violations: readonly Violation[],
  field: (at: string) => string,
): readonly Blame[] {
  const groups = new Map<string, Violation[]>();
  for (const violation of violations) {
    const path = field(violation.path);
    const group = groups.get(path) ?? [];
    groups.set(path, group);
    group.push(violation);
  }
  return [...groups].map(([path, violations]) => ({ path, violations }));
}
