import { isDeepStrictEqual } from "node:util";

/**
 * The status that should stand in the cluster, made of what stands there and what we want to say;
 * `undefined` when nothing has to be written. What others wrote is kept, and so is what was said of
 * a newer generation than ours.
 */
export function mergeStatus(
  current: unknown,
  desired: DesiredStatus,
  now: Date,
): Record<string, unknown> | undefined {
  const before = isRecord(current) ? current : {};
  const after = { ...before };
  const { conditions, currentStatus, description, loadBalancer } = desired;
  const existing = Array.isArray(before["conditions"]) ? before["conditions"] : [];
  const isOutrun = (conditions ?? []).some((condition) => {
    const { observedGeneration } = find(existing, condition.type) ?? {};
    return typeof observedGeneration === "number" &&
      observedGeneration > (condition.observedGeneration ?? Number.POSITIVE_INFINITY);
  });
  if (conditions !== undefined && !isOutrun) {
    after["conditions"] = mergedConditions(existing, conditions, now);
    if (currentStatus !== undefined) after["currentStatus"] = currentStatus;
    if (description !== undefined) after["description"] = description;
  }
  if (loadBalancer !== undefined && loadBalancer.ingress.length > 0) {
    if (!isDeepStrictEqual(addresses(before["loadBalancer"]), loadBalancer.ingress)) {
      after["loadBalancer"] = loadBalancer;
    }
  }
  return isDeepStrictEqual(before, after) ? undefined : after;
}

/** What we have to say of an object. */
export interface DesiredStatus {
  readonly currentStatus?: string;
  readonly description?: string;
  readonly conditions?: readonly DesiredCondition[];
  readonly loadBalancer?: LoadBalancer;
}

/** A condition; fields besides these are written as they are. Without a time: that is set here. */
export interface DesiredCondition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number;
  readonly errors?: readonly unknown[];
  readonly warnings?: readonly unknown[];
}

/** Where Envoy can be reached; nothing is written while it is empty. */
export interface LoadBalancer {
  readonly ingress: readonly LoadBalancerAddress[];
}

/** One address. */
export interface LoadBalancerAddress {
  readonly ip?: string;
  readonly hostname?: string;
  readonly ports?: readonly unknown[];
}

/** Ours replace those of the same type, in their place. */
function mergedConditions(
  existing: readonly unknown[],
  desired: readonly DesiredCondition[],
  now: Date,
): unknown[] {
  const merged = [...existing];
  for (const condition of desired) {
    const before = find(existing, condition.type);
    const at = existing.findIndex((each) => each === before);
    const { lastTransitionTime, ...rest } = before ?? {};
    if (before !== undefined && isDeepStrictEqual(normal(rest), normal({ ...condition }))) continue;
    // As Kubernetes has it: the time of the last change of `status`, not of the words around it.
    const isTransition = before?.["status"] !== condition.status ||
      typeof lastTransitionTime !== "string";
    const time = isTransition ? seconds(now) : lastTransitionTime;
    const written = { ...condition, lastTransitionTime: time };
    if (before === undefined) merged.push(written);
    else merged[at] = written;
  }
  return merged;
}

function find(conditions: readonly unknown[], type: string): Record<string, unknown> | undefined {
  return conditions.filter(isRecord).find((condition) => condition["type"] === type);
}

/** Empty lists and missing ones are one to the API server. */
function normal(condition: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(condition).filter(([, value]) =>
      value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)
    ),
  );
}

function addresses(loadBalancer: unknown): unknown {
  return isRecord(loadBalancer) ? loadBalancer["ingress"] ?? [] : [];
}

/** API servers keep whole seconds. */
function seconds(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
