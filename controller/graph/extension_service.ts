import {
  type CircuitBreakerPolicy,
  type Diagnostic,
  type ExtensionService,
  type ObjectKey,
  parseSecretReference,
} from "../api/mod.ts";
import { type Db, query } from "../query/mod.ts";
import { object, setting } from "../store/mod.ts";
import { clientCertificate, clientCertificateFault } from "./client_certificate.ts";
import { diagnose, Fault } from "./fault.ts";
import { loadAssignment, loadAssignmentRef } from "./load_assignment.ts";
import type {
  CircuitBreakers,
  ExtensionCluster,
  ExtensionRef,
  WeightedAssignment,
} from "./model.ts";
import { outOfRange } from "./policy/envoy_duration.ts";
import { extensionLoadBalancer } from "./policy/load_balancer.ts";
import { timeoutPolicy, type Timeouts } from "./policy/timeout.ts";
import { caBundle, secretPermitted } from "./secret.ts";
import { servicePort } from "./service.ts";

/** What an ExtensionService comes to. With any error nobody may use it. */
export interface ExtensionEvaluation {
  readonly cluster?: ExtensionCluster;
  /** How long it is waited for, where who uses it says nothing else. */
  readonly responseTimeout?: Timeouts["response"];
  readonly diagnostics: readonly Diagnostic[];
}

/** Evaluates the ExtensionService of this name; `undefined` when there is none. */
export const extensionEvaluation = query(
  "extension-evaluation",
  (db, ref: ExtensionRef): ExtensionEvaluation | undefined => {
    const found = object(db, "ExtensionService", ref);
    return found === undefined ? undefined : evaluate(db, ref, found.spec);
  },
);

/**
 * What a host that uses an ExtensionService has to know of it; `undefined` when it cannot be used.
 * Weights, limits and the like change without any host noticing.
 */
export const extensionServer = query(
  "extension-server",
  (db, ref: ExtensionRef): ExtensionServer | undefined => {
    const { cluster, responseTimeout } = extensionEvaluation(db, ref) ?? {};
    return cluster === undefined || responseTimeout === undefined
      ? undefined
      : { serverName: cluster.sni, responseTimeout };
  },
);

/** See {@link extensionServer}. */
export interface ExtensionServer {
  /** "" for none. */
  readonly serverName: string;
  readonly responseTimeout: Timeouts["response"];
}

/** The cluster of an ExtensionService; `undefined` while it cannot be used. */
export const extensionCluster = query(
  "extension-cluster",
  (db, ref: ExtensionRef): ExtensionCluster | undefined => extensionEvaluation(db, ref)?.cluster,
);

/** The endpoints of an ExtensionService, by the Services they belong to. */
export const extensionAssignment = query(
  "extension-assignment",
  (db, extension: ExtensionRef): WeightedAssignment => {
    const shares = serviceShares(db, extension);
    const services = [...shares].flatMap(([name, { service, port, weight }]) => {
      const found = servicePort(db, { namespace: extension.namespace, service, port });
      if (!found.ok) return [];
      const { portName } = found;
      const place = { namespace: extension.namespace, service, portName };
      const { endpoints } = loadAssignment(db, loadAssignmentRef(place));
      return endpoints.length === 0 ? [] : [{ name, weight, endpoints }];
    });
    return { extension, services };
  },
);

type Spec = ExtensionService["spec"];

function evaluate(db: Db, ref: ExtensionRef, spec: Spec): ExtensionEvaluation {
  const key: ObjectKey = { kind: "ExtensionService", namespace: ref.namespace, name: ref.name };
  const diagnostics: Diagnostic[] = [];
  const tell = (fault: Fault) => diagnostics.push(diagnose({ object: key, path: "spec" }, fault));
  const timeouts = extensionTimeouts(spec);
  if (timeouts instanceof Fault) tell(timeouts);
  const { protocol = "h2" } = spec;
  const certificate = protocol === "h2" ? clientCertificate(db, "all") : undefined;
  const certificateFault = clientCertificateFault(certificate);
  if (certificateFault !== undefined) tell(certificateFault);
  const loadBalancer = extensionLoadBalancer(spec.loadBalancerPolicy);
  for (const warning of loadBalancer.warnings) tell(warning.under("loadBalancerPolicy"));
  if (spec.timeoutPolicy?.idle) tell(idleIgnored);
  negativeNumbers(spec).forEach(tell);
  const validation = upstreamValidation(db, spec, ref.namespace);
  if (validation instanceof Fault) tell(validation);
  else {
    if (validation !== undefined && protocol !== "h2") tell(inconsistentProtocol(protocol));
    serviceFaults(db, spec, ref.namespace).forEach(tell);
  }
  const failed = diagnostics.some(({ severity }) => severity === "error");
  if (failed || timeouts instanceof Fault || validation instanceof Fault) return { diagnostics };
  return {
    cluster: {
      extension: { namespace: ref.namespace, name: ref.name },
      protocol,
      sni: validation?.subjectNames[0] ?? "",
      loadBalancing: loadBalancer.loadBalancing,
      connectTimeoutMs: setting(db, "connectTimeoutMs"),
      idleConnectionTimeout: timeouts.idleConnection,
      ...(spec.circuitBreakerPolicy === undefined
        ? {}
        : { circuitBreakers: circuitBreakers(spec.circuitBreakerPolicy) }),
      ...(validation === undefined ? {} : { validation }),
      ...(certificate?.ok ? { clientCertificate: certificate.secret } : {}),
    },
    responseTimeout: timeouts.response,
    diagnostics,
  };
}

const idleIgnored = new Fault(
  "SpecError/IgnoredField",
  'ignoring field ".Spec.TimeoutPolicy.Idle"; idle timeouts are not supported for ExtensionClusters',
  "timeoutPolicy.idle",
);

/** The definition lets them pass. */
function negativeNumbers({ services, circuitBreakerPolicy = {} }: Spec): Fault[] {
  const fields = [
    ...services.map(({ weight }, i) => [`services[${i}].weight`, weight] as const),
    ...Object.entries(circuitBreakerPolicy).map(([name, limit]) =>
      [`circuitBreakerPolicy.${name}`, limit] as const
    ),
  ];
  return fields.flatMap(([path, value = 0]) => {
    if (value >= 0) return [];
    const message = `ignoring field ".Spec.${path}"; it is below zero`;
    return [new Fault("SpecError/IgnoredField", message, path)];
  });
}

function extensionTimeouts({ timeoutPolicy: policy }: Spec): Timeouts | Fault {
  const condition = "SpecError/TimeoutPolicyNotValid";
  const timeouts = timeoutPolicy(policy, { field: "spec.timeoutPolicy", condition });
  if (timeouts instanceof Fault) return timeouts.under("timeoutPolicy");
  for (const name of ["response", "idleConnection"] as const) {
    const problem = outOfRange(timeouts[name]);
    if (problem === undefined) continue;
    const message = `spec.timeoutPolicy failed to parse: ${name} ${problem}`;
    return new Fault(condition, message, `timeoutPolicy.${name}`);
  }
  return timeouts;
}

function upstreamValidation(
  db: Db,
  { validation }: Spec,
  namespace: string,
): ExtensionCluster["validation"] | Fault {
  if (validation === undefined) return undefined;
  const caSecret = parseSecretReference(validation.caSecret, namespace);
  const name = `${caSecret.namespace}/${caSecret.name}`;
  if (!secretPermitted(db, { secret: caSecret, namespace })) {
    const message =
      `service.UpstreamValidation.CACertificate Secret "${name}" is not configured for certificate delegation`;
    return new Fault("TLSError/CACertificateNotDelegated", message, "validation.caSecret");
  }
  const bundle = caBundle(db, caSecret);
  if (!bundle.ok) {
    const message =
      `TLS upstream validation policy error: invalid CA Secret "${name}": ${bundle.message}`;
    return new Fault("SpecError/TLSUpstreamValidation", message, "validation.caSecret");
  }
  const { subjectName, subjectNames = [subjectName] } = validation;
  return { caBundle: bundle.pem, subjectNames };
}

function inconsistentProtocol(protocol: string): Fault {
  const message = `upstream TLS validation not supported for "${protocol}" protocol`;
  return new Fault("SpecError/InconsistentProtocol", message, "validation");
}

function serviceFaults(db: Db, { services }: Spec, namespace: string): Fault[] {
  return services.flatMap(({ name, port }, i) => {
    const external = object(db, "Service", { namespace, name })?.spec.externalName;
    const found = servicePort(db, { namespace, service: name, port });
    if (external && (found.ok || found.field === "name")) {
      const message = `Service "${namespace}/${name}" is of unsupported type "ExternalName".`;
      return [new Fault("ServiceError/UnsupportedServiceType", message, `services[${i}].name`)];
    }
    if (found.ok) return [];
    const message = `unresolved service "${namespace}/${name}": ${found.message}`;
    return [
      new Fault(
        "ServiceError/ServiceUnresolvedReference",
        message,
        `services[${i}].${found.field}`,
      ),
    ];
  });
}

interface Share {
  readonly service: string;
  readonly port: number;
  readonly weight: number;
}

/** What each Service gets, by a name of its own: all the same where no weight is above 0. */
function serviceShares(db: Db, ref: ExtensionRef): ReadonlyMap<string, Share> {
  const services = object(db, "ExtensionService", ref)?.spec.services ?? [];
  const isWeighted = services.some(({ weight = 0 }) => weight > 0);
  const shares = new Map<string, Share>();
  for (const { name, port, weight = 0 } of services) {
    const id = `${ref.namespace}/${name}/${port}`;
    const share = (isWeighted ? weight : 1) + (shares.get(id)?.weight ?? 0);
    if (share > 0) shares.set(id, { service: name, port, weight: share });
  }
  return shares;
}

/** Zeros are unset. */
function circuitBreakers(policy: CircuitBreakerPolicy): CircuitBreakers {
  return Object.fromEntries(
    Object.entries(policy).filter(([, limit]) => limit !== undefined && limit > 0),
  );
}
