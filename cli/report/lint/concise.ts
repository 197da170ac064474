import type { Paint } from "../../../command_line/mod.ts";
import { keyId } from "../../../controller/api/mod.ts";
import type { Finding } from "../../../lint/mod.ts";
import { severityPaint } from "../severity_paint.ts";
import { printable } from "./printable.ts";
import type { ShownReport } from "./report.ts";

/** A line a finding, as editors and `grep` like it. */
export function conciseReport({ findings }: ShownReport, paint: Paint): string {
  return findings.map((finding) => conciseLine(finding, paint)).join("");
}

/** `shop.yaml:14:17: error[CTR182] service "web/shop-v2" not found (HTTPProxy/web/shop)` */
export function conciseLine(finding: Finding, paint: Paint): string {
  const { code, severity, message, object, position: at, fix } = finding;
  const place = at === undefined ? "" : `${at.file}:${at.line}:${at.column}: `;
  const about = object === undefined ? "" : ` (${keyId(object)})`;
  const label = severityPaint(severity, paint)(`${severity}[${code}]`);
  const fixable = fix === undefined ? "" : paint.green(" [fixable]");
  return `${paint.bold(place)}${label} ${printable(message)}${paint.dim(about)}${fixable}\n`;
}
