import { unitMs } from "../configuration/unit.ts";
import type { Step } from "./plan.ts";
import type { CurrentLimit, DescriptorStatus, Header } from "./response.ts";

/**
 * The headers that tell a client of its limits. They are about the descriptor that has least left; an
 * over-limit one that is no quota goes before, the last of several.
 */
export function headersFor(
  { isOver, statuses }: {
    readonly isOver: boolean;
    readonly statuses: readonly DescriptorStatus[];
  },
  steps: readonly Step[],
  { headers }: HeaderOptions,
): readonly Header[] {
  if (headers === undefined) return none;
  const index = tightest(statuses, steps);
  const status = statuses[index];
  const step = steps[index];
  if (status?.currentLimit === undefined || step?.kind !== "counted") return none;
  const { currentLimit: limit, limitRemaining, secondsUntilReset = 0 } = status;
  const made: Header[] = [];
  const remaining = String(limitRemaining);
  const reset = String(secondsUntilReset);
  const { rateLimit } = headers;
  if (rateLimit !== undefined) {
    made.push({ key: rateLimit.limit, value: String(limit.requestsPerUnit) });
    made.push({ key: rateLimit.remaining, value: remaining });
    made.push({ key: rateLimit.reset, value: reset });
  }
  if (headers.xRateLimit) {
    made.push({ key: "x-ratelimit-limit", value: quotaPolicy(limit, statuses) });
    made.push({ key: "x-ratelimit-remaining", value: remaining });
    made.push({ key: "x-ratelimit-reset", value: reset });
  }
  if (headers.retryAfter && isOver) {
    const waits = statuses.filter((each) => each.isOver).map((each) => each.secondsUntilReset ?? 0);
    made.push({ key: "retry-after", value: String(Math.max(1, ...waits)) });
  }
  if (headers.rule) {
    const { name, fullKey } = step.limit;
    made.push({ key: "x-ratelimit-rule", value: printable(name === "" ? fullKey : name) });
  }
  return made;
}

/** Which headers there are. */
export interface HeaderOptions {
  /** Absent: none. */
  readonly headers?: ResponseHeaders;
}

/** See `--response-headers`. */
export interface ResponseHeaders {
  /** The names of the reference's three headers. */
  readonly rateLimit?: {
    readonly limit: string;
    readonly remaining: string;
    readonly reset: string;
  };
  /** `x-ratelimit-*`, see https://datatracker.ietf.org/doc/html/draft-polli-ratelimit-headers-03. */
  readonly xRateLimit: boolean;
  /** `retry-after`, on refused requests. */
  readonly retryAfter: boolean;
  /** `x-ratelimit-rule`: the name of the limit, or the place of its descriptor in the configuration. */
  readonly rule: boolean;
}

const none: readonly Header[] = [];

function tightest(statuses: readonly DescriptorStatus[], steps: readonly Step[]): number {
  let least = -1;
  let over = -1;
  for (const [index, { currentLimit, isOver, limitRemaining }] of statuses.entries()) {
    const step = steps[index];
    if (currentLimit === undefined || step?.kind !== "counted") continue;
    if (isOver && !step.limit.isQuota) over = index;
    if (least < 0 || limitRemaining < (statuses[least]?.limitRemaining ?? 0)) least = index;
  }
  return over >= 0 ? over : least;
}

/** `10, 10;w=1;name="first", 1000;w=3600` */
function quotaPolicy(limit: CurrentLimit, statuses: readonly DescriptorStatus[]): string {
  const parts = [String(limit.requestsPerUnit)];
  for (const { currentLimit: each } of statuses) {
    if (each === undefined) continue;
    const seconds = unitMs[each.unit] * each.unitMultiplier / 1_000;
    const name = each.name === "" ? "" : `;name="${printable(each.name).replace(/["\\]/g, "")}"`;
    parts.push(`${each.requestsPerUnit};w=${seconds}${name}`);
  }
  return parts.join(", ");
}

/** What a header may hold. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}
