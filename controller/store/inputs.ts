import type { KubeObject, ObjectKey } from "../api/mod.ts";
import { type Db, input } from "../query/mod.ts";
import type { IndexName } from "./indexes.ts";
import type { Settings } from "./settings.ts";

/** Every object we hold, by key. */
export const objectInput = input<ObjectKey, KubeObject>("object");

/** The members of one index bucket, by namespace and name. */
export const bucketInput = input<
  { readonly index: IndexName; readonly key: string },
  readonly ObjectKey[]
>("bucket");

/** What the operator configured. */
export const settingsInput = input<"settings", Settings>("settings");

/** What Envoy refused of an object, in Envoy's words. */
export const refusalInput = input<ObjectKey, Refusal>("refusal");

/** A configuration that our checks passed and Envoy did not. */
export interface Refusal {
  /** Envoy's message. */
  readonly message: string;
}

/** An object of a kind by namespace and name; absence is recorded too. */
export function object<K extends KubeObject["kind"]>(
  db: Db,
  kind: K,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Extract<KubeObject, { kind: K }> | undefined {
  const found = db.get(objectInput, { kind, namespace, name });
  return found as Extract<KubeObject, { kind: K }> | undefined;
}

/** The objects in one bucket of an index, sorted by namespace, then name. */
export function bucket(db: Db, index: IndexName, key: string): readonly ObjectKey[] {
  return db.get(bucketInput, { index, key }) ?? [];
}
