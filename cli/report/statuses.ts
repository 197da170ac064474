import { dump } from "js-yaml";
import type { Paint } from "../../command_line/mod.ts";
import { apiVersionOf, type ObjectKey } from "../../controller/api/mod.ts";
import type { HTTPProxyStatus, PolicyStatus } from "../../controller/status/mod.ts";
import { policyItems, type PolicyRow } from "./policy_statuses.ts";

/** One object as `contour status` shows it. */
export interface StatusRow {
  readonly key: ObjectKey;
  /** Empty for an HTTPProxy that others include. */
  readonly fqdn: string;
  /** Empty without TLS. */
  readonly tlsSecret: string;
  readonly verdict:
    | { readonly kind: "judged"; readonly status: HTTPProxyStatus }
    /** An API server would not have taken it, so it has no status. */
    | { readonly kind: "rejected"; readonly reason: string };
}

/** The columns of `kubectl get httpproxy --all-namespaces`. Ends with a newline unless empty. */
export function statusTable(rows: readonly StatusRow[], paint: Paint): string {
  if (rows.length === 0) return "";
  const cells = rows.map(({ key, fqdn, tlsSecret, verdict }) => [
    key.namespace,
    key.name,
    fqdn,
    tlsSecret,
    verdict.kind === "judged" ? verdict.status.currentStatus : "rejected",
    verdict.kind === "judged" ? verdict.status.description : verdict.reason,
  ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0))
  );
  const line = (row: readonly string[]) =>
    row.map((cell, column) => {
      const padding = " ".repeat(
        column === row.length - 1 ? 0 : (widths[column] ?? 0) - cell.length,
      );
      return `${column === statusColumn ? painted(cell, paint) : cell}${padding}`;
    }).join("   ");
  return `${[header, ...cells].map(line).join("\n")}\n`;
}

const header = ["NAMESPACE", "NAME", "FQDN", "TLS SECRET", "STATUS", "STATUS DESCRIPTION"];
const statusColumn = header.indexOf("STATUS");

function painted(status: string, paint: Paint): string {
  switch (status) {
    case "valid":
      return paint.green(status);
    case "STATUS":
      return status;
    default:
      return paint.red(status);
  }
}

/**
 * The objects with their status and nothing else: what `kubectl get -o yaml` shows of it, but for
 * times and addresses. Rejected objects have none, and are left out.
 */
export function statusList(
  rows: readonly StatusRow[],
  policies: readonly PolicyRow[] = [],
): StatusList {
  const items = rows.flatMap(({ key, verdict }) => {
    if (verdict.kind === "rejected") return [];
    const metadata = { namespace: key.namespace, name: key.name };
    return [{
      apiVersion: apiVersionOf("HTTPProxy"),
      kind: key.kind,
      metadata,
      status: verdict.status,
    }];
  });
  return { apiVersion: "v1", kind: "List", items: [...items, ...policyItems(policies)] };
}

/** A List of objects with a status. */
export interface StatusList {
  readonly apiVersion: "v1";
  readonly kind: "List";
  readonly items: readonly {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly namespace: string; readonly name: string };
    readonly status: HTTPProxyStatus | PolicyStatus;
  }[];
}

/** As YAML, long lines left whole. */
export function statusYaml(
  rows: readonly StatusRow[],
  policies: readonly PolicyRow[] = [],
): string {
  return dump(statusList(rows, policies), { lineWidth: -1, noRefs: true });
}

/** As JSON. */
export function statusJson(
  rows: readonly StatusRow[],
  policies: readonly PolicyRow[] = [],
): string {
  return `${JSON.stringify(statusList(rows, policies), null, 2)}\n`;
}
