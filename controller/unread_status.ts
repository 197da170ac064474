import { codes, type Diagnostic, isPolicyKind, type ObjectKey } from "./api/mod.ts";
import { isOurClass } from "./graph/mod.ts";
import type { UnreadObject } from "./kube/mod.ts";
import {
  type ExtensionServiceStatus,
  extensionServiceStatus,
  type HTTPProxyStatus,
  httpProxyStatus,
  policyConditions,
  type PolicyStatus,
} from "./status/mod.ts";

/**
 * What the cluster is told of an object that cannot be read, though what is served is its last form
 * that could. `undefined`: nothing, as it is of a kind without conditions or of another class.
 */
export function unreadStatus(
  { kind }: ObjectKey,
  unread: UnreadObject,
  ingressClassNames: readonly string[],
): HTTPProxyStatus | ExtensionServiceStatus | PolicyStatus | undefined {
  const { generation } = unread;
  const diagnostics = unread.problems.map(withCondition);
  switch (kind) {
    case "HTTPProxy":
      return isOurClass(ingressClassNames, unread)
        ? httpProxyStatus(diagnostics, { orphaned: false, generation })
        : undefined;
    case "ExtensionService":
      return extensionServiceStatus(diagnostics, { generation });
    default:
      return isPolicyKind(kind) ? policyConditions(diagnostics, { generation }) : undefined;
  }
}

/** Reading knows no conditions; in one the reason is what codes.md calls it. */
function withCondition(diagnostic: Diagnostic): Diagnostic {
  const { code, path, message } = diagnostic;
  const at = path === "" ? message : `${path}: ${message}`;
  return {
    ...diagnostic,
    message: at,
    condition: { type: "SpecError", reason: codes[code].name.replace(/^.*\//, "") },
  };
}
