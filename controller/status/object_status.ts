import { type Diagnostic, isPolicy, keyId, type KubeObject, type ObjectKey } from "../api/mod.ts";
import { extensionViolations, hostFragmentOf } from "../envoy/mod.ts";
import {
  diagnose,
  extensionEvaluation,
  Fault,
  ingressVerdict,
  proxyVerdict,
  rootsAbove,
  virtualHost,
} from "../graph/mod.ts";
import { type Db, query } from "../query/mod.ts";
import { object, objectInput, refusalInput } from "../store/mod.ts";
import { certificateWarnings } from "./certificate_warning.ts";
import {
  type ExtensionServiceStatus,
  extensionServiceStatus,
  type HTTPProxyStatus,
  httpProxyStatus,
  policyConditions,
  type PolicyStatus,
} from "./conditions.ts";
import { policyDiagnostics } from "./policy_status.ts";

/** The verdict on one object: the same for lint, for the status in the cluster and for the log. */
export interface ObjectStatus {
  readonly key: ObjectKey;
  readonly diagnostics: readonly Diagnostic[];
  /** What the cluster would hold of an HTTPProxy. */
  readonly status?: HTTPProxyStatus;
  /** What it would hold of an ExtensionService. */
  readonly extensionStatus?: ExtensionServiceStatus;
  /** What it would hold of a policy of a plugin. */
  readonly policyStatus?: PolicyStatus;
}

/** Whether objects of this kind are judged at all. */
export function hasStatus({ kind }: KubeObject): boolean {
  return kind === "HTTPProxy" || kind === "ExtensionService" || kind === "Ingress" ||
    isPolicy({ kind });
}

/** The status of an object; `undefined` when it is gone, or not of our class. */
export const objectStatus = query(
  "object-status",
  (db, key: ObjectKey): ObjectStatus | undefined => {
    switch (key.kind) {
      case "HTTPProxy":
        return proxyStatus(db, key);
      case "Ingress":
        return ingressStatus(db, key);
      case "ExtensionService":
        return extensionStatus(db, key);
      default:
        return ownPolicyStatus(db, key);
    }
  },
);

/** Without what is found in hosts. */
function ownPolicyStatus(db: Db, key: ObjectKey): ObjectStatus | undefined {
  const found = policyDiagnostics(db, key);
  if (found === undefined) return undefined;
  const diagnostics = [...found, ...refusals(db, key)];
  const generation = db.get(objectInput, key)?.metadata.generation;
  return { key, diagnostics, policyStatus: policyConditions(diagnostics, { generation }) };
}

function proxyStatus(db: Db, key: ObjectKey): ObjectStatus | undefined {
  const verdict = proxyVerdict(db, { namespace: key.namespace, name: key.name });
  const proxy = object(db, "HTTPProxy", key);
  if (verdict === undefined || proxy === undefined) return undefined;
  const diagnostics = [
    ...verdict.diagnostics,
    ...envoyRules(db, key),
    ...rootCertificateWarnings(db, key),
    ...refusals(db, key),
  ];
  const { orphaned } = verdict;
  const { generation } = proxy.metadata;
  return { key, diagnostics, status: httpProxyStatus(diagnostics, { orphaned, generation }) };
}

/** What of this object was held back because Envoy would refuse it, in any host it is part of. */
function envoyRules(db: Db, key: ObjectKey): Diagnostic[] {
  const hosts = rootsAbove(db, key)
    .map((root) => object(db, "HTTPProxy", root)?.spec.virtualhost?.fqdn.toLowerCase())
    .filter((fqdn) => fqdn !== undefined);
  return hosts.flatMap((fqdn) => [...(rulesBroken(db, { fqdn, object: keyId(key) }))]);
}

const rulesBroken = query(
  "rules-broken",
  (
    db,
    { fqdn, object }: { readonly fqdn: string; readonly object: string },
  ): readonly Diagnostic[] => {
    const diagnostics = hostFragmentOf(db, fqdn)?.diagnostics ?? [];
    return diagnostics.filter(({ object: blamed }) =>
      blamed !== undefined && keyId(blamed) === object
    );
  },
);

/** Only of a certificate that is served for the sake of this root. */
function rootCertificateWarnings(db: Db, key: ObjectKey): Diagnostic[] {
  const virtualhost = object(db, "HTTPProxy", key)?.spec.virtualhost;
  if (virtualhost?.tls === undefined) return [];
  const host = virtualHost(db, virtualhost.fqdn.toLowerCase());
  const secure = host?.secure;
  if (host === undefined || secure === undefined || secure.kind === "passthrough") return [];
  if (keyId(host.owner) !== keyId(key)) return [];
  const path = "spec.virtualhost.tls.secretName";
  return certificateWarnings(db, secure.tls.certificate, { object: key, path });
}

/** An Ingress has no conditions in a cluster: what is wrong with it is told in logs and reports. */
function ingressStatus(db: Db, key: ObjectKey): ObjectStatus | undefined {
  const verdict = ingressVerdict(db, { namespace: key.namespace, name: key.name });
  if (verdict === undefined) return undefined;
  const diagnostics = [
    ...verdict.diagnostics,
    ...verdict.hosts.flatMap((fqdn) => [...rulesBroken(db, { fqdn, object: keyId(key) })]),
    ...verdict.certificates.flatMap(({ path, secret }) =>
      certificateWarnings(db, secret, { object: key, path: `${path}.secretName` })
    ),
    ...refusals(db, key),
  ];
  return { key, diagnostics };
}

function refusals(db: Db, key: ObjectKey): Diagnostic[] {
  const refusal = db.get(refusalInput, key);
  if (refusal === undefined) return [];
  return [diagnose({ object: key, path: "" }, new Fault("RefusedByEnvoy", refusal.message))];
}

/** It is judged whether or not somebody uses it. */
function extensionStatus(db: Db, key: ObjectKey): ObjectStatus | undefined {
  const ref = { namespace: key.namespace, name: key.name };
  const evaluation = extensionEvaluation(db, ref);
  if (evaluation === undefined) return undefined;
  const diagnostics = [
    ...evaluation.diagnostics,
    ...extensionViolations(db, ref),
    ...refusals(db, key),
  ];
  const generation = object(db, "ExtensionService", key)?.metadata.generation;
  const status = extensionServiceStatus(diagnostics, { generation });
  return { key, diagnostics, extensionStatus: status };
}
