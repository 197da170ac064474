import { Counter, type Registry, Summary } from "prom-client";
import type { Kind } from "../api/mod.ts";

/** Counts what comes of writing statuses to the cluster, under Contour's names. */
export function statusMetrics(
  registry: Registry,
): (kind: Kind, outcome: StatusUpdateOutcome, seconds: number) => void {
  const registers = [registry];
  const counter = (name: string, help: string) =>
    new Counter({
      name: `contour_status_update_${name}total`,
      help,
      labelNames: ["kind"],
      registers,
    });
  const all = counter("", "Statuses looked at that might have to be written.");
  const success = counter("success_", "Of these, those that stand as they should.");
  const noop = counter("noop_", "Of these, those that stood so already.");
  const failed = counter("failed_", "Statuses that could not be written.");
  const conflict = counter("conflict_", "Writes that somebody else was ahead of.");
  const duration = new Summary({
    name: "contour_status_update_duration_seconds",
    help: "How long it took to bring a status to what it should be.",
    labelNames: ["kind", "error"],
    percentiles: [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1],
    registers,
  });
  return (kind, outcome, seconds) => {
    if (outcome === "conflict") return conflict.inc({ kind });
    const isFailure = outcome === "failed";
    all.inc({ kind });
    if (isFailure) failed.inc({ kind });
    else success.inc({ kind });
    if (outcome === "unchanged") noop.inc({ kind });
    duration.observe({ kind, error: String(isFailure) }, seconds);
  };
}

/** `conflict`: somebody else wrote in between, and it is tried again. */
export type StatusUpdateOutcome = "written" | "unchanged" | "conflict" | "failed";
