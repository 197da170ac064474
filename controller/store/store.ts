import { keyId, keyOf, type KubeObject, type ObjectKey } from "../api/mod.ts";
import type { Demand, LiveDb, Outputs } from "../query/mod.ts";
import { indexes, type IndexName } from "./indexes.ts";
import { bucketInput, objectInput } from "./inputs.ts";
import { significant } from "./significant.ts";

/** What happened since the last batch. An object that is both applied and deleted is deleted. */
export interface Batch {
  readonly applied?: readonly KubeObject[];
  readonly deleted?: readonly ObjectKey[];
}

/** The outputs that exist because an object does. */
export type Sources = (object: KubeObject) => readonly Demand[];

/**
 * The objects we hold, written into the inputs of the engine together with the indexes over them
 * and the outputs they call for.
 */
export class Store {
  readonly #db: LiveDb;
  readonly #outputs: Outputs;
  readonly #sources: Sources;
  readonly #objects = new Map<string, KubeObject>();
  readonly #counts = new Map<KubeObject["kind"], number>();
  readonly #buckets = new Map<IndexName, Map<string, Map<string, ObjectKey>>>();

  constructor(db: LiveDb, outputs: Outputs, sources: Sources) {
    this.#db = db;
    this.#outputs = outputs;
    this.#sources = sources;
  }

  /** Takes a batch in as one transaction. Returns how many objects really changed. */
  apply({ applied = [], deleted = [] }: Batch): number {
    const touched = new Touched();
    let changes = 0;
    for (const object of applied) if (this.#replace(keyOf(object), object, touched)) changes++;
    for (const key of deleted) if (this.#replace(key, undefined, touched)) changes++;
    for (const { index, key } of touched.buckets()) this.#publish(index, key);
    return changes;
  }

  /** How many objects are held. */
  get size(): number {
    return this.#objects.size;
  }

  /** How many objects of each kind are held. */
  counts(): ReadonlyMap<KubeObject["kind"], number> {
    return this.#counts;
  }

  /** All objects, in no particular order. */
  objects(): Iterable<KubeObject> {
    return this.#objects.values();
  }

  /** The object as held, without what cannot matter. */
  get(key: ObjectKey): KubeObject | undefined {
    return this.#objects.get(keyId(key));
  }

  #replace(key: ObjectKey, next: KubeObject | undefined, touched: Touched): boolean {
    const id = keyId(key);
    const before = this.#objects.get(id);
    const after = next === undefined ? undefined : significant(next);
    const { kind, namespace, name } = key;
    if (!this.#db.set(objectInput, { kind, namespace, name }, after)) return false;
    const more = Number(after !== undefined) - Number(before !== undefined);
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + more);
    if (after === undefined) this.#objects.delete(id);
    else this.#objects.set(id, after);
    this.#reindex(key, id, before, after, touched);
    if (after !== undefined) this.#sources(after).forEach((demand) => this.#outputs.demand(demand));
    if (before !== undefined) {
      this.#sources(before).forEach((demand) => this.#outputs.withdraw(demand));
    }
    return true;
  }

  #reindex(
    key: ObjectKey,
    id: string,
    before: KubeObject | undefined,
    after: KubeObject | undefined,
    touched: Touched,
  ): void {
    for (const index of indexNames) {
      const old = before === undefined ? [] : indexes[index](before);
      const now = after === undefined ? [] : indexes[index](after);
      for (const bucket of old) {
        if (now.includes(bucket)) continue;
        this.#bucket(index, bucket).delete(id);
        touched.add(index, bucket);
      }
      for (const bucket of now) {
        if (old.includes(bucket)) continue;
        this.#bucket(index, bucket).set(id, key);
        touched.add(index, bucket);
      }
    }
  }

  #publish(index: IndexName, key: string): void {
    const members = this.#bucket(index, key);
    if (members.size === 0) {
      this.#buckets.get(index)?.delete(key);
      this.#db.set(bucketInput, { index, key }, undefined);
    } else {
      this.#db.set(bucketInput, { index, key }, [...members.values()].sort(byName));
    }
  }

  #bucket(index: IndexName, key: string): Map<string, ObjectKey> {
    const buckets = this.#buckets.get(index) ?? new Map<string, Map<string, ObjectKey>>();
    this.#buckets.set(index, buckets);
    const members = buckets.get(key) ?? new Map<string, ObjectKey>();
    buckets.set(key, members);
    return members;
  }
}

const indexNames = Object.keys(indexes) as readonly IndexName[];

/** The buckets a batch changed, each once. */
class Touched {
  readonly #keys = new Map<IndexName, Set<string>>();

  add(index: IndexName, key: string): void {
    const keys = this.#keys.get(index) ?? new Set<string>();
    keys.add(key);
    this.#keys.set(index, keys);
  }

  *buckets(): Iterable<{ readonly index: IndexName; readonly key: string }> {
    for (const [index, keys] of this.#keys) for (const key of keys) yield { index, key };
  }
}

function byName(a: ObjectKey, b: ObjectKey): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
