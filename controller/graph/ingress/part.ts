import type { Diagnostic } from "../../api/mod.ts";
import { type Db, query } from "../../query/mod.ts";
import { setting } from "../../store/mod.ts";
import { clientCertificate, clientCertificateFault } from "../client_certificate.ts";
import { diagnose, Fault } from "../fault.ts";
import type { ClusterSpec, Origin, Route, TlsTermination } from "../model.ts";
import { noHeaders } from "../policy/headers.ts";
import { type TargetHeaders, targetHeaders } from "../policy/target_headers.ts";
import { matchText } from "../route_order.ts";
import { certificateFacts, secretPermitted } from "../secret.ts";
import { speaksTls } from "../service.ts";
import { backendCluster } from "./backend.ts";
import {
  type CompiledIngress,
  compiledIngress,
  type IngressPath,
  type IngressTls,
} from "./compiled_ingress.ts";

/** What one Ingress has to give to one host. */
export interface IngressPart {
  readonly createdMs: number;
  /** One for each match; in no order that matters. */
  readonly routes: readonly Route[];
  /** Absent: the Ingress has no certificate for the host that can be served. */
  readonly tls?: IngressTermination;
  readonly diagnostics: readonly Diagnostic[];
}

/** How an Ingress ends TLS, and where it says so. */
export interface IngressTermination {
  readonly termination: TlsTermination;
  readonly origin: Origin;
}

/**
 * The part of an Ingress that is about one host; `undefined` when none is. A query of its own, so
 * that the other hosts of the Ingress have nothing to do with its Services and Secrets.
 */
export const ingressPart = query(
  "ingress-part",
  (
    db,
    { namespace, name, fqdn }: {
      readonly namespace: string;
      readonly name: string;
      readonly fqdn: string;
    },
  ): IngressPart | undefined => {
    const ingress = compiledIngress(db, { namespace, name });
    const rules = ingress?.hosts.get(fqdn);
    if (ingress === undefined || rules === undefined) return undefined;
    const diagnostics: Diagnostic[] = [];
    const tell = (path: string, fault: Fault) =>
      diagnostics.push(diagnose({ object: ingress.key, path }, fault));
    const routes = partRoutes(db, ingress, rules.paths, tell);
    let tls: IngressTermination | undefined;
    for (const entry of rules.tls) {
      const termination = tlsTermination(db, ingress, entry);
      if (termination instanceof Fault) tell(entry.path, termination);
      else tls = { termination, origin: { object: ingress.key, path: entry.path } };
    }
    const { createdMs } = ingress;
    return { createdMs, routes, ...(tls === undefined ? {} : { tls }), diagnostics };
  },
);

type Tell = (path: string, fault: Fault) => void;

function partRoutes(
  db: Db,
  ingress: CompiledIngress,
  paths: readonly IngressPath[],
  tell: Tell,
): Route[] {
  const byMatch = new Map<string, Route>();
  for (const path of paths) {
    const cluster = backendCluster(db, ingress.key.namespace, path.backend);
    if (cluster instanceof Fault) {
      // No 503 as for an HTTPProxy: Contour leaves the path to a broader one, and users count on it.
      tell(path.backendPath, cluster);
      continue;
    }
    const text = matchText(path.match);
    const earlier = byMatch.get(text)?.origin.path;
    if (earlier !== undefined && earlier !== "spec.defaultBackend") {
      tell(earlier, new Fault("IngressConflict", `replaced by ${path.path}, which comes later`));
    }
    const certificate = speaksTls(cluster)
      ? clientCertificateFault(clientCertificate(db, "all"))
      : undefined;
    if (certificate !== undefined) {
      tell(path.backendPath, new Fault("IngressBackendNotSupported", certificate.message));
      continue;
    }
    const headers = defaultHeaders(db, cluster);
    const { timeout, retry, plain } = ingress.policy;
    byMatch.set(text, {
      match: path.match,
      action: {
        kind: "forward",
        clusters: [{
          cluster,
          weight: 1,
          requestHeaders: headers.request,
          responseHeaders: headers.response,
          ...(headers.host === undefined ? {} : { hostRewrite: headers.host }),
        }],
        mirrors: [],
        timeout,
        idleTimeout: { kind: "default" },
        ...(retry === undefined ? {} : { retry }),
        hashPolicies: [],
        websockets: path.websockets,
        requestHeaders: noHeaders.mutation,
        responseHeaders: noHeaders.mutation,
      },
      plain,
      origin: { object: ingress.key, path: path.path },
    });
  }
  return [...byMatch.values()];
}

/** The configured defaults, where they hold for Ingresses. The configuration is refused with bad ones. */
function defaultHeaders(db: Db, target: ClusterSpec): TargetHeaders {
  const defaults = setting(db, "defaultHeaders");
  const headers = defaults.applyToIngress ? targetHeaders(target, {}, defaults) : undefined;
  if (headers !== undefined && !(headers instanceof Fault)) return headers;
  return { request: noHeaders.mutation, response: noHeaders.mutation };
}

function tlsTermination(
  db: Db,
  { key: { namespace }, policy: { tlsVersions } }: CompiledIngress,
  { secret }: IngressTls,
): TlsTermination | Fault {
  const name = `${secret.namespace}/${secret.name}`;
  const fault = (message: string) =>
    new Fault("IngressTLSNotValid", `Secret "${name}" ${message}`, "secretName");
  if (!secretPermitted(db, { secret, namespace })) {
    return fault("belongs to another namespace that has not delegated it");
  }
  const facts = certificateFacts(db, secret);
  if (!facts.ok) return fault(`is invalid: ${facts.message}`);
  return {
    certificate: secret,
    minimumVersion: tlsVersions?.minimum ?? "1.2",
    maximumVersion: tlsVersions?.maximum ?? "1.3",
  };
}
