import type { Secret } from "../api/mod.ts";
import { type Db, query } from "../query/mod.ts";
import { bucket, object, secretNamespaces, setting } from "../store/mod.ts";
import {
  caBundleProblem,
  type CertificateFacts,
  keyPair,
  plainPem,
  revocationListProblem,
} from "./certificate.ts";
import { type KeySetResult, usableKeys } from "./jwks.ts";
import type { SecretRef, ServingCertificate } from "./model.ts";

/** Facts of a usable certificate, or why the Secret holds none. Never bytes of the key. */
export type CertificateResult =
  | { readonly ok: true; readonly facts: CertificateFacts }
  | { readonly ok: false; readonly message: string };

/** Whether a Secret can serve as certificate, and what the certificate says of itself. */
export const certificateFacts = query(
  "certificate-facts",
  (db, ref: SecretRef): CertificateResult => {
    const data = certificateData(seenSecret(db, ref));
    return data.ok ? keyPair(data.certificateChain, data.privateKey) : data;
  },
);

/** The certificate and key Envoy serves; `undefined` when the Secret is unusable. */
export const servingCertificate = query(
  "serving-certificate",
  (db, ref: SecretRef): ServingCertificate | undefined => {
    if (!certificateFacts(db, ref).ok) return undefined;
    const data = certificateData(seenSecret(db, ref));
    if (!data.ok) return undefined;
    const { certificateChain, privateKey } = data;
    return { certificateChain: plainPem(certificateChain), privateKey: plainPem(privateKey) };
  },
);

/** The PEM bundle under `ca.crt`, or why there is none. */
export type CaBundleResult =
  | { readonly ok: true; readonly pem: string }
  | { readonly ok: false; readonly message: string };

/** The certificates a peer is checked against. */
export const caBundle = query("ca-bundle", (db, ref: SecretRef): CaBundleResult => {
  const secret = seenSecret(db, ref);
  const problem = typeProblem(secret);
  if (secret === undefined || problem !== undefined) {
    return { ok: false, message: problem ?? "Secret not found" };
  }
  const pem = text(secret, "ca.crt");
  if (pem === undefined || pem === "") return { ok: false, message: `empty "ca.crt" key` };
  const bundleProblem = caBundleProblem(pem);
  if (bundleProblem === undefined) return { ok: true, pem: plainPem(pem) };
  return { ok: false, message: `invalid CA certificate bundle: ${bundleProblem}` };
});

/** The revocation lists that certificates of clients are looked up in. */
export const revocationLists = query("revocation-lists", (db, ref: SecretRef): CaBundleResult => {
  const secret = seenSecret(db, ref);
  const problem = typeProblem(secret);
  if (secret === undefined || problem !== undefined) {
    return { ok: false, message: problem ?? "Secret not found" };
  }
  const pem = text(secret, "crl.pem");
  if (pem === undefined || pem === "") return { ok: false, message: `empty "crl.pem" key` };
  const listProblem = revocationListProblem(pem);
  return listProblem === undefined
    ? { ok: true, pem: plainPem(pem) }
    : { ok: false, message: listProblem };
});

/** The keys that tokens are checked with, from a Secret that holds them under `key`. */
export const jsonWebKeySet = query(
  "json-web-key-set",
  (db, { key, ...ref }: SecretRef & { readonly key: string }): KeySetResult => {
    const secret = seenSecret(db, { namespace: ref.namespace, name: ref.name });
    if (secret === undefined) return { ok: false, message: "Secret not found" };
    if (secret.type !== "Opaque") return { ok: false, message: `secret type is not "Opaque"` };
    const jwks = text(secret, key);
    if (jwks === undefined || jwks === "") return { ok: false, message: `empty "${key}" key` };
    const keys = usableKeys(jwks);
    if (keys.ok) return keys;
    return { ok: false, message: `invalid JWKS under "${key}": ${keys.message}` };
  },
);

/** Whether objects of `namespace` may refer to the Secret: it is theirs, or delegated to them. */
export const secretPermitted = query(
  "secret-permitted",
  (db, { secret, namespace }: { readonly secret: SecretRef; readonly namespace: string }) => {
    if (secret.namespace === namespace) return true;
    const name = `${secret.namespace}/${secret.name}`;
    return bucket(db, "delegation-by-secret", name).some((key) =>
      object(db, "TLSCertificateDelegation", key)?.spec.delegations.some((delegation) =>
        delegation.secretName === secret.name &&
        (delegation.targetNamespaces.includes(namespace) ||
          // As in Contour, the star counts only when it stands alone.
          (delegation.targetNamespaces.length === 1 && delegation.targetNamespaces[0] === "*"))
      ) === true
    );
  },
);

/**
 * The Secret, if it is where we look for Secrets. A cluster is not asked for others, and files that
 * hold them must not come to more than the cluster would.
 */
function seenSecret(db: Db, ref: SecretRef): Secret | undefined {
  const namespaces = seenNamespaces(db, "all");
  if (namespaces.length > 0 && !namespaces.includes(ref.namespace)) return undefined;
  return object(db, "Secret", ref);
}

const seenNamespaces = query("seen-secret-namespaces", (db, _all: "all") =>
  secretNamespaces({
    rootNamespaces: setting(db, "rootNamespaces"),
    fallbackCertificate: setting(db, "fallbackCertificate"),
    clientCertificate: setting(db, "clientCertificate"),
  }));

type CertificateData =
  | { readonly ok: true; readonly certificateChain: string; readonly privateKey: string }
  | { readonly ok: false; readonly message: string };

function certificateData(secret: Secret | undefined): CertificateData {
  const problem = typeProblem(secret);
  if (secret === undefined || problem !== undefined) {
    return { ok: false, message: problem ?? "Secret not found" };
  }
  const certificateChain = text(secret, "tls.crt");
  if (certificateChain === undefined) return { ok: false, message: "missing TLS certificate" };
  const privateKey = text(secret, "tls.key");
  if (privateKey === undefined) return { ok: false, message: "missing TLS private key" };
  return { ok: true, certificateChain, privateKey };
}

function typeProblem(secret: Secret | undefined): string | undefined {
  if (secret === undefined) return "Secret not found";
  return secret.type === "kubernetes.io/tls" || secret.type === "Opaque"
    ? undefined
    : `secret type is not "kubernetes.io/tls" or "Opaque"`;
}

function text(secret: Secret, key: string): string | undefined {
  const data = secret.data;
  if (data === undefined || !Object.hasOwn(data, key)) return undefined;
  const base64 = data[key];
  if (base64 === undefined) return undefined;
  const binary = atob(base64.replace(/[\r\n]/g, ""));
  return new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)));
}
