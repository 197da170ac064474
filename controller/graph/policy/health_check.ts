import { Fault } from "../fault.ts";
import type { HealthCheck } from "../model.ts";
import type { ProxyRoute, ProxyTcp } from "../http_proxy/spec.ts";

/** The health check of a route with its defaults, or what is wrong with it. */
export function httpHealthCheck(
  policy: ProxyRoute["healthCheckPolicy"],
): HealthCheck | Fault | undefined {
  if (policy === undefined) return undefined;
  for (const [i, { start, end }] of (policy.expectedStatuses ?? []).entries()) {
    const path = `expectedStatuses[${i}]`;
    if (start < 100 || start > 599) {
      return rangeFault("start must be in the range [100, 599]", `${path}.start`);
    }
    if (end < 101 || end > 600) {
      return rangeFault("end must be in the range [101, 600]", `${path}.end`);
    }
  }
  return {
    kind: "http",
    ...timing(policy),
    path: policy.path,
    host: policy.host || "contour-envoy-healthcheck",
    expectedStatuses: (policy.expectedStatuses ?? []).map(({ start, end }) => ({ start, end })),
  };
}

/** Ranges of statuses with nothing in them, which Contour lets pass and Envoy then refuses. */
export function emptyRangeFaults(policy: ProxyRoute["healthCheckPolicy"]): Fault[] {
  return (policy?.expectedStatuses ?? []).flatMap(({ start, end }, i) =>
    start < end
      ? []
      : [rangeFault(`nothing is from ${start} to below ${end}`, `expectedStatuses[${i}]`)]
  );
}

function rangeFault(message: string, path: string): Fault {
  const whole = `invalid expected status range: ${message}`;
  return new Fault("RouteError/HealthCheckPolicyInvalid", whole, path);
}

/** The health check of a TCP proxy with its defaults. */
export function tcpHealthCheck(policy: ProxyTcp["healthCheckPolicy"]): HealthCheck | undefined {
  return policy === undefined ? undefined : { kind: "tcp", ...timing(policy) };
}

interface Timing {
  readonly intervalSeconds?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly unhealthyThresholdCount?: number | undefined;
  readonly healthyThresholdCount?: number | undefined;
}

function timing(policy: Timing) {
  return {
    timeoutMs: (policy.timeoutSeconds || 2) * 1_000,
    intervalMs: (policy.intervalSeconds || 10) * 1_000,
    unhealthyThreshold: policy.unhealthyThresholdCount || 3,
    healthyThreshold: policy.healthyThresholdCount || 2,
  };
}

/**
 * The digits Contour hashes into the name of the cluster: only what the user gave. Durations are
 * whole seconds here, so their Go text is simple.
 */
export function healthCheckNameText(
  policy: NonNullable<ProxyRoute["healthCheckPolicy"]>,
  durationText: (ms: number) => string,
): string {
  const positive = (value: number | undefined, text: (value: number) => string) =>
    value !== undefined && value > 0 ? text(value) : "";
  const seconds = (value: number) => durationText(value * 1_000);
  return positive(policy.timeoutSeconds, seconds) +
    positive(policy.intervalSeconds, seconds) +
    positive(policy.unhealthyThresholdCount, String) +
    positive(policy.healthyThresholdCount, String) +
    policy.path;
}
