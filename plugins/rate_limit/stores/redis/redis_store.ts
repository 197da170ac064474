import { createHash } from "node:crypto";
import type { Outcome } from "../../decision/counting.ts";
import { type Hit, type Store, StoreFailure, storeKey, type StoreReport } from "../store.ts";
import { HitBatch } from "./batch.ts";
import { connect, type RedisClient, type RedisPlace } from "./connect.ts";
import { LocalCache } from "./local_cache.ts";

/**
 * Counters in Redis (7 or later) or Valkey, for any number of replicas: looking and counting is one
 * script, by the clock of Redis. Nothing waits for a connection: while there is none, counting fails at
 * once.
 */
export class RedisStore implements Store {
  readonly kind = "redis";
  readonly #client: RedisClient;
  readonly #cache: LocalCache;
  readonly #prefix: string;
  readonly #batch: HitBatch;
  #isUp = false;

  constructor(options: RedisStoreOptions) {
    this.#prefix = options.keyPrefix ?? "";
    this.#cache = new LocalCache(options.localCacheKeys ?? 10_000, () => performance.now());
    this.#client = connect(options.place, options.timeoutMs ?? 1_000, (state) => {
      this.#isUp = state.kind === "up";
      options.onState?.(state);
    });
    const { virtualNow } = options;
    this.#batch = new HitBatch(this.#client, {
      oneByOne: options.place.kind === "cluster",
      ...(virtualNow === undefined ? {} : { virtualNow }),
    });
  }

  count(hits: readonly Hit[]): readonly Outcome[] | Promise<readonly Outcome[]> {
    if (hits.length === 1 && hits[0] !== undefined) {
      const outcome = this.#countOne(hits[0]);
      return outcome instanceof Promise ? outcome.then((only) => [only]) : [outcome];
    }
    const known: Outcome[] = [];
    const outcomes = hits.map((hit) => this.#countOne(hit));
    for (const outcome of outcomes) if (!(outcome instanceof Promise)) known.push(outcome);
    return known.length === outcomes.length ? known : Promise.all(outcomes);
  }

  isUp(): boolean {
    return this.#isUp;
  }

  report(): StoreReport {
    return { counters: this.#cache.size, evicted: 0 };
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  #countOne(hit: Hit): Outcome | Promise<Outcome> {
    const key = this.#keyOf(hit);
    if (hit.hits > 0) {
      const shutMs = this.#cache.shutMs(key, hit.spec);
      if (shutMs > 0) return stillOver(hit, shutMs);
    }
    if (!this.#isUp) return Promise.reject(new StoreFailure("Redis is not connected"));
    return this.#batch.count(key, hit).then((outcome) => {
      if (outcome.shutMs > 0) this.#cache.shut(key, outcome.shutMs, hit.spec);
      else if (hit.hits < 0) this.#cache.open(key);
      return outcome;
    });
  }

  /** Short, whatever is asked for, and in a slot of a cluster that no client of Envoy can choose. */
  #keyOf(hit: Hit): string {
    const key = `${this.#prefix}${storeKey(hit)}`;
    if (key.length > maxKeyLength) {
      const hash = createHash("sha256").update(key).digest("base64url");
      return `${this.#prefix}${storeKey({ ...hit, key: `#${hash}` })}`;
    }
    return key.includes("{") ? key.replaceAll("{", "\\u007b") : key;
  }
}

/** What a {@link RedisStore} needs. */
export interface RedisStoreOptions {
  readonly place: RedisPlace;
  /** Stands before every key. */
  readonly keyPrefix?: string;
  /** How long to wait for an answer, in milliseconds. Default: 1,000. */
  readonly timeoutMs?: number;
  /** How many keys that are over to keep in mind. Default: 10,000; 0 for none. */
  readonly localCacheKeys?: number;
  /** Told when Redis comes and goes, also when it is not there to begin with. */
  readonly onState?: (state: RedisState) => void;
  /** The time to count by, in place of that of Redis; for tests. */
  readonly virtualNow?: () => number;
}

/** How it stands with Redis. */
export type RedisState =
  | { readonly kind: "up" }
  | { readonly kind: "down"; readonly reason: string };

const maxKeyLength = 512;

function stillOver({ spec, hits }: Hit, shutMs: number): Outcome {
  const whole = spec.algorithm === "gcra" ? spec.burst : spec.requestsPerUnit;
  const common = { isOver: true, remaining: 0, isCached: true };
  return { ...common, before: whole, after: whole + hits, resetMs: shutMs, shutMs };
}
