import { z } from "zod";
import { HeaderValue } from "./header_policy.ts";
import type { Immutable } from "./immutable.ts";
import { HeaderMatchCondition } from "./match_condition.ts";
import { nonEmpty, uint32 } from "./values.ts";

/** Limits that each Envoy keeps by itself. */
export const LocalRateLimitPolicy = z.object({
  requests: uint32().min(1).describe("Requests allowed in one unit of time."),
  unit: z.enum(["second", "minute", "hour"]).describe("The unit of time."),
  burst: uint32().optional().describe("Requests allowed on top for a short while."),
  responseStatusCode: uint32().min(400).max(599).optional().describe(
    "Status of refused requests; 429 if left out.",
  ),
  responseHeadersToAdd: z.array(HeaderValue).optional().describe(
    "Headers set on refusals.",
  ),
});
/** See {@link LocalRateLimitPolicy}. */
export type LocalRateLimitPolicy = Immutable<z.infer<typeof LocalRateLimitPolicy>>;

/** One entry of a descriptor; exactly one field is set. */
export const RateLimitDescriptorEntry = z.object({
  genericKey: z.object({
    key: z.string().optional().describe("Key of the entry; generic_key if left out."),
    value: nonEmpty().describe("Value of the entry."),
  }).optional().describe("A fixed key and value."),
  requestHeader: z.object({
    headerName: nonEmpty().describe("Header whose value is taken."),
    descriptorKey: nonEmpty().describe("Key of the entry."),
  }).optional().describe("The value of a header; without the header the descriptor is not sent."),
  requestHeaderValueMatch: z.object({
    headers: z.array(HeaderMatchCondition).min(1).optional().describe("Header conditions."),
    expectMatch: z.boolean().default(true).describe(
      "Whether the conditions have to hold (true) or to fail (false).",
    ),
    value: nonEmpty().describe("Value of the entry, under the key header_match."),
  }).optional().describe("A fixed value if header conditions hold."),
  remoteAddress: z.object({}).optional().describe("The address of the client."),
});
/** See {@link RateLimitDescriptorEntry}. */
export type RateLimitDescriptorEntry = Immutable<z.infer<typeof RateLimitDescriptorEntry>>;

/** Limits that an external rate limit service keeps for all Envoys together. */
export const GlobalRateLimitPolicy = z.object({
  disabled: z.boolean().optional().describe(
    "Takes this host or route out of the global limits that would otherwise apply.",
  ),
  descriptors: z.array(z.object({
    entries: z.array(RateLimitDescriptorEntry).min(1).describe("Entries of the descriptor."),
  })).min(1).optional().describe("Descriptors sent to the rate limit service."),
});
/** See {@link GlobalRateLimitPolicy}. */
export type GlobalRateLimitPolicy = Immutable<z.infer<typeof GlobalRateLimitPolicy>>;

/** The rate limits of a virtual host or route. */
export const RateLimitPolicy = z.object({
  local: LocalRateLimitPolicy.optional().describe("Limits kept by each Envoy alone."),
  global: GlobalRateLimitPolicy.optional().describe("Limits kept by a rate limit service."),
});
/** See {@link RateLimitPolicy}. */
export type RateLimitPolicy = Immutable<z.infer<typeof RateLimitPolicy>>;
