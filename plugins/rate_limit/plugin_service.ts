import { Buffer } from "node:buffer";
import { Registry } from "prom-client";
import { problemLine } from "./configuration/problem.ts";
import { Domain } from "./configuration/schema.ts";
import type { ResponseHeaders } from "./decision/headers.ts";
import type { EnvoyReach, RunningService, ServiceSurroundings } from "./outside.ts";
import { policyDomain } from "./plugin_envoy.ts";
import { listenPlace, placeForEnvoys, serviceTls } from "./plugin_places.ts";
import { milliseconds, type RateLimitPluginSettings } from "./plugin_settings.ts";
import { PolicyTable } from "./policy_table.ts";
import { startRateLimitService, type StoreChoice } from "./service.ts";
import type { RedisTls } from "./stores/redis/connect.ts";
import { parseRedisUrl } from "./stores/redis/redis_url.ts";

/** Starts the service for the limits of policies, and of files if there are any. */
export async function startPluginService(
  { settings, envoys, signal, log, metrics, feed, previous }: Surroundings,
): Promise<RunningService> {
  const listen = listenPlace(settings, envoys);
  // Envoy goes on looking where it was.
  const port = listen.port === 0 ? previous?.port ?? 0 : listen.port;
  const { failOpen = true, whenStoreIsDown = failOpen ? "open" : "closed" } = settings;
  const registry = new Registry();
  const { algorithm = "gcra" } = settings;
  const compile = { mergeDomains: true, nearLimitRatio: 0.8 };
  const policies = new PolicyTable(policyDomain, { ...compile, algorithm });
  const service = await startRateLimitService({
    configuration: settings.descriptors ?? [],
    store: await storeOf(settings),
    onStoreFailure: whenStoreIsDown,
    algorithm,
    domains: [policies.domain],
    grpc: { kind: "tcp", address: listen.address, port, ...tlsOf(settings, envoys) },
    answers: {
      shadowMode: false,
      quotaMode: false,
      dynamicMetadata: false,
      headers: headersOf(settings.headers),
    },
    compile,
    log: {
      info: (message, fields) => log("debug", message, fields),
      warn: (message, fields) => log("warn", message, fields),
      error: (message, fields) => log("error", message, fields),
    },
    signal,
    registry,
  });
  metrics(() => registry.metrics());
  const followed = follow(feed, policies, log);
  return {
    address: placeForEnvoys(settings, envoys, { ...listen, port: service.grpcPort }),
    done: Promise.all([service.finished, followed]).then(() => {}),
  };
}

type Surroundings = ServiceSurroundings<RateLimitPluginSettings>;

/** Keeps the limits of policies as they are at the moment. */
async function follow(
  feed: Surroundings["feed"],
  policies: PolicyTable,
  log: Surroundings["log"],
): Promise<void> {
  for await (const { changed, removed } of feed) {
    for (const id of removed) policies.delete(id);
    for (const [id, descriptors] of changed) {
      const read = Domain.parse({ domain: policyDomain, descriptors });
      // They were made by us, so there is nothing that users could mend.
      for (const problem of policies.set(id, read.descriptors ?? [])) {
        log("error", problemLine(problem));
      }
    }
  }
}

function tlsOf(settings: RateLimitPluginSettings, envoys: EnvoyReach) {
  const tls = serviceTls(settings, envoys);
  if (tls === undefined) return {};
  const { certificate: certFile, key: keyFile, ca: caFile } = tls;
  return { tls: { certFile, keyFile, caFile } };
}

async function storeOf({ redis, maxCounters }: RateLimitPluginSettings): Promise<StoreChoice> {
  if (redis === undefined) {
    return { kind: "memory", ...(maxCounters === undefined ? {} : { maxCounters }) };
  }
  const { url, passwordFile, keyPrefix, timeout } = redis;
  const { address, hasTls, ...access } = parseRedisUrl(url);
  const password = passwordFile === undefined
    ? undefined
    : (await Deno.readTextFile(passwordFile)).trim();
  return {
    kind: "redis",
    place: {
      ...address,
      ...access,
      ...(password === undefined ? {} : { password }),
      ...(hasTls ? { tls: await redisTls(redis) } : {}),
    },
    ...(keyPrefix === undefined ? {} : { keyPrefix }),
    ...(timeout === undefined ? {} : { timeoutMs: milliseconds(timeout) }),
  };
}

async function redisTls(
  { ca, certificate, key }: NonNullable<RateLimitPluginSettings["redis"]>,
): Promise<RedisTls> {
  const read = async (path: string) => Buffer.from(await Deno.readFile(path));
  return {
    ...(ca === undefined ? {} : { ca: await read(ca) }),
    ...(certificate === undefined ? {} : { cert: await read(certificate) }),
    ...(key === undefined ? {} : { key: await read(key) }),
  };
}

function headersOf(
  { xRateLimit = true, rateLimit = false, retryAfter = true, rule = false }: NonNullable<
    RateLimitPluginSettings["headers"]
  > = {},
): ResponseHeaders {
  const names = {
    limit: "ratelimit-limit",
    remaining: "ratelimit-remaining",
    reset: "ratelimit-reset",
  };
  return { xRateLimit, retryAfter, rule, ...(rateLimit ? { rateLimit: names } : {}) };
}
