import { type Diagnostic, keyId, keyOf, type KubeObject, type ObjectKey } from "../api/mod.ts";
import { hostFragmentOf } from "../envoy/mod.ts";
import {
  certificateFacts,
  diagnose,
  Fault,
  inClass,
  proxyVerdict,
  rootsAbove,
  virtualHost,
} from "../graph/mod.ts";
import { type Db, query } from "../query/mod.ts";
import { object, refusalInput, setting } from "../store/mod.ts";
import { type HTTPProxyStatus, httpProxyStatus } from "./conditions.ts";

/** The verdict on one object: the same for lint, for the status in the cluster and for the log. */
export interface ObjectStatus {
  readonly key: ObjectKey;
  readonly diagnostics: readonly Diagnostic[];
  /** What the cluster would hold; only HTTPProxies have one so far. */
  readonly status?: HTTPProxyStatus;
}

/** Whether objects of this kind are judged at all. */
export function hasStatus({ kind }: KubeObject): boolean {
  return kind === "HTTPProxy" || kind === "ExtensionService" || kind === "Ingress";
}

/** The status of an object; `undefined` when it is gone, or not of our class. */
export const objectStatus = query(
  "object-status",
  (db, key: ObjectKey): ObjectStatus | undefined => {
    switch (key.kind) {
      case "HTTPProxy":
        return proxyStatus(db, key);
      case "Ingress":
      case "ExtensionService":
        return unsupportedKind(db, key);
      default:
        return undefined;
    }
  },
);

function proxyStatus(db: Db, key: ObjectKey): ObjectStatus | undefined {
  const verdict = proxyVerdict(db, { namespace: key.namespace, name: key.name });
  const proxy = object(db, "HTTPProxy", key);
  if (verdict === undefined || proxy === undefined) return undefined;
  const diagnostics = [
    ...verdict.diagnostics,
    ...envoyRules(db, key),
    ...certificateWarnings(db, key),
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

/** A certificate past its last day is served, since late is more use than none, and warned of. */
function certificateWarnings(db: Db, key: ObjectKey): Diagnostic[] {
  const fqdn = object(db, "HTTPProxy", key)?.spec.virtualhost?.fqdn.toLowerCase();
  const host = fqdn === undefined ? undefined : virtualHost(db, fqdn);
  const secure = host?.secure;
  if (secure === undefined || secure.kind === "passthrough") return [];
  const facts = certificateFacts(db, secure.tls.certificate);
  const nowMs = setting(db, "nowMs");
  if (!facts.ok || nowMs === 0) return [];
  const { namespace, name } = secure.tls.certificate;
  const warn = (fault: Fault) => [
    diagnose({ object: key, path: "spec.virtualhost.tls.secretName" }, fault),
  ];
  const { notAfterMs, notBeforeMs } = facts.facts;
  if (nowMs > notAfterMs) {
    const day = new Date(notAfterMs).toISOString();
    return warn(
      new Fault(
        "CertificateExpired",
        `certificate in Secret "${namespace}/${name}" expired at ${day}`,
      ),
    );
  }
  if (nowMs < notBeforeMs) {
    const day = new Date(notBeforeMs).toISOString();
    return warn(
      new Fault(
        "CertificateExpired",
        `certificate in Secret "${namespace}/${name}" is not valid before ${day}`,
      ),
    );
  }
  return [];
}

function refusals(db: Db, key: ObjectKey): Diagnostic[] {
  const refusal = db.get(refusalInput, key);
  if (refusal === undefined) return [];
  return [diagnose({ object: key, path: "" }, new Fault("RefusedByEnvoy", refusal.message))];
}

function unsupportedKind(db: Db, key: ObjectKey): ObjectStatus | undefined {
  const found = key.kind === "Ingress"
    ? object(db, "Ingress", key)
    : object(db, "ExtensionService", key);
  if (found === undefined) return undefined;
  if (found.kind === "Ingress" && !inClass(db, found)) return undefined;
  const fault = new Fault(
    "KindNotYetSupported",
    `${found.kind} is not carried out by this version`,
  );
  return { key, diagnostics: [diagnose({ object: keyOf(found), path: "" }, fault)] };
}
