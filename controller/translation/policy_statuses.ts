import { type Diagnostic, isPolicyKind, keyId, type ObjectKey } from "../api/mod.ts";
import { type ObjectStatus, policyStatus } from "../status/mod.ts";

/**
 * The statuses of policies: what is wrong with one by itself, and in the hosts that it reaches. They
 * come from two sides, so that the status of a policy for a namespace does not have to look at all
 * the hosts there.
 */
export class PolicyStatuses {
  readonly #own = new Map<string, ObjectStatus>();

  /** Notes what is wrong with a policy by itself. */
  set(status: ObjectStatus): void {
    this.#own.set(keyId(status.key), status);
  }

  /** The policy is gone. */
  delete(id: string): void {
    this.#own.delete(id);
  }

  /** The status of a policy that is there, with what was noticed of it in hosts. */
  whole(key: ObjectKey, noticed: readonly Diagnostic[]): ObjectStatus | undefined {
    const own = this.#own.get(keyId(key));
    return own === undefined ? undefined : policyStatus(own, noticed);
  }
}

/** What of the diagnostics of a host stands in no other status: that of policies and Namespaces. */
export function noticed(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter(({ object }) =>
    object !== undefined && (isPolicyKind(object.kind) || object.kind === "Namespace")
  );
}
