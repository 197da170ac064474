import type { Db } from "../../query/mod.ts";
import { setting } from "../../store/mod.ts";
import { Fault } from "../fault.ts";
import type { SecretRef } from "../model.ts";
import { certificateFacts, secretPermitted } from "../secret.ts";

/**
 * The certificate that the administrator configured for clients who name no host, or why a host of
 * `namespace` cannot be served with it.
 */
export function fallbackCertificate(db: Db, namespace: string): SecretRef | Fault {
  const configured = setting(db, "fallbackCertificate");
  if (configured === undefined) {
    const message =
      "Spec.Virtualhost.TLS enabled fallback but the fallback Certificate Secret is not configured in Contour configuration file";
    return new Fault("TLSError/FallbackNotPresent", message, "enableFallbackCertificate");
  }
  const secret = { namespace: configured.namespace, name: configured.name };
  const name = `${secret.namespace}/${secret.name}`;
  if (!secretPermitted(db, { secret, namespace })) {
    const message =
      `Spec.VirtualHost.TLS Secret "${name}" is not configured for certificate delegation`;
    return new Fault("TLSError/FallbackNotDelegated", message, "enableFallbackCertificate");
  }
  const facts = certificateFacts(db, secret);
  if (facts.ok) return secret;
  const message =
    `Spec.Virtualhost.TLS Secret "${name}" fallback certificate is invalid: ${facts.message}`;
  return new Fault("TLSError/FallbackNotValid", message, "enableFallbackCertificate");
}
