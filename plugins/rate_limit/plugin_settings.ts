import { isIP } from "node:net";
import { z } from "zod";
import { algorithmNames } from "./configuration/schema.ts";
import { parseRedisUrl } from "./stores/redis/redis_url.ts";

const file = z.string().min(1);

const HostPort = z.string().superRefine((text, context) => {
  if (readHostPort(text) !== undefined) return;
  const message = 'must be a host and a port: "127.0.0.1:8003", "[::1]:8003"';
  context.addIssue({ code: "custom", message, input: text });
});

const RedisUrl = z.string().superRefine((text, context) => {
  try {
    parseRedisUrl(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    context.addIssue({ code: "custom", message: error.message, input: text });
  }
});

const Milliseconds = z.string().regex(/^\d{1,6}(ms|s)$/, { error: "must be a time: 200ms, 1s" });

const Redis = z.object({
  url: RedisUrl.describe(
    "redis://host:port, rediss:// with TLS, redis+sentinel://, redis+cluster:// or unix://.",
  ),
  passwordFile: file.optional().describe("The password, where it is not to stand in the URL."),
  ca: file.optional().describe(
    "Who signs the certificate of Redis. Default: who the system trusts.",
  ),
  certificate: file.optional().describe("Our certificate for Redis."),
  key: file.optional().describe("Its key."),
  keyPrefix: z.string().max(64).optional().describe(
    "Stands before every key: unlike that of other gateways on the same Redis.",
  ),
  timeout: Milliseconds.optional().describe("So long is waited for an answer. Default: 1s."),
}).superRefine(({ certificate, key, ca, url }, context) => {
  const wrong = (message: string) => context.addIssue({ code: "custom", message, input: url });
  if ((certificate === undefined) !== (key === undefined)) {
    wrong("must have a certificate and its key, or neither");
  }
  if (ca !== undefined && !/^(redis|valkey)s/.test(url)) wrong("must be rediss:// to have a ca");
});

const Tls = z.object({
  certificate: file.optional().describe(
    "What the service shows, for the name contour. Default: in a cluster that of xDS, and so for " +
      "key and ca.",
  ),
  key: file.optional().describe("Its key."),
  ca: file.optional().describe("Who signs the certificates of Envoys."),
  envoyResources: z.string().min(1).optional().describe(
    "The --resources-dir of contour bootstrap, as Envoy sees it: it proves itself as it does for " +
      "its configuration. Default: /config/resources.",
  ),
}).superRefine((tls, context) => {
  const given = [tls.certificate, tls.key, tls.ca].filter((each) => each !== undefined);
  if (given.length === 0 || given.length === 3) return;
  const message = "must have certificate, key and ca, or none of them";
  context.addIssue({ code: "custom", message, input: tls });
});

const Headers = z.object({
  xRateLimit: z.boolean().optional().describe("x-ratelimit-limit and so on. Default: true."),
  rateLimit: z.boolean().optional().describe("ratelimit-limit and so on. Default: false."),
  retryAfter: z.boolean().optional().describe("retry-after, with refusals. Default: true."),
  rule: z.boolean().optional().describe("x-ratelimit-rule, the name of the limit. Default: false."),
});

/** What the administrator decides about rate limits. */
export const RateLimitPluginSettings = z.object({
  listen: HostPort.optional().describe(
    "Where the service listens. Default: in a cluster at port 8003, where xDS listens; otherwise at " +
      "127.0.0.1 and a free port.",
  ),
  address: HostPort.optional().describe(
    "Where Envoys find it. Default: in a cluster the Service contour, otherwise where it listens.",
  ),
  tls: Tls.optional().describe(
    "Both sides show certificates. Default: in a cluster those of xDS, otherwise plain text.",
  ),
  redis: Redis.optional().describe(
    "Where counters are, for all controllers together. Default: in the memory of each.",
  ),
  whenStoreIsDown: z.enum(["open", "closed", "memory"]).optional().describe(
    "What becomes of requests while Redis is away: they pass, are refused, or are counted here. " +
      "Default: as failOpen says.",
  ),
  failOpen: z.boolean().optional().describe(
    "Whether requests pass while the service does not answer. Otherwise they get 500. Default: true.",
  ),
  timeout: Milliseconds.optional().describe(
    "So long Envoy waits for the service. Default: 200ms.",
  ),
  algorithm: z.enum(algorithmNames).exclude(["concurrency"]).optional().describe(
    "How limits count that do not say it: gcra, sliding_window or fixed_window. Default: gcra.",
  ),
  status: z.int().min(400).max(599).optional().describe("What is answered. Default: 429."),
  headers: Headers.optional().describe("What clients are told of their limits."),
  descriptors: z.array(file).optional().describe(
    "Files and folders in the format of Envoy's reference service, for descriptors of HTTPProxy's " +
      "own rateLimitPolicy.global and of others who ask.",
  ),
  maxCounters: z.int().min(1).optional().describe(
    "So many counters are kept in memory, the ones that are used last. Default: 1,000,000.",
  ),
});
/** See {@link RateLimitPluginSettings}. */
export type RateLimitPluginSettings = z.infer<typeof RateLimitPluginSettings>;

/** The milliseconds of a time such as 200ms. */
export function milliseconds(text: string): number {
  return text.endsWith("ms") ? Number(text.slice(0, -2)) : Number(text.slice(0, -1)) * 1_000;
}

/** Host and port of a text; `undefined`: it is none. */
export function readHostPort(text: string): HostPort | undefined {
  const [, bracketed, plain = bracketed, digits = ""] =
    /^(?:\[([0-9A-Fa-f:.]+)\]|([^[\]:\s]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (plain === undefined || digits === "" || port > 65_535) return undefined;
  if (bracketed !== undefined && isIP(bracketed) !== 6) return undefined;
  return { address: plain, port };
}

/** A place on the network. */
export interface HostPort {
  readonly address: string;
  readonly port: number;
}
