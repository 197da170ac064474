import { type DownstreamValidation, parseSecretReference } from "../../api/mod.ts";
import type { Db } from "../../query/mod.ts";
import { Fault } from "../fault.ts";
import type { ClientValidation, SecretRef } from "../model.ts";
import { caBundle, revocationLists, secretPermitted } from "../secret.ts";

/** How certificates of clients are checked, or why they cannot be; see {@link lacksAuthority} too. */
export function clientValidation(
  db: Db,
  policy: DownstreamValidation,
  namespace: string,
): ClientValidation | Fault {
  const skip = policy.skipClientCertValidation ?? false;
  const ca = policy.caSecret === undefined
    ? undefined
    : referenced(db, policy.caSecret, namespace, { kind: "CA", field: "caSecret", read: caBundle });
  if (ca instanceof Fault) return ca;
  const crl = policy.crlSecret === undefined ? undefined : referenced(
    db,
    policy.crlSecret,
    namespace,
    { kind: "CRL", field: "crlSecret", read: revocationLists },
  );
  if (crl instanceof Fault) return crl;
  if (crl !== undefined && ca === undefined && skip) {
    // Envoy refuses revocation lists without the certificates they belong to.
    const message =
      "Spec.VirtualHost.TLS client validation is invalid: CRL Secret needs a CA Secret beside it";
    return new Fault("TLSError/ClientValidationInvalid", message, "clientValidation.crlSecret");
  }
  const forward = policy.forwardClientCertificate;
  return {
    ...(ca === undefined ? {} : { caBundle: ca }),
    acceptUntrusted: skip,
    required: !(policy.optionalClientCertificate ?? false),
    ...(crl === undefined
      ? {}
      : { revocation: { lists: crl, leafOnly: policy.crlOnlyVerifyLeafCert ?? false } }),
    ...(forward === undefined ? {} : {
      forward: {
        subject: forward.subject ?? false,
        cert: forward.cert ?? false,
        chain: forward.chain ?? false,
        dns: forward.dns ?? false,
        uri: forward.uri ?? false,
      },
    }),
  };
}

/**
 * Whether certificates are asked for, and nobody can tell which are good. Contour tells of it and
 * serves the host with no CA; Envoy then asks nobody for a certificate and lets everyone in. Here the
 * host is not served over TLS.
 */
export function lacksAuthority(policy: DownstreamValidation | undefined): boolean {
  return policy !== undefined && !policy.caSecret && !policy.skipClientCertValidation;
}

/** What is told of a host that {@link lacksAuthority}. */
export const authorityMissing = new Fault(
  "TLSError/ClientValidationInvalid",
  "Spec.VirtualHost.TLS client validation is invalid: CA Secret must be specified",
  "clientValidation",
);

interface Reference {
  readonly kind: "CA" | "CRL";
  readonly field: string;
  readonly read: (db: Db, ref: SecretRef) => PemResult;
}

type PemResult =
  | { readonly ok: true; readonly pem: string }
  | { readonly ok: false; readonly message: string };

function referenced(
  db: Db,
  reference: string,
  namespace: string,
  { kind, field, read }: Reference,
): string | Fault {
  const secret = parseSecretReference(reference, namespace);
  const path = `clientValidation.${field}`;
  if (!secretPermitted(db, { secret, namespace })) {
    const message =
      `Spec.VirtualHost.TLS ${kind} Secret "${reference}" is invalid: certificate delegation not permitted`;
    return new Fault("TLSError/DelegationNotPermitted", message, path);
  }
  const result = read(db, secret);
  if (result.ok) return result.pem;
  const name = `${secret.namespace}/${secret.name}`;
  const message =
    `Spec.VirtualHost.TLS client validation is invalid: invalid ${kind} Secret "${name}": ${result.message}`;
  return new Fault("TLSError/ClientValidationInvalid", message, path);
}
