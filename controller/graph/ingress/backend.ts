import type { IngressBackend } from "../../api/mod.ts";
import { type Db, query } from "../../query/mod.ts";
import { object } from "../../store/mod.ts";
import { Fault } from "../fault.ts";
import { type ClusterPolicy, clusterSpec } from "../http_proxy/service.ts";
import type { ClusterSpec } from "../model.ts";
import { loadBalancer } from "../policy/load_balancer.ts";
import { servicePort } from "../service.ts";

/** A port of a Service as an Ingress names it. */
export interface BackendRef {
  readonly service: string;
  readonly port: number | string;
}

/** Where a backend leads, before it is known whether that exists. */
export function backendRef({ service, resource }: IngressBackend): BackendRef | Fault {
  if (service === undefined) {
    const message = resource === undefined
      ? "backend names no Service"
      : `backend is ${resource.kind} "${resource.name}", only Services can be one`;
    return new Fault("IngressBackendNotSupported", message);
  }
  const { number, name } = service.port ?? {};
  const port = number || name;
  return port === undefined || port === ""
    ? new Fault("IngressBackendNotFound", "backend names no port of the Service", "service")
    : { service: service.name, port };
}

/** The cluster behind a backend, or why there is none. */
export function backendCluster(
  db: Db,
  namespace: string,
  { service, port }: BackendRef,
): ClusterSpec | Fault {
  const number = typeof port === "number" ? port : namedPort(db, { namespace, service, port });
  if (typeof number === "string") return new Fault("IngressBackendNotFound", number, "service");
  const ref = { namespace, service, port: number };
  const found = servicePort(db, typeof port === "number" ? ref : { ...ref, portName: port });
  if (!found.ok) return new Fault("IngressBackendNotFound", found.message, "service");
  // An Ingress never names the server it expects, not even that of an ExternalName.
  return clusterSpec(plainPolicy(namespace), { name: service, port: number }, found, { sni: "" });
}

/**
 * The number behind the name of a port, or why there is none. So small an answer spares hosts from
 * other changes of the Service.
 */
const namedPort = query(
  "named-port",
  (
    db,
    { namespace, service, port }: {
      readonly namespace: string;
      readonly service: string;
      readonly port: string;
    },
  ): number | string => {
    const found = object(db, "Service", { namespace, name: service });
    if (found === undefined) return `service "${namespace}/${service}" not found`;
    const number = found.spec.ports?.find(({ name }) => name === port)?.port;
    return number ?? `port "${port}" on service "${namespace}/${service}" not matched`;
  },
);

function plainPolicy(namespace: string): ClusterPolicy {
  return {
    namespace,
    loadBalancer: loadBalancer(undefined),
    healthCheckText: "",
    idleConnectionTimeout: { kind: "default" },
  };
}
