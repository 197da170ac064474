import { setImmediate } from "node:timers";
import type { Outcome } from "../../decision/counting.ts";
import { algorithmLetters, type Hit, StoreFailure } from "../store.ts";
import type { RedisClient } from "./connect.ts";
import { lua, numbersPerKey, sha } from "./script.ts";

/**
 * Gathers hits of all requests that are under way at a moment, and has Redis count them in one call:
 * most of what a call costs is the same for one hit and for many. A cluster gets a call for each key,
 * which may be at another node each.
 */
export class HitBatch {
  readonly #client: RedisClient;
  readonly #options: HitBatchOptions;
  #waiting: Waiting[] = [];

  constructor(client: RedisClient, options: HitBatchOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** Counts a hit on a key. Rejects with a {@link StoreFailure}. */
  count(key: string, hit: Hit): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, hit, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.#send());
      else if (this.#waiting.length >= maxBatch) this.#send();
    });
  }

  #send(): void {
    const all = this.#waiting;
    this.#waiting = [];
    if (all.length === 0) return;
    if (!this.#options.oneByOne) return void this.#ask(all);
    for (const each of all) void this.#ask([each]);
  }

  async #ask(batch: readonly Waiting[]): Promise<void> {
    const args: (string | number)[] = [];
    for (const { key } of batch) args.push(key);
    args.push(this.#options.virtualNow?.() ?? "");
    for (const { hit: { spec, hits } } of batch) {
      const letter = algorithmLetters[spec.algorithm];
      args.push(letter, spec.windowMs, spec.requestsPerUnit, spec.burst, hits);
    }
    try {
      const reply = await this.#run(batch.length, args);
      if (!Array.isArray(reply) || reply.length !== batch.length * numbersPerKey) {
        throw new TypeError("it answers what our script does not");
      }
      for (const [index, { resolve, reject, key }] of batch.entries()) {
        const outcome = outcomeAt(reply, index * numbersPerKey);
        if (outcome !== undefined) resolve(outcome);
        else reject(new StoreFailure(`Redis keeps something else at ${JSON.stringify(key)}`));
      }
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const failure = new StoreFailure(`Redis cannot count: ${reason}`, { cause });
      for (const { reject } of batch) reject(failure);
    }
  }

  async #run(keys: number, args: readonly (string | number)[]): Promise<unknown> {
    try {
      return await this.#client.evalsha(sha, keys, args);
    } catch (error) {
      // It was started anew, or is another one: it learns the script again.
      if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
      return await this.#client.eval(lua, keys, args);
    }
  }
}

/** How to ask. */
export interface HitBatchOptions {
  /** A call for each key. */
  readonly oneByOne: boolean;
  /** The time to count by, in place of that of Redis; for tests. */
  readonly virtualNow?: () => number;
}

interface Waiting {
  readonly key: string;
  readonly hit: Hit;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (failure: StoreFailure) => void;
}

/** More would keep others from Redis for too long. */
const maxBatch = 128;

function outcomeAt(reply: readonly unknown[], at: number): Outcome | undefined {
  const isOver = Number(reply[at]);
  if (isOver < 0) return undefined;
  return {
    isOver: isOver === 1,
    before: Number(reply[at + 1]),
    after: Number(reply[at + 2]),
    remaining: Number(reply[at + 3]),
    resetMs: Number(reply[at + 4]),
    shutMs: Number(reply[at + 5]),
  };
}
