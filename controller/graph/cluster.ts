import { query } from "../query/mod.ts";
import { setting } from "../store/mod.ts";
import { clientCertificate } from "./client_certificate.ts";
import { loadAssignmentRef } from "./load_assignment.ts";
import type { Cluster, ClusterSpec } from "./model.ts";
import { caBundle } from "./secret.ts";
import { circuitBreakers, servicePort, speaksTls } from "./service.ts";

/**
 * What Envoy has to know of one use of a Service. `undefined` for a moment at most: the Service is
 * gone, and whoever asked for the cluster is about to ask no more.
 */
export const cluster = query("cluster", (db, spec: ClusterSpec): Cluster | undefined => {
  const { namespace, service, port, validation } = spec;
  const byNumber = servicePort(db, { namespace, service, port });
  // An Ingress names a port, which need not be the first of several with its number.
  const found = byNumber.ok && byNumber.portName === spec.portName
    ? byNumber
    : servicePort(db, { namespace, service, port, portName: spec.portName });
  if (!found.ok) return undefined;
  const bundle = validation === undefined ? undefined : caBundle(db, validation.caSecret);
  if (bundle !== undefined && !bundle.ok) return undefined;
  const certificate = speaksTls(spec) ? clientCertificate(db, "all") : undefined;
  return {
    spec,
    discovery: found.externalName === undefined
      ? { kind: "eds", assignment: loadAssignmentRef(spec) }
      : {
        kind: "dns",
        address: found.externalName,
        port,
        ...(spec.healthPort === undefined ? {} : { healthPort: spec.healthPort.port }),
      },
    connectTimeoutMs: setting(db, "connectTimeoutMs"),
    circuitBreakers: circuitBreakers(db, { namespace, service }),
    ...(bundle === undefined ? {} : { caBundle: bundle.pem }),
    ...(certificate?.ok ? { clientCertificate: certificate.secret } : {}),
  };
});
