import assert from "node:assert/strict";
import type { LoadReport } from "./steady_load.ts";

/** The least load under which a fault counts, in requests a second. */
export const leastRate = 200;

/** Checks that a fault has cost no request while there were enough of them; says how it went. */
export function noneLost(
  fault: string,
  report: LoadReport,
  measured: Readonly<Record<string, number>> = {},
): void {
  assert.deepEqual(report.errors, [], `${fault}: ${report.lost} of ${report.ok} requests lost`);
  assert.equal(report.lost, 0, fault);
  assert.ok(report.perSecond >= leastRate, `${fault}: only ${report.perSecond} requests a second`);
  const { ok, perSecond } = report;
  console.log(`${fault}: ${ok} requests, ${perSecond}/s, none lost`, measured);
}
