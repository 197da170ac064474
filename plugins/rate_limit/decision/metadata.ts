import { unitNumbers, units } from "../configuration/unit.ts";
import type { Step } from "./plan.ts";
import type { LimitOverride, RateLimitRequest } from "./request.ts";
import type { DescriptorStatus } from "./response.ts";

/**
 * What Envoy keeps with a request under `envoy.filters.http.ratelimit`: what was asked, the rule that
 * each descriptor fell under, and the metadata of limits that let the request pass.
 */
export function metadataFor(
  request: RateLimitRequest,
  steps: readonly Step[],
  statuses: readonly DescriptorStatus[],
): Readonly<Record<string, unknown>> {
  const descriptors = request.descriptors.map(({ entries, limit, hitsAddend }, index) => {
    const step = steps[index];
    const rule = step?.kind === "none" || step === undefined ? undefined : step.limit;
    return {
      entries: entries.map(({ key, value }) => `${key}=${value}`),
      ...(limit === undefined ? {} : { limit: limitText(limit) }),
      ...(hitsAddend === undefined ? {} : { hitsAddend }),
      // Of ours: which rule it was.
      ...(rule === undefined ? {} : { rule: rule.name === "" ? rule.fullKey : rule.name }),
    };
  });
  const metadata: Record<string, unknown> = {};
  for (const [index, step] of steps.entries()) {
    if (step.kind !== "counted" || statuses[index]?.isOver !== false) continue;
    if (step.limit.metadata !== undefined) merge(metadata, step.limit.metadata);
  }
  return {
    domain: request.domain,
    descriptors,
    ...(request.hitsAddend === 0 ? {} : { hitsAddend: request.hitsAddend }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  };
}

function limitText({ requestsPerUnit, unit }: LimitOverride): string {
  const name = units.find((each) => unitNumbers[each] === unit)?.toUpperCase() ?? "UNKNOWN";
  return `requests_per_unit:${requestsPerUnit} unit:${name}`;
}

/** The first value wins; structures are merged, into copies. */
function merge(into: Record<string, unknown>, from: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(from)) {
    const known = Object.hasOwn(into, name) ? into[name] : undefined;
    if (isRecord(value)) {
      if (known !== undefined && !isRecord(known)) continue;
      const both: Record<string, unknown> = { ...known };
      merge(both, value);
      into[name] = both;
    } else if (!Object.hasOwn(into, name)) into[name] = value;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
