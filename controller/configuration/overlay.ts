import type { ContourConfigurationSpec } from "./contour_configuration.ts";

type Spec = ContourConfigurationSpec;

/**
 * A file beneath flags: what a flag says wins, field by field; lists are taken as a whole. Only
 * where metrics are is decided by the file, as in Contour.
 */
export function fileBeneathFlags(file: Spec, flags: Spec): Spec {
  const { metrics, envoy } = file;
  const ofFile: Spec = {
    ...(metrics === undefined ? {} : { metrics }),
    ...(envoy?.metrics === undefined ? {} : { envoy: { metrics: envoy.metrics } }),
  };
  return overlay(overlay(file, flags), ofFile) as Spec;
}

/** A spec beneath another, which wins, field by field. */
export function beneath(lower: Spec, upper: Spec): Spec {
  return overlay(lower, upper) as Spec;
}

function overlay(lower: unknown, upper: unknown): unknown {
  if (!isObject(upper) || !isObject(lower)) return isNothing(upper) ? lower : upper;
  const merged: Record<string, unknown> = { ...lower };
  for (const [name, value] of Object.entries(upper)) merged[name] = overlay(lower[name], value);
  return merged;
}

/** A zero value is as good as none. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === "" || value === 0 ||
    (Array.isArray(value) && value.length === 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
