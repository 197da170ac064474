import type { Buffer } from "node:buffer";
import { Cluster, Redis, type RedisOptions } from "ioredis";
import type { RedisState } from "./redis_store.ts";

/** Connects to Redis and stays so: it is tried again for as long as it takes. */
export function connect(
  place: RedisPlace,
  timeoutMs: number,
  onState: (state: RedisState) => void,
): RedisClient {
  const client = place.kind === "cluster"
    ? new Cluster(place.nodes.map(({ host, port }) => ({ host, port })), {
      redisOptions: commonOptions(place, timeoutMs),
      enableOfflineQueue: false,
      enableAutoPipelining: true,
      maxRedirections: 8,
      slotsRefreshTimeout: 2_000,
      clusterRetryStrategy: retryMs,
    })
    : new Redis({
      ...commonOptions(place, timeoutMs),
      ...pathOf(place),
      enableOfflineQueue: false,
      retryStrategy: retryMs,
    });
  let isClosing = false;
  let known: RedisState["kind"] | undefined;
  let lastError = "the connection is closed";
  const told = (state: RedisState) => {
    if (isClosing || state.kind === known) return;
    known = state.kind;
    onState(state);
  };
  client.on("ready", () => told({ kind: "up" }));
  client.on("error", (error: Error) => lastError = reasonOf(error));
  client.on("close", () => told({ kind: "down", reason: lastError }));
  return {
    evalsha: (sha, keys, args) => client.evalsha(sha, keys, ...args),
    eval: (lua, keys, args) => client.eval(lua, keys, ...args),
    close() {
      isClosing = true;
      client.disconnect();
      return Promise.resolve();
    },
  };
}

/** The part of Redis that is used: scripts, whose first arguments are their keys. */
export interface RedisClient {
  readonly evalsha: (
    sha: string,
    keys: number,
    args: readonly (string | number)[],
  ) => Promise<unknown>;
  readonly eval: (
    lua: string,
    keys: number,
    args: readonly (string | number)[],
  ) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** Where Redis is, and how to get in. */
export type RedisPlace = RedisAccess & RedisAddress;

/** Alone, behind sentinels, or a cluster. */
export type RedisAddress =
  | { readonly kind: "single"; readonly host: string; readonly port: number }
  | { readonly kind: "socket"; readonly path: string }
  | {
    readonly kind: "sentinel";
    readonly master: string;
    readonly nodes: readonly RedisNode[];
    readonly sentinelPassword?: string;
    readonly sentinelUsername?: string;
  }
  | { readonly kind: "cluster"; readonly nodes: readonly RedisNode[] };

/** One server. */
export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** How to get in. */
export interface RedisAccess {
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  readonly tls?: RedisTls;
}

/** All PEM. */
export interface RedisTls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** Takes a certificate for whatever name; it still has to be signed by the CA. */
  readonly skipHostnameVerification?: boolean;
}

type ClientOptions = Omit<RedisOptions, "replyMapping">;

function commonOptions(place: RedisPlace, timeoutMs: number): ClientOptions {
  const { username, password, db, tls } = place;
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(db === undefined || place.kind === "cluster" ? {} : { db }),
    ...(tls === undefined ? {} : { tls: tlsOptions(tls) }),
    commandTimeout: timeoutMs,
    connectTimeout: Math.max(timeoutMs, 2_000),
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
    // A master that became a replica is left for the one that is master now.
    reconnectOnError: (error) => error.message.startsWith("READONLY") ? 1 : false,
  };
}

function tlsOptions({ ca, cert, key, skipHostnameVerification }: RedisTls) {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(skipHostnameVerification === true ? { checkServerIdentity: () => undefined } : {}),
  };
}

function pathOf(place: RedisPlace): ClientOptions {
  switch (place.kind) {
    case "single":
      return { host: place.host, port: place.port };
    case "socket":
      return { path: place.path };
    case "sentinel":
      return {
        sentinels: place.nodes.map(({ host, port }) => ({ host, port })),
        name: place.master,
        sentinelRetryStrategy: retryMs,
        ...(place.sentinelPassword === undefined
          ? {}
          : { sentinelPassword: place.sentinelPassword }),
        ...(place.sentinelUsername === undefined
          ? {}
          : { sentinelUsername: place.sentinelUsername }),
        ...(place.tls === undefined
          ? {}
          : { enableTLSForSentinelMode: true, sentinelTLS: tlsOptions(place.tls) }),
      };
    case "cluster":
      return {};
  }
}

/** Between two attempts, in milliseconds: longer each time, up to two seconds. */
function retryMs(times: number): number {
  return Math.min(50 * 2 ** Math.min(times, 6), 2_000);
}

function reasonOf(error: Error): string {
  return error.message === "" ? error.name : error.message;
}
