import { X509Certificate } from "node:crypto";
import { keyOf, type ObjectKey, parseSecretReference, type Secret } from "../controller/api/mod.ts";
import type { RuleContext } from "./rule.ts";

/** Every place where a host names a Secret of the files whose certificate can be read. */
export function* servedCertificates({ ofKind, get }: RuleContext): Iterable<ServedCertificate> {
  for (const proxy of ofKind("HTTPProxy")) {
    const { fqdn, tls } = proxy.spec.virtualhost ?? {};
    if (fqdn === undefined || !tls?.secretName) continue;
    const secret = get("Secret", parseSecretReference(tls.secretName, proxy.metadata.namespace));
    const path = "spec.virtualhost.tls.secretName";
    yield* served(secret, { object: keyOf(proxy), path, hosts: [fqdn] });
  }
  for (const ingress of ofKind("Ingress")) {
    for (const [i, { hosts = [], secretName = "" }] of (ingress.spec.tls ?? []).entries()) {
      const secret = get("Secret", { namespace: ingress.metadata.namespace, name: secretName });
      yield* served(secret, { object: keyOf(ingress), path: `spec.tls[${i}].secretName`, hosts });
    }
  }
}

/** A certificate, and who asks for it. */
export interface ServedCertificate {
  readonly object: ObjectKey;
  readonly path: string;
  readonly hosts: readonly string[];
  readonly secret: ObjectKey;
  readonly notAfterMs: number;
  /** The names it is good for, lower case; `*.example.com` for one label more. */
  readonly names: readonly string[];
}

function* served(
  secret: Secret | undefined,
  user: Pick<ServedCertificate, "object" | "path" | "hosts">,
): Iterable<ServedCertificate> {
  const certificate = secret === undefined ? undefined : leaf(secret);
  if (secret === undefined || certificate === undefined) return;
  const { validTo, subjectAltName, subject } = certificate;
  const alternative = [...(subjectAltName ?? "").matchAll(/DNS:([^,\s]+)/g)].map(([, name]) =>
    name
  );
  // Browsers look at the common name no more; it counts only to say what the certificate is for.
  const common = /(?:^|\n)CN=\s*(\S+)/.exec(subject ?? "")?.[1];
  const names = alternative.length > 0 ? alternative : [common];
  yield {
    ...user,
    secret: keyOf(secret),
    notAfterMs: Date.parse(validTo),
    names: names.flatMap((name) => name === undefined ? [] : [name.toLowerCase()]),
  };
}

function leaf({ data = {} }: Secret): X509Certificate | undefined {
  try {
    return new X509Certificate(atob((data["tls.crt"] ?? "").replace(/\s/g, "")));
  } catch {
    return undefined;
  }
}
