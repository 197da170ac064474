import type { Key } from "./key.ts";

/**
 * What queries read. Everything read through it is recorded by the engine, absence included, so a
 * query must take its facts from nowhere else: no clock, no globals, no closures over changing data.
 */
export interface Db {
  /** The value of an input, or `undefined` when nobody set it. */
  get<K extends Key, V>(input: Input<K, V>, key: K): V | undefined;
  /** The value of another query. */
  read<K extends Key, V>(query: Query<K, V>, key: K): V;
}

/** A kind of fact that comes from outside: objects, index buckets, settings. */
export interface Input<K extends Key, V> {
  readonly name: string;
  /** Never present: ties the types of key and value to the name. */
  readonly types?: (key: K) => V;
}

/** A named function of a key, whose answers the live engine remembers. Call it like a function. */
export interface Query<K extends Key, V> {
  (db: Db, key: K): V;
  readonly queryName: string;
  readonly compute: (db: Db, key: K) => V;
}

/** Declares an input. Names are unique in a program: they show in debug output and goldens. */
export function input<K extends Key, V>(name: string): Input<K, V> {
  return { name };
}

/**
 * Declares a query. `compute` must be pure: the same reads, the same answer. When its new answer
 * equals the old one, whoever reads it is left alone, so keep answers as small as readers need.
 */
export function query<K extends Key, V>(
  name: string,
  compute: (db: Db, key: K) => V,
): Query<K, V> {
  const self: Query<K, V> = Object.assign(
    (db: Db, key: K): V => db.read(self, key),
    { queryName: name, compute },
  );
  return self;
}
