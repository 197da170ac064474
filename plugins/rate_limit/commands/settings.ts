import { Buffer } from "node:buffer";
import { join } from "node:path";
import { UsageError } from "../../../command_line/mod.ts";
import {
  booleanOf,
  type EnvironmentValues,
  type GrpcPlace,
  parseRedisUrl,
  type RateLimitServiceOptions,
  type RedisTls,
  type RedisUrl,
  type ResponseHeaders,
  type StoreChoice,
} from "../mod.ts";
import { type HostPort, parseHostPort } from "./host_port.ts";
import { type LogFormat, parseDuration } from "./outside.ts";
import type { ServeFlags } from "./serve.ts";

/**
 * What flags and environment come to; flags go before. Throws a {@link UsageError} for what does not go
 * together or cannot be read.
 */
export async function serviceSettings(
  flags: ServeFlags,
  env: EnvironmentValues,
): Promise<ServiceSettings> {
  try {
    return await settingsOf(flags, env);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

/** The service, but for what it tells and when it ends. */
export interface ServiceSettings {
  readonly service: Omit<RateLimitServiceOptions, "log" | "signal">;
  readonly logFormat: LogFormat;
}

async function settingsOf(flags: ServeFlags, env: EnvironmentValues): Promise<ServiceSettings> {
  const is = (name: keyof EnvironmentValues, flag: boolean | undefined) => {
    const text = env[name];
    return flag ?? (text === undefined ? false : booleanOf(name, text));
  };
  const configuration = flags.config ?? configurationOf(env);
  if (configuration.length === 0) {
    throw new RangeError("Name a file or folder with limits: --config limits.yaml");
  }
  const http = flags.httpAddress ?? addressOf(env.HOST, env.PORT, 8082);
  if (http.kind === "socket") {
    throw new RangeError("--http-address has to be an address with a port");
  }
  const headers = headersOf(flags, env);
  return {
    logFormat: flags.logFormat ?? (env.LOG_FORMAT === "json" ? "json" : "text"),
    service: {
      configuration,
      store: await storeOf(flags, env),
      onStoreFailure: flags.onStoreFailure,
      algorithm: flags.algorithm,
      grpc: grpcOf(flags, env),
      http,
      answers: {
        shadowMode: is("SHADOW_MODE", flags.shadowMode),
        quotaMode: is("QUOTA_MODE", flags.quotaMode),
        dynamicMetadata: is("RESPONSE_DYNAMIC_METADATA", flags.dynamicMetadata),
        ...(headers === undefined ? {} : { headers }),
      },
      compile: {
        mergeDomains: is("MERGE_DOMAIN_CONFIG", flags.mergeDomainConfigs),
        nearLimitRatio: ratioOf(env.NEAR_LIMIT_RATIO),
      },
      health: {
        followsStore: is("REDIS_HEALTH_CHECK_ACTIVE_CONNECTION", flags.healthFollowsStore),
        needsConfiguration: is("HEALTHY_WITH_AT_LEAST_ONE_CONFIG_LOADED", undefined),
      },
    },
  };
}

function configurationOf(env: EnvironmentValues): readonly string[] {
  const { RUNTIME_ROOT: root, RUNTIME_SUBDIRECTORY: folder = "" } = env;
  if (root === undefined) return [];
  return [join(root, folder, env.RUNTIME_APPDIRECTORY ?? "config")];
}

/** With one of the two given, the other is as in the reference. */
function addressOf(host: string | undefined, port: string | undefined, ours: number): HostPort {
  if (host === undefined && port === undefined) {
    return { kind: "tcp", address: "127.0.0.1", port: ours };
  }
  const address = host ?? "0.0.0.0";
  return parseHostPort(`${address.includes(":") ? `[${address}]` : address}:${port ?? ours}`);
}

function grpcOf(flags: ServeFlags, env: EnvironmentValues): GrpcPlace {
  const hasTls = env.GRPC_SERVER_USE_TLS !== undefined &&
    booleanOf("GRPC_SERVER_USE_TLS", env.GRPC_SERVER_USE_TLS);
  const certFile = flags.grpcCertFile ?? (hasTls ? env.GRPC_SERVER_TLS_CERT : undefined);
  const keyFile = flags.grpcKeyFile ?? (hasTls ? env.GRPC_SERVER_TLS_KEY : undefined);
  const caFile = flags.grpcCaFile ?? (hasTls ? env.GRPC_CLIENT_TLS_CACERT : undefined);
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new RangeError(
      "A certificate and its key are needed together: --grpc-cert-file, --grpc-key-file",
    );
  }
  if (caFile !== undefined && certFile === undefined) {
    throw new RangeError("--grpc-ca-file needs --grpc-cert-file and --grpc-key-file");
  }
  const place = flags.grpcAddress ??
    (env.GRPC_UDS === undefined
      ? addressOf(env.GRPC_HOST, env.GRPC_PORT, 8081)
      : { kind: "socket", path: env.GRPC_UDS });
  if (certFile === undefined || keyFile === undefined) return place;
  if (place.kind === "socket") throw new RangeError("A Unix socket is served without TLS");
  const ca = caFile === undefined ? {} : { caFile };
  return { ...place, tls: { certFile, keyFile, ...ca } };
}

async function storeOf(flags: ServeFlags, env: EnvironmentValues): Promise<StoreChoice> {
  const backend = env.BACKEND_TYPE ?? "redis";
  if (backend !== "redis") {
    throw new RangeError(
      `BACKEND_TYPE ${backend} is not there: it is redis, or memory without REDIS_URL`,
    );
  }
  const url = flags.redis === undefined ? urlOf(env) : parseRedisUrl(flags.redis);
  if (url === undefined) return { kind: "memory", maxCounters: flags.maxCounters };
  const { address, hasTls, ...access } = url;
  const tls = await tlsOf(flags, env);
  const needsTls = hasTls || (flags.redis === undefined && env.REDIS_TLS !== undefined &&
    booleanOf("REDIS_TLS", env.REDIS_TLS));
  if (tls !== undefined && !needsTls) {
    throw new RangeError("Certificates for Redis need rediss:// in its URL");
  }
  const size = env.LOCAL_CACHE_SIZE_IN_BYTES;
  const cache = flags.localCache ??
    // Of about a hundred bytes each.
    (size === undefined ? undefined : Math.floor(Number(size) / 100));
  const timeout = flags.redisTimeout ?? timeoutOf(env.REDIS_TIMEOUT);
  const prefix = flags.keyPrefix ?? env.CACHE_KEY_PREFIX;
  return {
    kind: "redis",
    place: { ...address, ...access, ...(needsTls ? { tls: tls ?? {} } : {}) },
    ...(prefix === undefined ? {} : { keyPrefix: prefix }),
    ...(cache === undefined ? {} : { localCacheKeys: cache }),
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
  };
}

/** As the reference writes it: the type says what the URL is. */
function urlOf(env: EnvironmentValues): RedisUrl | undefined {
  const url = env.REDIS_URL;
  if (url === undefined) return undefined;
  const type = (env.REDIS_TYPE ?? "single").toLowerCase();
  const parts = url.split(",");
  const parsed = type === "single"
    ? parseRedisUrl(url)
    : type === "cluster"
    ? parseRedisUrl(`redis+cluster://${url}`)
    : type === "sentinel"
    ? parseRedisUrl(`redis+sentinel://${parts.slice(1).join(",")}/${parts[0]}`)
    : undefined;
  if (parsed === undefined) {
    throw new RangeError(`REDIS_TYPE ${type} is none of single, sentinel, cluster`);
  }
  const [username, password] = accessOf(env.REDIS_AUTH);
  const address = parsed.address.kind === "sentinel" && env.REDIS_SENTINEL_AUTH !== undefined
    ? { ...parsed.address, ...sentinelAccess(env.REDIS_SENTINEL_AUTH) }
    : parsed.address;
  return {
    ...parsed,
    address,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}

function sentinelAccess(text: string) {
  const [sentinelUsername, sentinelPassword] = accessOf(text);
  return {
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
  };
}

function accessOf(
  text: string | undefined,
): readonly [username?: string | undefined, password?: string] {
  if (text === undefined) return [];
  const colon = text.indexOf(":");
  return colon < 0 ? [undefined, text] : [text.slice(0, colon), text.slice(colon + 1)];
}

async function tlsOf(flags: ServeFlags, env: EnvironmentValues): Promise<RedisTls | undefined> {
  const files = {
    ca: flags.redisCaFile ?? env.REDIS_TLS_CACERT,
    cert: flags.redisCertFile ?? env.REDIS_TLS_CLIENT_CERT,
    key: flags.redisKeyFile ?? env.REDIS_TLS_CLIENT_KEY,
  };
  if ((files.cert === undefined) !== (files.key === undefined)) {
    throw new RangeError("A certificate for Redis and its key are needed together");
  }
  const tls: { ca?: Buffer; cert?: Buffer; key?: Buffer; skipHostnameVerification?: boolean } = {};
  for (const name of ["ca", "cert", "key"] as const) {
    const file = files[name];
    if (file === undefined) continue;
    try {
      tls[name] = Buffer.from(await Deno.readFile(file));
    } catch (cause) {
      throw new UsageError(`Cannot read "${file}"`, { cause });
    }
  }
  const skip = env.REDIS_TLS_SKIP_HOSTNAME_VERIFICATION;
  if (skip !== undefined && booleanOf("REDIS_TLS_SKIP_HOSTNAME_VERIFICATION", skip)) {
    tls.skipHostnameVerification = true;
  }
  return Object.keys(tls).length === 0 ? undefined : tls;
}

function timeoutOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  if (duration.ok && duration.ms > 0) return duration.ms;
  throw new RangeError(`REDIS_TIMEOUT has to be a duration such as 10s, not "${text}"`);
}

function ratioOf(text: string | undefined): number {
  if (text === undefined) return 0.8;
  const ratio = Number(text);
  if (text.trim() !== "" && ratio >= 0 && ratio <= 1) return ratio;
  throw new RangeError(`NEAR_LIMIT_RATIO has to be a number from 0 to 1, not "${text}"`);
}

const headerChoices = ["ratelimit", "x-ratelimit", "retry-after", "rule"] as const;

function headersOf(flags: ServeFlags, env: EnvironmentValues): ResponseHeaders | undefined {
  const isOn = env.LIMIT_RESPONSE_HEADERS_ENABLED !== undefined &&
    booleanOf("LIMIT_RESPONSE_HEADERS_ENABLED", env.LIMIT_RESPONSE_HEADERS_ENABLED);
  const list = flags.responseHeaders ?? (isOn ? "ratelimit" : undefined);
  if (list === undefined) return undefined;
  const chosen = list.split(",").map((name) => name.trim());
  const odd = chosen.find((name) => !headerChoices.some((choice) => choice === name));
  if (odd !== undefined) {
    throw new RangeError(
      `--response-headers has no "${odd}": there are ${headerChoices.join(", ")}`,
    );
  }
  const names = {
    limit: env.LIMIT_LIMIT_HEADER ?? "ratelimit-limit",
    remaining: env.LIMIT_REMAINING_HEADER ?? "ratelimit-remaining",
    reset: env.LIMIT_RESET_HEADER ?? "ratelimit-reset",
  };
  return {
    ...(chosen.includes("ratelimit") ? { rateLimit: names } : {}),
    xRateLimit: chosen.includes("x-ratelimit"),
    retryAfter: chosen.includes("retry-after"),
    rule: chosen.includes("rule"),
  };
}
