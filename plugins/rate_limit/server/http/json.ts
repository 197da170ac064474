import { z } from "zod";
import { unitNumbers, units } from "../../configuration/unit.ts";
import type { RateLimitRequest } from "../../decision/request.ts";
import type { RateLimitResponse } from "../../decision/response.ts";

/**
 * Reads a request in the JSON of protocol buffers, with names in either spelling. Throws a `RangeError`
 * that says what is wrong.
 */
export function requestOfJson(text: string): RateLimitRequest {
  let value: unknown;
  try {
    value = JSON.parse(text, (_name, part) => isRecord(part) ? withSnakeCase(part) : part);
  } catch (cause) {
    throw new RangeError("The body is no JSON", { cause });
  }
  const result = Request.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    const where = issue?.path.join(".") ?? "";
    throw new RangeError(`${where === "" ? "The body" : where}: ${issue?.message ?? "is wrong"}`);
  }
  const { domain, descriptors, hits_addend: hitsAddend } = result.data;
  return {
    domain,
    hitsAddend,
    descriptors: descriptors.map((descriptor) => ({
      entries: descriptor.entries,
      ...(descriptor.limit === undefined ? {} : {
        limit: {
          requestsPerUnit: descriptor.limit.requests_per_unit,
          unit: descriptor.limit.unit,
          unitMultiplier: descriptor.limit.unit_multiplier,
        },
      }),
      ...(descriptor.hits_addend === undefined ? {} : { hitsAddend: descriptor.hits_addend }),
      ...(descriptor.is_negative_hits ? { isNegativeHits: true } : {}),
    })),
  };
}

/** A response in the JSON of protocol buffers: what is zero is left out. */
export function jsonOfResponse(response: RateLimitResponse): string {
  const { isOver, statuses, responseHeadersToAdd, dynamicMetadata } = response;
  return JSON.stringify({
    overallCode: isOver ? "OVER_LIMIT" : "OK",
    statuses: statuses.map(({ isOver, currentLimit, limitRemaining, secondsUntilReset }) => ({
      code: isOver ? "OVER_LIMIT" : "OK",
      ...(currentLimit === undefined ? {} : {
        currentLimit: {
          ...(currentLimit.name === "" ? {} : { name: currentLimit.name }),
          ...(currentLimit.requestsPerUnit === 0
            ? {}
            : { requestsPerUnit: currentLimit.requestsPerUnit }),
          unit: currentLimit.unit.toUpperCase(),
          ...(currentLimit.unitMultiplier === 1
            ? {}
            : { unitMultiplier: currentLimit.unitMultiplier }),
        },
      }),
      ...(limitRemaining === 0 ? {} : { limitRemaining }),
      ...(secondsUntilReset === undefined ? {} : { durationUntilReset: `${secondsUntilReset}s` }),
    })),
    ...(responseHeadersToAdd.length === 0 ? {} : { responseHeadersToAdd }),
    ...(dynamicMetadata === undefined ? {} : { dynamicMetadata }),
  });
}

const count = z.union([z.int().min(0), z.string().regex(/^\d{1,20}$/)])
  .transform((value) => Math.min(Number(value), 4_294_967_295));

const Unit = z.union([
  z.int().min(0),
  z.string().transform((text, context) => {
    const unit = units.find((each) => each.toUpperCase() === text);
    if (unit !== undefined) return unitNumbers[unit];
    if (text === "UNKNOWN") return 0;
    context.addIssue(`there is no unit ${JSON.stringify(text)}`);
    return z.NEVER;
  }),
]);

const Request = z.strictObject({
  domain: z.string().default(""),
  descriptors: z.array(z.strictObject({
    entries: z.array(z.strictObject({
      key: z.string().default(""),
      value: z.string().default(""),
    })).default([]),
    limit: z.strictObject({
      requests_per_unit: count.default(0),
      unit: Unit.default(0),
      unit_multiplier: count.default(1),
    }).optional(),
    hits_addend: count.optional(),
    is_negative_hits: z.boolean().default(false),
  })).max(1_000).default([]),
  hits_addend: count.default(0),
});

function withSnakeCase(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== null)
      .map((
        [name, part],
      ) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), part]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
