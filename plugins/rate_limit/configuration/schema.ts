import { z } from "zod";

/**
 * What a configuration file says of one domain: the format of the reference service
 * (https://github.com/envoyproxy/ratelimit#configuration), and a few keys of ours in `rate_limit`.
 * Names are those of the file.
 */
export interface DomainConfiguration {
  /** The namespace of the descriptors; what a rate limit filter of Envoy names as `domain`. */
  readonly domain: string;
  readonly descriptors?: readonly DescriptorConfiguration[] | undefined;
}

/** One level of a descriptor. */
export interface DescriptorConfiguration {
  readonly key: string;
  /** Absent: any value, each counted by itself. May hold `*`. */
  readonly value?: string | undefined;
  readonly rate_limit?: LimitConfiguration | undefined;
  readonly descriptors?: readonly DescriptorConfiguration[] | undefined;
  readonly shadow_mode?: boolean | undefined;
  readonly quota_mode?: boolean | undefined;
  readonly detailed_metric?: boolean | undefined;
  readonly value_to_metric?: boolean | undefined;
  readonly share_threshold?: boolean | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** How much is allowed. */
export interface LimitConfiguration {
  readonly requests_per_unit?: number | undefined;
  readonly unit?: string | undefined;
  readonly unlimited?: boolean | undefined;
  readonly name?: string | undefined;
  readonly replaces?: readonly { readonly name?: string | undefined }[] | undefined;
  readonly algorithm?: AlgorithmName | undefined;
  readonly burst?: number | undefined;
  readonly unit_multiplier?: number | undefined;
}

/** How hits are counted; see docs/rate-limit-service.md for what each lets through. */
export const algorithmNames = ["gcra", "fixed_window", "sliding_window", "concurrency"] as const;
export type AlgorithmName = (typeof algorithmNames)[number];

const uint32 = z.int().min(0).max(4_294_967_295);

const Limit = z.strictObject({
  requests_per_unit: uint32.optional().describe("Absent: 0, and every hit is over the limit."),
  unit: z.string().optional().describe("second, minute, hour, day, week, month or year."),
  unlimited: z.boolean().optional().describe("Never counted, never over."),
  name: z.string().optional().describe("For `replaces`, and told in answers."),
  replaces: z.array(z.strictObject({ name: z.string().optional() })).optional()
    .describe("Limits that do not apply to a request to which this one does."),
  algorithm: z.enum(algorithmNames).optional().describe("Of ours. Absent: that of the service."),
  burst: uint32.min(1).optional()
    .describe("Of ours, for gcra: hits that may come at once. Absent: requests_per_unit."),
  unit_multiplier: uint32.min(1).optional().describe("Of ours: so many units make the window."),
});

const Descriptor: z.ZodType<DescriptorConfiguration> = z.strictObject({
  key: z.string().optional().transform((key) => key ?? ""),
  value: z.string().optional(),
  rate_limit: Limit.optional(),
  descriptors: z.lazy(() => z.array(Descriptor)).optional(),
  shadow_mode: z.boolean().optional().describe("Counted and told, never over."),
  quota_mode: z.boolean().optional()
    .describe("Over only when all such descriptors of a request are."),
  detailed_metric: z.boolean().optional().describe("Metrics by the values of the request."),
  value_to_metric: z.boolean().optional().describe("The value of this level in the metrics."),
  share_threshold: z.boolean().optional().describe("What a wildcard matches shares one counter."),
  metadata: z.record(z.string(), z.unknown()).optional()
    .describe("Told to Envoy with an answer that lets the request pass."),
});

/** A file. */
export const Domain: z.ZodType<DomainConfiguration> = z.strictObject({
  domain: z.string().optional().transform((domain) => domain ?? ""),
  descriptors: z.array(Descriptor).optional(),
});

/** Keys that the reference does not know. */
export const ownKeys: readonly string[] = ["algorithm", "burst", "unit_multiplier"];

/** Keys at the root of a file, in a descriptor, and in a limit. */
export const knownKeys: Readonly<Record<"domain" | "descriptor" | "limit" | "replaces", string[]>> =
  {
    domain: ["domain", "descriptors"],
    descriptor: [
      "key",
      "value",
      "rate_limit",
      "descriptors",
      "shadow_mode",
      "quota_mode",
      "detailed_metric",
      "value_to_metric",
      "share_threshold",
      "metadata",
    ],
    limit: Object.keys(Limit.shape),
    replaces: ["name"],
  };
