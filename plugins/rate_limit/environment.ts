/**
 * What the reference service takes from its environment: what each variable is here. Whoever moves
 * over sees which of the settings go on having an effect.
 */
export function readEnvironment(
  env: (name: string) => string | undefined,
): EnvironmentReading {
  const values: Record<string, string> = {};
  const ignored: IgnoredVariable[] = [];
  for (const name of usedVariables) {
    const value = env(name);
    if (value !== undefined && value !== "") values[name] = value;
  }
  for (const [name, reason] of Object.entries(unusedVariables)) {
    const value = env(name);
    if (value !== undefined && value !== "") ignored.push({ name, reason });
  }
  return { values: values as EnvironmentValues, ignored };
}

/** See {@link readEnvironment}. */
export interface EnvironmentReading {
  readonly values: EnvironmentValues;
  readonly ignored: readonly IgnoredVariable[];
}

/** The settings that have an effect, as they are written; empty ones are absent. */
export type EnvironmentValues = Readonly<Partial<Record<(typeof usedVariables)[number], string>>>;

/** A variable that is set and has no effect. */
export interface IgnoredVariable {
  readonly name: string;
  /** Why not, or what to do in its place. */
  readonly reason: string;
}

/** Variables of the reference that mean the same here. */
export const usedVariables = [
  "HOST",
  "PORT",
  "GRPC_HOST",
  "GRPC_PORT",
  "GRPC_UDS",
  "GRPC_SERVER_USE_TLS",
  "GRPC_SERVER_TLS_CERT",
  "GRPC_SERVER_TLS_KEY",
  "GRPC_CLIENT_TLS_CACERT",
  "LOG_FORMAT",
  "RUNTIME_ROOT",
  "RUNTIME_SUBDIRECTORY",
  "RUNTIME_APPDIRECTORY",
  "MERGE_DOMAIN_CONFIG",
  "BACKEND_TYPE",
  "CACHE_KEY_PREFIX",
  "NEAR_LIMIT_RATIO",
  "LOCAL_CACHE_SIZE_IN_BYTES",
  "LIMIT_RESPONSE_HEADERS_ENABLED",
  "LIMIT_LIMIT_HEADER",
  "LIMIT_REMAINING_HEADER",
  "LIMIT_RESET_HEADER",
  "RESPONSE_DYNAMIC_METADATA",
  "SHADOW_MODE",
  "QUOTA_MODE",
  "HEALTHY_WITH_AT_LEAST_ONE_CONFIG_LOADED",
  "REDIS_HEALTH_CHECK_ACTIVE_CONNECTION",
  "REDIS_TYPE",
  "REDIS_URL",
  "REDIS_AUTH",
  "REDIS_SENTINEL_AUTH",
  "REDIS_TLS",
  "REDIS_TLS_CACERT",
  "REDIS_TLS_CLIENT_CERT",
  "REDIS_TLS_CLIENT_KEY",
  "REDIS_TLS_SKIP_HOSTNAME_VERIFICATION",
  "REDIS_TIMEOUT",
] as const;

const oneAddress = "metrics and debug pages are at --http-address";
const noStatsd = "metrics are told to Prometheus, at /metrics of --http-address";
const noXds = "limits are read from files";
const noMemcached = "there is memory and Redis";
const pool = "one connection is used, by all calls at once";

/** Variables of the reference that have no effect here, and why. */
export const unusedVariables: Readonly<Record<string, string>> = {
  DEBUG_HOST: oneAddress,
  DEBUG_PORT: oneAddress,
  PROMETHEUS_ADDR: oneAddress,
  PROMETHEUS_PATH: "the path is /metrics",
  PROMETHEUS_MAPPER_YAML: "names are those of the default mapping",
  PROMETHEUS_RESPONSE_TIME_AS_MILLISECONDS: "times are in seconds",
  GRPC_MAX_CONNECTION_AGE: "connections may last",
  GRPC_MAX_CONNECTION_AGE_GRACE: "connections may last",
  GRPC_CLIENT_TLS_SAN: "any certificate signed by the CA is taken",
  LOG_LEVEL: "what is logged is what somebody has to know",
  CONFIG_TYPE: noXds,
  FORCE_START_WITHOUT_INITIAL_CONFIG: noXds,
  CONFIG_GRPC_XDS_NODE_ID: noXds,
  CONFIG_GRPC_XDS_NODE_METADATA: noXds,
  CONFIG_GRPC_XDS_SERVER_URL: noXds,
  CONFIG_GRPC_XDS_SERVER_USE_TLS: noXds,
  RUNTIME_IGNOREDOTFILES: "names that begin with a dot are always passed over",
  RUNTIME_WATCH_ROOT: "files are looked at again each second, by whatever links they are reached",
  USE_STATSD: noStatsd,
  USE_DOG_STATSD: noStatsd,
  STATSD_HOST: noStatsd,
  STATSD_PORT: noStatsd,
  STATSD_PROTOCOL: noStatsd,
  EXTRA_TAGS: noStatsd,
  STATS_FLUSH_INTERVAL: noStatsd,
  DISABLE_STATS: noStatsd,
  EXPIRATION_JITTER_MAX_SECONDS: "counters expire with their window",
  STOP_CACHE_KEY_INCREMENT_WHEN_OVERLIMIT: "gcra and sliding_window never count what they refuse",
  REDIS_SOCKET_TYPE: "REDIS_URL says it: a path is a socket",
  REDIS_POOL_SIZE: pool,
  REDIS_POOL_ON_EMPTY_BEHAVIOR: pool,
  REDIS_PIPELINE_WINDOW: pool,
  REDIS_PIPELINE_LIMIT: pool,
  REDIS_CLUSTER_PIPELINE_PARALLELISM: pool,
  REDIS_STARTUP_INITIAL_INTERVAL: "it is tried again until it is there",
  REDIS_STARTUP_MAX_INTERVAL: "it is tried again until it is there",
  REDIS_STARTUP_MAX_ELAPSED_TIME: "it is tried again until it is there",
  REDIS_PERSECOND: "all limits are in one Redis",
  REDIS_PERSECOND_URL: "all limits are in one Redis",
  MEMCACHE_HOST_PORT: noMemcached,
  MEMCACHE_SRV: noMemcached,
  TRACING_ENABLED: "calls are not traced",
};

/** A boolean as the reference's library reads it. Throws a `RangeError`. */
export function booleanOf(name: string, text: string): boolean {
  if (/^(?:1|t|T|true|True|TRUE)$/.test(text)) return true;
  if (/^(?:0|f|F|false|False|FALSE)$/.test(text)) return false;
  throw new RangeError(`${name} has to be true or false, not "${text}"`);
}
