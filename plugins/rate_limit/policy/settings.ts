import { z } from "zod";
import { Condition } from "./condition.ts";
import { HeaderName } from "./text.ts";

const hits = z.int().min(0).max(1_000_000_000);

/** What a request is divided by: each combination of values has a counter of its own. */
export const Division = z.object({
  clientAddress: z.object({
    ipv4Prefix: z.int().min(0).max(32).optional().describe(
      "So many bits of an IPv4 address count. Default: 32.",
    ),
    ipv6Prefix: z.int().min(0).max(128).optional().describe(
      "So many bits of an IPv6 address count. Default: 64, what a single client is given.",
    ),
  }).optional().describe("By the address of the client."),
  requestHeaders: z.array(HeaderName).min(1).max(4).optional().describe(
    "By the values of these headers; of several values the first.",
  ),
  queryParameters: z.array(z.string().min(1).max(256)).min(1).max(4).optional().describe(
    "By the values of these parameters of the query.",
  ),
  jwtClaims: z.array(
    z.string().max(256).regex(/^[A-Za-z0-9_.:/~-]+$/, {
      error: "must be the name of a claim: sub",
    }),
  ).min(1).max(4).optional().describe(
    "By these claims of the token that the host verified; texts and numbers, at its top level.",
  ),
  path: z.boolean().optional().describe("By path, without the query."),
  method: z.boolean().optional().describe("By method."),
  route: z.boolean().optional().describe("By the rule that takes the request."),
  host: z.boolean().optional().describe("By the host whose rule takes the request."),
}).superRefine((division, context) => {
  const { requestHeaders = [], queryParameters = [], jwtClaims = [] } = division;
  if (requestHeaders.length + queryParameters.length + jwtClaims.length > 4) {
    const message = "must not have more than four headers, parameters and claims";
    context.addIssue({ code: "custom", message, input: division });
  }
});
/** See {@link Division}. */
export type Division = z.infer<typeof Division>;

/** How many hits a request is. */
export const Cost = z.object({
  number: hits.optional().describe("Always so many. 0: the limit is asked, not used."),
  requestHeader: z.object({
    name: HeaderName,
    otherwise: hits.optional().describe("Where there is no whole number in it. Default: 1."),
  }).optional().describe("As a header of the request says; clients must not be able to set it."),
  responseHeader: z.object({
    name: HeaderName,
    otherwise: hits.optional().describe("Where the response does not have it. Default: 0."),
  }).optional().describe("As a header of the response says, counted when that is done."),
  responseBytes: z.boolean().optional().describe(
    "The size of the response in bytes, counted when that is done.",
  ),
}).superRefine((cost, context) => {
  const given = Object.values(cost).filter((part) => part !== undefined && part !== false);
  if (given.length === 1) return;
  const message = "must have one of number, requestHeader, responseHeader and responseBytes";
  context.addIssue({ code: "custom", message, input: cost });
});
/** See {@link Cost}. */
export type Cost = z.infer<typeof Cost>;

/** Units of limits. Months have 30 days and years 365. */
export const limitUnits = ["second", "minute", "hour", "day", "week", "month", "year"] as const;

/** How hits are counted, but for those that are under way. */
export const limitAlgorithms = ["gcra", "sliding_window", "fixed_window"] as const;

/** One limit. */
export const Limit = z.object({
  name: z.string().max(63).regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, {
    error: "must be lower-case letters, digits and '-'",
  }).optional().describe(
    "Told to clients and in metrics. What was counted stays with the name. Default: its place in " +
      "the list, from 1.",
  ),
  requests: z.int().min(0).max(4_294_967_295).optional().describe("So many, in each unit."),
  unit: z.enum(limitUnits).optional().describe("second, minute, hour, day, week, month or year."),
  unitMultiplier: z.int().min(1).max(1_000_000).optional().describe(
    "So many units make the time that requests are for. Default: 1.",
  ),
  burst: z.int().min(1).max(4_294_967_295).optional().describe(
    "With gcra: so many may come at once. Default: as many as requests.",
  ),
  algorithm: z.enum(limitAlgorithms).optional().describe(
    "How is counted. Default: that of the plugin's settings, and fixed_window where the cost is " +
      "known after the response.",
  ),
  concurrent: z.int().min(0).max(4_294_967_295).optional().describe(
    "In place of requests: so many may be under way at once.",
  ),
  shadow: z.boolean().optional().describe("It is counted and told, and keeps nobody out."),
  by: Division.optional().describe(
    "What is counted by itself. Default: all requests that the policy reaches together.",
  ),
  missing: z.enum(["share", "pass"]).optional().describe(
    "What becomes of requests without a header, parameter or claim of by: they share a counter " +
      "(default), or are not limited.",
  ),
  when: Condition.optional().describe(
    "Only requests for which all of this holds; of methods, paths and addresses one each.",
  ),
  except: Condition.optional().describe("Not the requests for which any of this holds."),
  cost: Cost.optional().describe("How many hits a request is. Default: 1."),
}).superRefine((limit, context) => {
  for (const { message, path } of limitProblems(limit)) {
    context.addIssue({ code: "custom", message, path: [...path], input: limit });
  }
});
/** See {@link Limit}. */
export type Limit = z.infer<typeof Limit>;

/** Whether something is told of a request when it is done. */
export function isToldAfterwards(
  { concurrent, cost }: Pick<Limit, "concurrent" | "cost">,
): boolean {
  return concurrent !== undefined || cost?.responseHeader !== undefined ||
    cost?.responseBytes === true;
}

/** What users write in a `RateLimit`. */
export const RateLimitSettings = z.object({
  limits: z.array(Limit).max(16).superRefine((limits, context) => {
    const names = limits.map(limitName);
    for (const [i, name] of names.entries()) {
      if (names.indexOf(name) === i) continue;
      const message = `must be of another name than the one before: "${name}"`;
      context.addIssue({ code: "custom", message, path: [i, "name"], input: limits[i] });
    }
  }).describe("Each is counted, and one that is used up is enough to refuse. Empty: no limits."),
  inherit: z.boolean().optional().describe(
    "Whether policies farther from the request count as well. Default: these limits stand in " +
      "their place.",
  ),
});
/** See {@link RateLimitSettings}. */
export type RateLimitSettings = z.infer<typeof RateLimitSettings>;

/** The name of a limit, given or not. */
export function limitName({ name }: Limit, place: number): string {
  return name ?? String(place + 1);
}

interface LimitProblem {
  readonly message: string;
  readonly path: readonly string[];
}

function* limitProblems(limit: Limit): Iterable<LimitProblem> {
  const { requests, unit, concurrent, algorithm, burst, cost } = limit;
  if ((requests === undefined) === (concurrent === undefined)) {
    yield { message: "must have one of requests and concurrent", path: [] };
    return;
  }
  if (concurrent === undefined && unit === undefined) {
    yield { message: "must have a unit", path: [] };
  }
  if (concurrent !== undefined) {
    for (const field of ["unit", "unitMultiplier", "burst", "algorithm", "cost"] as const) {
      if (limit[field] !== undefined) {
        yield { message: "has no meaning with concurrent", path: [field] };
      }
    }
  }
  if (burst !== undefined && algorithm !== undefined && algorithm !== "gcra") {
    yield { message: `has no meaning for ${algorithm}`, path: ["burst"] };
  }
  if (!isToldAfterwards(limit)) return;
  if (cost !== undefined) {
    if (algorithm !== undefined && algorithm !== "fixed_window") {
      yield { message: `must be fixed_window, ${becauseOfCost}`, path: ["algorithm"] };
    }
    if (burst !== undefined) yield { message: `has no meaning, ${becauseOfCost}`, path: ["burst"] };
  }
  for (const field of ["path", "queryParameters"] as const) {
    if (limit.by?.[field]) yield { message: changed, path: ["by", field] };
  }
  for (const part of ["when", "except"] as const) {
    for (const field of ["paths", "requestHeaders", "queryParameters"] as const) {
      if (limit[part]?.[field] !== undefined) yield { message: changed, path: [part, field] };
    }
  }
}

const becauseOfCost = "since the cost is known after the response";
const changed = "must not be used by a limit that is told when requests are done: " +
  "routes may have rewritten it by then";
