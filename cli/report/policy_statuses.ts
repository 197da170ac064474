import type { Paint } from "../../command_line/mod.ts";
import { isPolicyKind, type ObjectKey } from "../../controller/api/mod.ts";
import type { PolicyStatus } from "../../controller/status/mod.ts";
import type { PolicyReach } from "../../explain/mod.ts";
import { counted } from "./diagnostics.ts";

/** A policy as `contour status` shows it. */
export interface PolicyRow {
  readonly key: ObjectKey;
  readonly apiVersion: string;
  readonly status: PolicyStatus;
  /** By host; empty: it has no effect anywhere. */
  readonly reaches: readonly PolicyReach[];
}

/** Whether each is in force, where, and over which others. Ends with a newline unless empty. */
export function policyTable(rows: readonly PolicyRow[], paint: Paint): string {
  if (rows.length === 0) return "";
  const cells = rows.map(({ key, status, reaches }) => [
    key.namespace,
    policyName(key),
    status.conditions[0].status === "True" ? "valid" : "invalid",
    reaches.length === 0 ? "nothing" : listed(reaches.map(reachText)),
    listed(distinct(reaches.flatMap(({ before }) => before.map(withNamespace)))),
  ]);
  const all = [header, ...cells];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row, i) =>
    row.map((cell, column) => {
      const padding = " ".repeat((widths[column] ?? 0) - cell.length);
      const isStatus = column === statusColumn && i > 0;
      const shown = !isStatus ? cell : cell === "valid" ? paint.green(cell) : paint.red(cell);
      return shown + padding;
    }).join("   ").trimEnd()
  );
  return `${lines.join("\n")}\n`;
}

const header = ["NAMESPACE", "POLICY", "STATUS", "REACHES", "COMES BEFORE"];
const statusColumn = header.indexOf("STATUS");

/** As `kubectl get -o yaml` shows them, but for times. */
export function policyItems(rows: readonly PolicyRow[]): readonly PolicyItem[] {
  return rows.map(({ key, apiVersion, status }) => ({
    apiVersion,
    kind: kindOf(key),
    metadata: { namespace: key.namespace, name: key.name },
    status,
  }));
}

/** See {@link policyItems}. */
export interface PolicyItem {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly status: PolicyStatus;
}

/** `shop.example.com (1 of 3 routes)` */
function reachText({ fqdn, routes, ofRoutes }: PolicyReach): string {
  return routes === ofRoutes ? fqdn : `${fqdn} (${routes} of ${counted(ofRoutes, "route")})`;
}

function policyName(key: ObjectKey): string {
  return `${kindOf(key)} ${key.name}`;
}

function withNamespace(key: ObjectKey): string {
  // One in a field has the name of the object it stands in.
  return isPolicyKind(key.kind)
    ? `${kindOf(key)} ${key.name}`
    : `that in ${key.kind} ${key.namespace}/${key.name}`;
}

function kindOf({ kind }: ObjectKey): string {
  return kind.split(".")[0] ?? kind;
}

const mostListed = 3;

function listed(texts: readonly string[]): string {
  const more = texts.length - mostListed;
  return more <= 0 ? texts.join(", ") : `${texts.slice(0, mostListed).join(", ")} and ${more} more`;
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
