import type { Service } from "../api/mod.ts";
import { type Db, query } from "../query/mod.ts";
import { object, setting } from "../store/mod.ts";
import type { CircuitBreakers, UpstreamProtocol } from "./model.ts";

/** A port of a Service, as a route asks for it. */
export type ServicePortRef = {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  /** Set where only an entry of this name will do, "" for one without a name. */
  readonly portName?: string;
};

/** What is known of that port, or why it cannot be used. */
export type ServicePort =
  | {
    readonly ok: true;
    /** "" for an unnamed port. */
    readonly portName: string;
    /** What the Service says is spoken there; the route may say otherwise. */
    readonly protocol: UpstreamProtocol;
    /** Set for Services of type ExternalName: a DNS name or an address. */
    readonly externalName?: string;
  }
  | {
    readonly ok: false;
    readonly message: string;
    /** Which half of the reference is to blame. */
    readonly field: "name" | "port";
  };

/**
 * The port a route asks for. A missing Service is an answer too: its arrival reruns this.
 * The first entry with the number decides, even if it is not TCP and a later one is.
 */
export const servicePort = query("service-port", (db, ref: ServicePortRef): ServicePort => {
  const name = `${ref.namespace}/${ref.service}`;
  const service = object(db, "Service", { namespace: ref.namespace, name: ref.service });
  if (service === undefined) {
    return { ok: false, message: `service "${name}" not found`, field: "name" };
  }
  const { portName } = ref;
  const port = service.spec.ports?.find(({ port, name = "" }) =>
    port === ref.port && (portName === undefined || name === portName)
  );
  if (port === undefined) {
    const message = `port "${ref.port}" on service "${name}" not matched`;
    return { ok: false, message, field: "port" };
  }
  if (port.protocol !== undefined && port.protocol !== "" && port.protocol !== "TCP") {
    const message = `unsupported service protocol "${port.protocol}"`;
    return { ok: false, message, field: "port" };
  }
  const found = {
    ok: true,
    portName: port.name ?? "",
    protocol: upstreamProtocol(service, port),
  } as const;
  const externalName = service.spec.externalName ?? "";
  if (service.spec.type !== "ExternalName" && externalName === "") return found;
  const refusal = externalNameProblem(db, externalName);
  return refusal === undefined
    ? { ...found, externalName }
    : { ok: false, message: `${name} ${refusal}`, field: "name" };
});

/** The circuit breaker annotations of a Service. What is no unsigned number counts as unset. */
export const circuitBreakers = query(
  "circuit-breakers",
  (db, { namespace, service }: { readonly namespace: string; readonly service: string }) => {
    const annotations = object(db, "Service", { namespace, name: service })?.metadata.annotations;
    const limits: Partial<Record<keyof CircuitBreakers, number>> = {};
    for (const [limit, annotation] of Object.entries(limitAnnotations)) {
      const text = annotations?.[`projectcontour.io/${annotation}`] ?? "";
      const value = /^\d{1,10}$/.test(text) ? Number(text) : 0;
      if (value > 0 && value < 2 ** 32) limits[limit as keyof CircuitBreakers] = value;
    }
    return limits as CircuitBreakers;
  },
);

const limitAnnotations: Readonly<Record<keyof CircuitBreakers, string>> = {
  maxConnections: "max-connections",
  maxPendingRequests: "max-pending-requests",
  maxRequests: "max-requests",
  maxRetries: "max-retries",
  perHostMaxConnections: "per-host-max-connections",
};

/** Whether a Service is spoken to over TLS. */
export function speaksTls({ protocol }: { readonly protocol: string }): boolean {
  return protocol === "tls" || protocol === "h2";
}

type Port = NonNullable<Service["spec"]["ports"]>[number];

function upstreamProtocol(service: Service, port: Port): UpstreamProtocol {
  switch (port.appProtocol) {
    case undefined:
      return annotatedProtocol(service, port);
    case "kubernetes.io/h2c":
      return "h2c";
    case "https":
      return "tls";
    default:
      return "http/1.1";
  }
}

/** By the port's name, else by its number; a port named under several protocols takes the first of these. */
function annotatedProtocol(service: Service, port: Port): UpstreamProtocol {
  const listed = (protocol: string) =>
    (service.metadata.annotations?.[`projectcontour.io/upstream-protocol.${protocol}`] ?? "")
      .split(",").map((entry) => entry.trim());
  for (const wanted of [port.name, String(port.port)]) {
    if (wanted === undefined || wanted === "") continue;
    for (const protocol of ["tls", "h2c", "h2"] as const) {
      if (listed(protocol).includes(wanted)) return protocol;
    }
  }
  return "http/1.1";
}

/** Names of this machine would let a tenant reach what only Envoy itself should. */
function externalNameProblem(db: Db, externalName: string): string | undefined {
  if (!setting(db, "enableExternalNameService")) {
    return "is an ExternalName service, these are not currently enabled. See the config.enableExternalNameService config file setting";
  }
  const host = externalName.toLowerCase().replace(/\.$/, "");
  if (host === "") return "is an ExternalName service that names nothing";
  const local = ["localhost", "localhost.localdomain", "local.projectcontour.io"];
  if (local.includes(host) || isLocalAddress(host)) {
    return "is an ExternalName service that points to localhost, this is not allowed";
  }
  return undefined;
}

/** Whether a literal address is loopback, unspecified or link-local. */
function isLocalAddress(host: string): boolean {
  if (/^(127\.|0\.0\.0\.0$|169\.254\.)/.test(host)) return /^[\d.]+$/.test(host);
  const mapped = /^(?:0*:)*:?ffff:([\d.]+)$/.exec(host)?.[1];
  if (mapped !== undefined) return isLocalAddress(mapped);
  return /^(0*:)+:?0*1?$/.test(host) || /^fe[89ab][0-9a-f]:/.test(host);
}
