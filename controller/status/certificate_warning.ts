import { type Diagnostic, type ObjectKey } from "../api/mod.ts";
import { certificateFacts, diagnose, Fault, type SecretRef } from "../graph/mod.ts";
import type { Db } from "../query/mod.ts";
import { setting } from "../store/mod.ts";

/**
 * A certificate past its last day is served, since late is more use than none, and warned of; so is
 * one whose time has not come. `path` is where the object names the Secret.
 */
export function certificateWarnings(
  db: Db,
  secret: SecretRef,
  { object, path }: { readonly object: ObjectKey; readonly path: string },
): Diagnostic[] {
  const facts = certificateFacts(db, secret);
  const nowMs = setting(db, "nowMs");
  if (!facts.ok || nowMs === 0) return [];
  const { notAfterMs, notBeforeMs } = facts.facts;
  const problem = nowMs > notAfterMs
    ? `expired at ${new Date(notAfterMs).toISOString()}`
    : nowMs < notBeforeMs
    ? `is not valid before ${new Date(notBeforeMs).toISOString()}`
    : undefined;
  if (problem === undefined) return [];
  const message = `certificate in Secret "${secret.namespace}/${secret.name}" ${problem}`;
  return [diagnose({ object, path }, new Fault("CertificateExpired", message))];
}
