import type { Db, Input, Query } from "./db.ts";
import { type Key, keyText } from "./key.ts";

/** Facts by input name and key text: what a cold engine answers from. */
export type Facts = ReadonlyMap<string, ReadonlyMap<string, unknown>>;

/**
 * The engine without memory: every read computes. Slow and obviously right, it is the oracle that
 * the live engine is held against.
 */
export function coldDb(facts: Facts): Db {
  const db: Db = {
    get<K extends Key, V>(input: Input<K, V>, key: K): V | undefined {
      return facts.get(input.name)?.get(keyText(key)) as V | undefined;
    },
    read<K extends Key, V>(query: Query<K, V>, key: K): V {
      return query.compute(db, key);
    },
  };
  return db;
}
