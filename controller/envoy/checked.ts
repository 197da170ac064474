import { codeNamed, codes, type Condition, type Diagnostic, type ObjectKey } from "../api/mod.ts";
import type { Violation } from "../../proto/mod.ts";

/** Something for Envoy, and what had to be changed about it so that Envoy would take it. */
export interface Checked<T> {
  readonly value: T;
  readonly diagnostics: readonly Diagnostic[];
}

/** The diagnostic for something that Envoy would refuse. */
export function refusalDiagnostic(
  { object, path, type, what, violations, instead }: {
    readonly object: ObjectKey;
    readonly path: string;
    /** Type of the condition in the status. */
    readonly type: Condition["type"];
    /** Completes "Envoy would refuse this …". */
    readonly what: string;
    /** At least one. */
    readonly violations: readonly Violation[];
    /** What is done in its place: "its requests are answered with 503". */
    readonly instead: string;
  },
): Diagnostic {
  const code = codeNamed("EnvoyRule");
  const reasons = violations.map(({ path, message }) =>
    path === "" ? message : `${path} ${message}`
  );
  return {
    code,
    severity: codes[code].severity,
    object,
    path,
    message: `Envoy would refuse this ${what}, so ${instead}: ${[...new Set(reasons)].join("; ")}`,
    // The status of an Ingress has no conditions.
    ...(object.kind === "Ingress" ? {} : { condition: { type, reason: "EnvoyRule" } }),
  };
}
