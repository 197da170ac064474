import { goDurationText, type Timeout } from "../../api/mod.ts";
import type { Db } from "../../query/mod.ts";
import { clusterName } from "../cluster_name.ts";
import { Fault } from "../fault.ts";
import type {
  ClusterSpec,
  HealthCheck,
  HealthPort,
  SlowStart,
  UpstreamProtocol,
  UpstreamValidation,
} from "../model.ts";
import type { LoadBalancer } from "../policy/load_balancer.ts";
import { upstreamValidation } from "../policy/upstream_validation.ts";
import { servicePort, speaksTls } from "../service.ts";
import type { ProxyService } from "./spec.ts";

/** A Service port that exists and may be used. */
export interface ResolvedService {
  readonly portName: string;
  readonly protocol: UpstreamProtocol;
  readonly externalName?: string;
  readonly healthPort?: HealthPort;
  readonly validation?: UpstreamValidation;
}

/** Why a Service cannot be used for now: recorded, and the service left out. */
export interface Unresolved {
  readonly unresolved: string;
  /** The field of the service that is to blame. */
  readonly field: "name" | "port" | "healthPort";
}

/** Looks a service of a route or TCP proxy up, in the namespace of the object that lists it. */
export function resolveService(
  db: Db,
  service: ProxyService,
  { namespace, healthCheck }: Pick<ClusterPolicy, "namespace" | "healthCheck">,
): ResolvedService | Unresolved | Fault {
  const ref = { namespace, service: service.name, port: service.port };
  const port = servicePort(db, ref);
  if (!port.ok) return { unresolved: port.message, field: port.field };
  // Who is never asked how it is needs no port for it.
  const healthPort = healthCheck === undefined ? undefined : service.healthPort;
  const health = !healthPort || healthPort === service.port
    ? undefined
    : servicePort(db, { ...ref, port: healthPort });
  if (health !== undefined && !health.ok) {
    return { unresolved: health.message, field: "healthPort" };
  }
  const protocol = service.protocol ?? port.protocol;
  if (!protocols.includes(protocol)) {
    return new Fault(
      "ServiceError/UnsupportedProtocol",
      `unsupported protocol: ${protocol}`,
      "protocol",
    );
  }
  const validation = speaksTls({ protocol })
    ? upstreamValidation(db, service, namespace)
    : undefined;
  if (validation instanceof Fault) return validation;
  return {
    portName: port.portName,
    protocol,
    ...(port.externalName === undefined ? {} : { externalName: port.externalName }),
    ...(health === undefined || healthPort === undefined
      ? {}
      : { healthPort: { port: healthPort, portName: health.portName } }),
    ...(validation === undefined ? {} : { validation }),
  };
}

const protocols: readonly string[] = ["http/1.1", "h2c", "tls", "h2"];

/** What a route or TCP proxy asks of all its clusters. */
export interface ClusterPolicy {
  readonly namespace: string;
  readonly loadBalancer: LoadBalancer;
  readonly healthCheck?: HealthCheck;
  /** How Contour writes an HTTP health check into the cluster's name; "" without one. */
  readonly healthCheckText: string;
  readonly idleConnectionTimeout: Timeout;
}

/** The cluster for one way of using a Service. */
export function clusterSpec(
  policy: ClusterPolicy,
  service: ProxyService,
  resolved: ResolvedService,
  { sni, slowStart }: { readonly sni: string; readonly slowStart?: SlowStart | undefined },
): ClusterSpec {
  const { namespace, loadBalancer, healthCheck, idleConnectionTimeout } = policy;
  const healthPort = healthCheck === undefined ? undefined : resolved.healthPort;
  const spec: Omit<ClusterSpec, "name"> = {
    namespace,
    service: service.name,
    port: service.port,
    portName: resolved.portName,
    protocol: resolved.protocol,
    sni,
    loadBalancing: loadBalancer.loadBalancing,
    idleConnectionTimeout,
    ...(resolved.validation === undefined ? {} : { validation: resolved.validation }),
    ...(healthCheck === undefined ? {} : { healthCheck }),
    ...(healthPort === undefined ? {} : { healthPort }),
    ...(slowStart === undefined ? {} : { slowStart }),
  };
  return { name: clusterName(spec, nameText(policy, spec)), ...spec };
}

/**
 * What the name's hash is made of: Contour's pieces, so that its users find the names they know,
 * and behind them whatever Contour leaves out although it makes a difference.
 */
function nameText(policy: ClusterPolicy, spec: Omit<ClusterSpec, "name">): string {
  const { validation, slowStart, idleConnectionTimeout: idle } = spec;
  return [
    policy.loadBalancer.nameText,
    policy.healthCheckText,
    validation === undefined ? "" : validation.caSecret.name + (validation.subjectNames[0] ?? ""),
    (spec.protocol === "http/1.1" ? "" : spec.protocol) + spec.sni,
    idle.kind === "default" ? "" : goDurationText(idle.kind === "disabled" ? 0 : idle.ms),
    slowStart === undefined
      ? ""
      : goDurationText(slowStart.windowMs) + slowStart.aggression.toFixed(6) +
        slowStart.minimumWeightPercent,
    beyondContour(spec),
  ].join("");
}

function beyondContour(spec: Omit<ClusterSpec, "name">): string {
  const { validation, healthCheck, healthPort } = spec;
  const extra = {
    ...(healthCheck?.kind === "tcp" ? { tcp: healthCheck } : {}),
    ...(healthCheck?.kind === "http" && healthCheck.host !== "contour-envoy-healthcheck"
      ? { host: healthCheck.host }
      : {}),
    ...(healthCheck?.kind === "http" && healthCheck.expectedStatuses.length > 0
      ? { statuses: healthCheck.expectedStatuses }
      : {}),
    ...(healthPort === undefined ? {} : { healthPort }),
    ...(validation !== undefined && validation.subjectNames.length > 1
      ? { names: validation.subjectNames }
      : {}),
    ...(validation !== undefined && validation.caSecret.namespace !== spec.namespace
      ? { ca: validation.caSecret.namespace }
      : {}),
  };
  return Object.keys(extra).length === 0 ? "" : `|${JSON.stringify(extra)}`;
}
