import { Fault } from "../fault.ts";
import type { HashPolicy, LoadBalancing } from "../model.ts";
import type { LoadBalancerPolicy } from "../http_proxy/spec.ts";
import { canonicalHeaderName, headerName, invalidName } from "./headers.ts";

/** How a route picks endpoints, and what was ignored on the way. */
export interface LoadBalancer {
  readonly loadBalancing: LoadBalancing;
  readonly hashPolicies: readonly HashPolicy[];
  /**
   * What Contour writes into the hash of the cluster's name: the strategy as the user gave it,
   * nothing for the default.
   */
  readonly nameText: string;
  readonly warnings: readonly Fault[];
}

/** The load balancing of an HTTP route. */
export function loadBalancer(policy: LoadBalancerPolicy | undefined): LoadBalancer {
  switch (policy?.strategy) {
    case "WeightedLeastRequest":
    case "Random":
      return simple(policy.strategy, policy.strategy);
    case "Cookie":
      return {
        ...simple("RingHash", "Cookie"),
        hashPolicies: [{ kind: "cookie", name: "X-Contour-Session-Affinity" }],
      };
    case "RequestHash":
      return requestHash(policy);
    default:
      return simple("RoundRobin", "");
  }
}

/** The load balancing of a TCP proxy, which knows no requests to hash. */
export function tcpLoadBalancer(policy: LoadBalancerPolicy | undefined): LoadBalancer {
  return withoutHash(policy, (strategy) => {
    const message =
      `ignoring field "Spec.TCPProxy.LoadBalancerPolicy"; ${strategy} load balancer policy is not supported for TCPProxies`;
    return new Fault("TCPProxyError/IgnoredField", message, "strategy");
  });
}

/** The load balancing of an ExtensionService, where no request of a client is at hand. */
export function extensionLoadBalancer(policy: LoadBalancerPolicy | undefined): LoadBalancer {
  return withoutHash(policy, (strategy) => {
    const message =
      `ignoring field ".Spec.LoadBalancerPolicy"; ${strategy} load balancer policy is not supported for ExtensionClusters`;
    return new Fault("SpecError/IgnoredField", message, "strategy");
  });
}

function withoutHash(
  policy: LoadBalancerPolicy | undefined,
  warning: (strategy: string) => Fault,
): LoadBalancer {
  switch (policy?.strategy) {
    case "Cookie":
    case "RequestHash":
      return { ...simple("RoundRobin", ""), warnings: [warning(policy.strategy)] };
    default:
      return loadBalancer(policy);
  }
}

function simple(loadBalancing: LoadBalancing, nameText: string): LoadBalancer {
  return { loadBalancing, nameText, hashPolicies: [], warnings: [] };
}

function requestHash(policy: LoadBalancerPolicy): LoadBalancer {
  const warnings: Fault[] = [];
  const hashPolicies: HashPolicy[] = [];
  const seen = new Set<string>();
  for (const [i, entry] of (policy.requestHashPolicies ?? []).entries()) {
    const hash = hashPolicy(entry);
    const ignore = (why: string) =>
      warnings.push(
        new Fault("SpecError/IgnoredField", `ignoring invalid ${why}`, `requestHashPolicies[${i}]`),
      );
    if (typeof hash === "string") {
      ignore(hash);
      continue;
    }
    const identity = hash.kind + ("name" in hash ? `/${hash.name}` : "");
    if (seen.has(identity)) {
      ignore(repetition(hash));
      continue;
    }
    seen.add(identity);
    hashPolicies.push(hash);
  }
  if (hashPolicies.length > 0) {
    return { loadBalancing: "RingHash", nameText: "RequestHash", hashPolicies, warnings };
  }
  const message =
    "ignoring invalid request hash policy options, setting load balancer strategy to default RoundRobin";
  const fallback = new Fault("SpecError/IgnoredField", message, "strategy");
  return {
    loadBalancing: "RoundRobin",
    nameText: "RoundRobin",
    hashPolicies: [],
    warnings: [...warnings, fallback],
  };
}

function repetition(hash: HashPolicy): string {
  switch (hash.kind) {
    case "header":
      return `header hash policy options with duplicated header name ${hash.name}`;
    case "query":
      return `query parameter hash policy options with duplicated query parameter name ${hash.name}`;
    default:
      return "request hash policy, hashSourceIP specified multiple times";
  }
}

/** The hash policy, or as what the entry is ignored. */
function hashPolicy(
  entry: NonNullable<LoadBalancerPolicy["requestHashPolicies"]>[number],
): HashPolicy | string {
  const { headerHashOptions: header, queryParameterHashOptions: query, hashSourceIP } = entry;
  const given = [header, query, hashSourceIP || undefined].filter((part) => part !== undefined);
  if (given.length !== 1) {
    return "request hash policy, must set exactly one of hashSourceIP or headerHashOptions or queryParameterHashOptions";
  }
  const terminal = entry.terminal ?? false;
  if (header !== undefined) {
    const name = canonicalHeaderName(header.headerName);
    if (!headerName.test(name)) {
      return invalidName("header hash policy options with invalid header name", name)
        .replace("invalid ", "");
    }
    return { kind: "header", name, terminal };
  }
  if (query !== undefined) {
    const name = query.parameterName.toLowerCase();
    return name === ""
      ? "query parameter hash policy options with an invalid empty query parameter name"
      : { kind: "query", name, terminal };
  }
  return { kind: "source-ip", terminal };
}
