import type { Diagnostic } from "../api/mod.ts";

/** The status of an HTTPProxy as it stands in a cluster, but for times and addresses. */
export interface HTTPProxyStatus {
  readonly currentStatus: "valid" | "invalid" | "orphaned";
  readonly description: string;
  readonly conditions: readonly [ValidCondition];
}

/** The status of an ExtensionService as it stands in a cluster, but for times. */
export interface ExtensionServiceStatus {
  readonly conditions: readonly [ValidCondition];
}

/** The status of a policy of a plugin as it stands in a cluster, but for times. */
export interface PolicyStatus {
  readonly conditions: readonly [ValidCondition];
}

/** The one condition Contour writes. */
export interface ValidCondition {
  readonly type: "Valid";
  readonly status: "True" | "False";
  readonly reason: "Valid" | "ErrorPresent";
  readonly message: string;
  readonly observedGeneration?: number;
  readonly errors?: readonly SubCondition[];
  readonly warnings?: readonly SubCondition[];
}

/** One entry of `errors` or `warnings`. */
export interface SubCondition {
  readonly type: string;
  readonly status: "True";
  readonly reason: string;
  readonly message: string;
}

/**
 * The status that follows from what is wrong with an object. Warnings alone leave it valid.
 * See https://projectcontour.io/docs/main/config/fundamentals/
 */
export function httpProxyStatus(
  diagnostics: readonly Diagnostic[],
  { orphaned, generation }: { readonly orphaned: boolean; readonly generation: number | undefined },
): HTTPProxyStatus {
  const condition = validCondition("HTTPProxy", diagnostics, generation);
  const orphan = condition.errors?.find(({ type }) => type === "Orphaned");
  if (orphaned && orphan !== undefined) {
    return { currentStatus: "orphaned", description: orphan.message, conditions: [condition] };
  }
  return {
    currentStatus: condition.status === "True" ? "valid" : "invalid",
    description: condition.message,
    conditions: [condition],
  };
}

/** The same for an ExtensionService. */
export function extensionServiceStatus(
  diagnostics: readonly Diagnostic[],
  { generation }: { readonly generation: number | undefined },
): ExtensionServiceStatus {
  return { conditions: [validCondition("ExtensionService", diagnostics, generation)] };
}

/** The same for a policy of a plugin. */
export function policyConditions(
  diagnostics: readonly Diagnostic[],
  { generation }: { readonly generation: number | undefined },
): PolicyStatus {
  return { conditions: [validCondition("policy", diagnostics, generation)] };
}

function validCondition(
  kind: "HTTPProxy" | "ExtensionService" | "policy",
  diagnostics: readonly Diagnostic[],
  generation: number | undefined,
): ValidCondition {
  const errors = subConditions(diagnostics, "error");
  const warnings = subConditions(diagnostics, "warning");
  const valid = errors.length === 0;
  return {
    type: "Valid",
    status: valid ? "True" : "False",
    reason: valid ? "Valid" : "ErrorPresent",
    message: valid ? `Valid ${kind}` : "At least one error present, see Errors for details",
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(errors.length === 0 ? {} : { errors }),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

function subConditions(
  diagnostics: readonly Diagnostic[],
  severity: Diagnostic["severity"],
): SubCondition[] {
  return diagnostics.flatMap((diagnostic) => {
    if (diagnostic.severity !== severity || diagnostic.condition === undefined) return [];
    const { type, reason } = diagnostic.condition;
    return [{ type, status: "True" as const, reason, message: truncated(diagnostic.message) }];
  });
}

/** The API server takes 32768 bytes; Contour stops a little earlier. */
function truncated(message: string): string {
  const bytes = new TextEncoder().encode(message);
  if (bytes.length <= maximumMessageBytes) return message;
  return new TextDecoder().decode(bytes.slice(0, maximumMessageBytes)).replace(/\uFFFD+$/, "");
}

const maximumMessageBytes = 32_760;
