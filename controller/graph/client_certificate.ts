import { query } from "../query/mod.ts";
import { setting } from "../store/mod.ts";
import { Fault } from "./fault.ts";
import type { SecretRef } from "./model.ts";
import { certificateFacts } from "./secret.ts";

/** The certificate that is shown to Services over TLS, or why there is none although there should. */
export type ClientCertificate =
  | { readonly ok: true; readonly secret: SecretRef }
  | { readonly ok: false; readonly message: string };

/**
 * The configured client certificate; `undefined` when none is. A new one in the same Secret is no
 * change: clusters refer to it by name.
 */
export const clientCertificate = query(
  "client-certificate",
  (db, _all: "all"): ClientCertificate | undefined => {
    const configured = setting(db, "clientCertificate");
    if (configured === undefined) return undefined;
    const secret = { namespace: configured.namespace, name: configured.name };
    const facts = certificateFacts(db, secret);
    if (facts.ok) return { ok: true, secret };
    const name = `${secret.namespace}/${secret.name}`;
    return {
      ok: false,
      message: `tls.envoy-client-certificate Secret "${name}" is invalid: ${facts.message}`,
    };
  },
);

/** What is told of those who would be spoken to without the certificate they may ask for. */
export function clientCertificateFault(
  certificate: ClientCertificate | undefined,
): Fault | undefined {
  return certificate === undefined || certificate.ok
    ? undefined
    : new Fault("TLSError/SecretNotValid", certificate.message);
}
