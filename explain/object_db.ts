import { keyId, keyOf, type KubeObject, type ObjectKey } from "../controller/api/mod.ts";
import {
  defaultEnvoyOptions,
  type EnvoyOptions,
  envoyOptionsInput,
} from "../controller/envoy/mod.ts";
import { type Db, type Input, type Key, keyText, type Query } from "../controller/query/mod.ts";
import {
  bucketInput,
  indexes,
  type IndexName,
  objectInput,
  type Settings,
  settingsInput,
} from "../controller/store/mod.ts";

/**
 * The engine for objects that do not change: an answer is computed when it is asked for, and kept.
 * Getting ready costs next to nothing, which is what a single question about many objects needs.
 */
export function objectDb(
  objects: readonly KubeObject[],
  settings: Settings,
  { envoy = defaultEnvoyOptions, inputs = new Map() }: {
    readonly envoy?: EnvoyOptions;
    /** Other inputs by name, each with one value for every key. */
    readonly inputs?: ReadonlyMap<string, unknown>;
  } = {},
): Db {
  const byId = new Map(objects.map((object) => [keyId(keyOf(object)), object]));
  const buckets = new Map<IndexName, ReadonlyMap<string, readonly ObjectKey[]>>();
  const answers = new Map<string, Map<string, unknown>>();

  function bucket({ index, key }: { readonly index: IndexName; readonly key: string }) {
    const indexed = buckets.get(index) ?? indexedBy(index, byId.values());
    buckets.set(index, indexed);
    return indexed.get(key);
  }

  function fact(name: string, key: unknown): unknown {
    switch (name) {
      case objectInput.name:
        return byId.get(keyId(key as ObjectKey));
      case bucketInput.name:
        return bucket(key as Parameters<typeof bucket>[0]);
      case settingsInput.name:
        return settings;
      case envoyOptionsInput.name:
        return envoy;
      default:
        // Nothing was refused: no Envoy has seen the objects.
        return inputs.get(name);
    }
  }

  const db: Db = {
    get: <K extends Key, V>(input: Input<K, V>, key: K) => fact(input.name, key) as V | undefined,
    read<K extends Key, V>(query: Query<K, V>, key: K): V {
      const known = answers.get(query.queryName) ?? new Map<string, unknown>();
      answers.set(query.queryName, known);
      const text = keyText(key);
      if (!known.has(text)) known.set(text, query.compute(db, key));
      return known.get(text) as V;
    },
  };
  return db;
}

/** By namespace and name in each bucket, as readers expect. */
function indexedBy(
  index: IndexName,
  objects: Iterable<KubeObject>,
): ReadonlyMap<string, readonly ObjectKey[]> {
  const found = new Map<string, ObjectKey[]>();
  for (const object of objects) {
    for (const key of indexes[index](object)) {
      const members = found.get(key);
      if (members === undefined) found.set(key, [keyOf(object)]);
      else members.push(keyOf(object));
    }
  }
  for (const members of found.values()) if (members.length > 1) members.sort(byName);
  return found;
}

function byName(a: ObjectKey, b: ObjectKey): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
