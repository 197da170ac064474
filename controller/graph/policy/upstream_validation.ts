import { parseSecretReference } from "../../api/mod.ts";
import type { Db } from "../../query/mod.ts";
import { Fault } from "../fault.ts";
import type { UpstreamValidation } from "../model.ts";
import { caBundle, secretPermitted } from "../secret.ts";
import type { ProxyService } from "../http_proxy/spec.ts";

/** How the certificate of a service is checked, or why that cannot be done. */
export function upstreamValidation(
  db: Db,
  service: ProxyService,
  namespace: string,
): UpstreamValidation | Fault | undefined {
  const { validation, name, port } = service;
  if (validation === undefined) return undefined;
  const caSecret = parseSecretReference(validation.caSecret, namespace);
  const fault = (message: string, path: string) =>
    new Fault(
      "ServiceError/TLSUpstreamValidation",
      `Service [${name}:${port}] TLS upstream validation policy error: ${message}`,
      path,
    );
  if (!secretPermitted(db, { secret: caSecret, namespace })) {
    const secret = `${caSecret.namespace}/${caSecret.name}`;
    return new Fault(
      "TLSError/CACertificateNotDelegated",
      `service.UpstreamValidation.CACertificate Secret "${secret}" is not configured for certificate delegation`,
      "validation.caSecret",
    );
  }
  const bundle = caBundle(db, caSecret);
  if (!bundle.ok) {
    const secret = `${caSecret.namespace}/${caSecret.name}`;
    return fault(`invalid CA Secret "${secret}": ${bundle.message}`, "validation.caSecret");
  }
  if (validation.subjectName === "") {
    return fault("missing subject alternative name", "validation.subjectName");
  }
  const subjectNames = validation.subjectNames ?? [];
  if (subjectNames.length > 0 && subjectNames[0] !== validation.subjectName) {
    const message = `first entry of SubjectNames (${
      subjectNames[0]
    }) does not match SubjectName (${validation.subjectName})`;
    return fault(message, "validation.subjectNames[0]");
  }
  return {
    caSecret,
    subjectNames: subjectNames.length > 0 ? subjectNames : [validation.subjectName],
  };
}
