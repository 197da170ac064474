import { type HTTPProxy, keyId, type ObjectKey } from "../../api/mod.ts";
import type { Db } from "../../query/mod.ts";
import { clientCertificate, clientCertificateFault } from "../client_certificate.ts";
import { Fault } from "../fault.ts";
import { proxyInClass } from "../ingress_class.ts";
import type { ClusterSpec, TcpProxy } from "../model.ts";
import { tcpHealthCheck } from "../policy/health_check.ts";
import { type LoadBalancer, tcpLoadBalancer } from "../policy/load_balancer.ts";
import { speaksTls } from "../service.ts";
import type { Evaluation } from "./evaluation.ts";
import { type ClusterPolicy, clusterSpec, resolveService } from "./service.ts";
import type { ProxyTcp } from "./spec.ts";
import { includeTarget } from "./tree.ts";

/**
 * Where the bytes of a root with `tcpproxy` go: its own services, or those at the end of a chain of
 * includes. `"failed"`: a mistake was told and nothing of the root is served. `undefined`: the chain
 * ends at an HTTPProxy without a `tcpproxy`.
 */
export function tcpProxy(
  db: Db,
  evaluation: Evaluation,
  root: ObjectKey,
  spec: HTTPProxy["spec"],
): TcpProxy | "failed" | undefined {
  const visited = [root];
  const result = follow(db, evaluation, root, spec.tcpproxy, visited);
  for (const object of visited.slice(1).reverse()) evaluation.leave(object);
  return result;
}

function follow(
  db: Db,
  evaluation: Evaluation,
  root: ObjectKey,
  first: ProxyTcp | undefined,
  visited: ObjectKey[],
): TcpProxy | "failed" | undefined {
  let owner = root;
  let tcp = first;
  while (tcp !== undefined) {
    const fault = contradiction(tcp);
    if (fault !== undefined) return failed(evaluation, owner, fault);
    const loadBalancer = tcpLoadBalancer(tcp.loadBalancerPolicy);
    for (const warning of loadBalancer.warnings) {
      evaluation.tell(owner, "spec.tcpproxy.loadBalancerPolicy", warning);
    }
    if (tcp.services?.length) return tcpTargets(db, evaluation, owner, tcp, loadBalancer);
    const include = tcp.include ?? tcp.includes;
    if (include === undefined) return failed(evaluation, owner, nothingDefined);
    const target = includeTarget(include, owner);
    const next = proxyInClass(db, target);
    const name = `${target.namespace}/${target.name}`;
    const field = tcp.include === undefined ? "includes" : "include";
    if (next === undefined) {
      const message = `include ${name} not found`;
      return failed(
        evaluation,
        owner,
        new Fault("TCPProxyIncludeError/IncludeNotFound", message, field),
      );
    }
    if (next.spec.virtualhost !== undefined) {
      const message = `root httpproxy cannot include another root httpproxy (${name})`;
      return failed(
        evaluation,
        owner,
        new Fault("TCPProxyIncludeError/RootIncludesRoot", message, field),
      );
    }
    evaluation.reach(target);
    if (visited.some((earlier) => keyId(earlier) === keyId(target))) {
      const chain = [...visited, target].map(({ namespace, name }) => `${namespace}/${name}`).join(
        " -> ",
      );
      const message = `include creates a cycle: ${chain}`;
      return failed(
        evaluation,
        owner,
        new Fault("TCPProxyIncludeError/IncludeCreatesCycle", message, field),
      );
    }
    evaluation.enter(target);
    visited.push(target);
    owner = target;
    tcp = next.spec.tcpproxy;
  }
  return undefined;
}

function failed(evaluation: Evaluation, object: ObjectKey, fault: Fault): "failed" {
  evaluation.tell(object, "spec.tcpproxy", fault);
  return "failed";
}

function contradiction({ services, include, includes }: ProxyTcp): Fault | undefined {
  if (!services?.length || (include === undefined && includes === undefined)) return undefined;
  const message = "cannot specify services and include in the same httpproxy";
  return new Fault("TCPProxyError/NoServicesAndInclude", message);
}

const nothingDefined = new Fault(
  "TCPProxyError/NothingDefined",
  "either services or inclusion must be specified",
);

function tcpTargets(
  db: Db,
  evaluation: Evaluation,
  owner: ObjectKey,
  tcp: ProxyTcp,
  loadBalancer: LoadBalancer,
): TcpProxy | "failed" {
  const healthCheck = tcpHealthCheck(tcp.healthCheckPolicy);
  const policy: ClusterPolicy = {
    namespace: owner.namespace,
    loadBalancer,
    healthCheckText: "",
    idleConnectionTimeout: { kind: "default" },
    ...(healthCheck === undefined ? {} : { healthCheck }),
  };
  const targets: { readonly cluster: ClusterSpec; readonly weight: number }[] = [];
  for (const [i, service] of (tcp.services ?? []).entries()) {
    const resolved = resolveService(db, service, policy);
    const path = `services[${i}]`;
    if (resolved instanceof Fault) return failed(evaluation, owner, resolved.under(path));
    if ("unresolved" in resolved) {
      const message = `Spec.TCPProxy unresolved service reference: ${resolved.unresolved}`;
      const field = `${path}.${resolved.field}`;
      const fault = new Fault("TCPProxyError/ServiceUnresolvedReference", message, field);
      return failed(evaluation, owner, fault);
    }
    const certificate = speaksTls(resolved)
      ? clientCertificateFault(clientCertificate(db, "all"))
      : undefined;
    if (certificate !== undefined) return failed(evaluation, owner, certificate.under(path));
    const sni = resolved.externalName ?? "";
    targets.push({
      cluster: clusterSpec(policy, service, resolved, { sni }),
      weight: service.weight ?? 0,
    });
  }
  return { clusters: weighted(targets) };
}

/** Targets of weight 0 get nothing beside others; among themselves they are equal. */
function weighted(targets: TcpProxy["clusters"]): TcpProxy["clusters"] {
  const shares = targets.some(({ weight }) => weight > 0)
    ? targets.filter(({ weight }) => weight > 0)
    : targets.map(({ cluster }) => ({ cluster, weight: 1 }));
  return shares.toSorted((a, b) =>
    a.cluster.name === b.cluster.name
      ? a.weight - b.weight
      : a.cluster.name < b.cluster.name
      ? -1
      : 1
  );
}
