import { z } from "zod";

/** What rules look at of an HTTPProxy. Anything else in it, or another form, does not matter here. */
export function lintedProxy(spec: unknown): LintedProxy {
  const read = Proxy.safeParse(spec);
  return read.success ? read.data : {};
}

const Entry = z.object({
  remoteAddress: z.looseObject({}).optional(),
  genericKey: z.object({ key: z.string().optional(), value: z.string() }).optional(),
  requestHeader: z.object({ descriptorKey: z.string() }).optional(),
  requestHeaderValueMatch: z.object({ value: z.string() }).optional(),
});

/** One entry of a descriptor of an HTTPProxy. */
export type LintedEntry = z.infer<typeof Entry>;

const RateLimitPolicy = z.object({
  global: z.object({
    descriptors: z.array(z.object({ entries: z.array(Entry).optional() })).optional(),
  }).optional(),
});

const Plugins = z.object({ rateLimit: z.object({ inherit: z.boolean().optional() }).optional() });

const Proxy = z.object({
  virtualhost: z.object({
    jwtProviders: z.array(z.unknown()).optional(),
    rateLimitPolicy: RateLimitPolicy.optional(),
    plugins: Plugins.optional(),
  }).optional(),
  includes: z.array(z.unknown()).optional(),
  routes: z.array(z.object({
    conditions: z.array(z.object({
      prefix: z.string().optional(),
      exact: z.string().optional(),
      regex: z.string().optional(),
    })).optional(),
    rateLimitPolicy: RateLimitPolicy.optional(),
    plugins: Plugins.optional(),
  })).optional(),
});

/** See {@link lintedProxy}. */
export type LintedProxy = z.infer<typeof Proxy>;
