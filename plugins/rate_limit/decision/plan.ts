import type { CompiledDomain, CountedSpec, Limit } from "../configuration/compiled.ts";
import { type Entry, lookUp } from "../configuration/lookup.ts";
import { unitMs, unitOfNumber } from "../configuration/unit.ts";
import type { AlgorithmName } from "../configuration/schema.ts";
import type { Hit } from "../stores/store.ts";
import { hitsOf, type LimitOverride, type RateLimitRequest } from "./request.ts";

/**
 * What has to be counted for a request: a step for each descriptor, in their order. Looks up limits,
 * and leaves out those that others replace. Throws a `RangeError` for a request that cannot be
 * answered.
 */
export function plan(
  request: RateLimitRequest,
  domain: CompiledDomain | undefined,
  { algorithm }: PlanOptions,
): readonly Step[] {
  if (domain === undefined) return request.descriptors.map(() => unlimited);
  const steps: Step[] = [];
  let replaced: Set<string> | undefined;
  for (const descriptor of request.descriptors) {
    const { entries, limit: override } = descriptor;
    const hits = hitsOf(descriptor, request.hitsAddend);
    if (override !== undefined) {
      const limit = overriding(override, domain, entries, algorithm);
      const counterKey = overrideKey(domain, entries);
      steps.push({
        kind: "counted",
        limit,
        metricKey: undefined,
        hit: { key: counterKey, spec: limit, hits },
      });
      continue;
    }
    const match = lookUp(domain, entries);
    if (match === undefined) {
      steps.push(unlimited);
      continue;
    }
    const { limit, counterKey, metricKey } = match;
    for (const name of limit.replaces) (replaced ??= new Set()).add(name);
    steps.push(
      limit.kind === "unlimited"
        ? { kind: "unlimited", limit }
        : { kind: "counted", limit, metricKey, hit: { key: counterKey, spec: limit, hits } },
    );
  }
  if (replaced === undefined) return steps;
  const names = replaced;
  return steps.map((step) =>
    step.kind === "counted" && names.has(step.limit.name) ? unlimited : step
  );
}

/** What holds for overrides, which say nothing of it. */
export interface PlanOptions {
  readonly algorithm: AlgorithmName;
}

/** What to do about one descriptor. */
export type Step =
  /** No limit applies. */
  | { readonly kind: "none" }
  /** One that lets everything through, and is told so. */
  | { readonly kind: "unlimited"; readonly limit: Limit }
  | CountedStep;

/** Hits that have to be counted. */
export interface CountedStep {
  readonly kind: "counted";
  readonly limit: CountedLimit;
  /** How metrics name the steps, where that is not as configured. */
  readonly metricKey: readonly string[] | undefined;
  readonly hit: Hit;
}

/** A limit that is counted. */
export type CountedLimit = Extract<Limit, CountedSpec>;

const unlimited: Step = { kind: "none" };

function overriding(
  { requestsPerUnit, unit: number, unitMultiplier = 1 }: LimitOverride,
  domain: CompiledDomain,
  entries: readonly Entry[],
  algorithm: AlgorithmName,
): CountedLimit {
  const unit = unitOfNumber(number);
  if (unit === undefined) {
    throw new RangeError(`the limit of a descriptor has the unit ${number}, which is none`);
  }
  const levels = entries.map(({ key, value }) => value === "" ? key : `${key}_${value}`);
  return {
    kind: "counted",
    name: "",
    replaces: [],
    requestsPerUnit,
    unit,
    unitMultiplier,
    windowMs: unitMs[unit] * Math.max(1, unitMultiplier),
    algorithm,
    burst: requestsPerUnit,
    fullKey: [domain.name, ...levels].join("."),
    levels,
    isShadow: false,
    isQuota: false,
    isDetailed: true,
    nearAbove: Math.floor(requestsPerUnit * 0.8),
  };
}

/**
 * The counter of the limit that is configured, or of descriptors like this one: whatever number a
 * request brings along, what was used so far stays used.
 */
function overrideKey(domain: CompiledDomain, entries: readonly Entry[]): string {
  const match = lookUp(domain, entries);
  if (match !== undefined && !match.isShared) return match.counterKey;
  const parts = entries.map(({ key, value }) => `${key}_${value}`.replace(/[|\\]/g, "\\$&"));
  return [`${domain.name}|`, ...parts].join("|");
}
