import { keyId, type KubeObject, parsePath, type PolicyKinds } from "../../controller/api/mod.ts";
import type { Batch, Store } from "../../controller/store/mod.ts";
import { certificateSecret, parseCertificateRequest } from "../golden/certificates.ts";
import { parsed } from "../support/world.ts";

/** One thing that happens, as `events.yaml` has it. */
export interface Event {
  /** In words. */
  readonly event: string;
  /** Objects to apply, as a user would write them. */
  readonly apply?: readonly object[];
  /** Objects to change, `HTTPProxy/default/shop`, and what to write at which path; null: remove. */
  readonly set?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Objects to delete, `HTTPProxy/default/shop`. */
  readonly delete?: readonly string[];
  /** A Secret to make, as in the header of a golden case. */
  readonly certificate?: string;
}

/** The event as a batch for a store that is in the state before it. */
export async function eventBatch(
  event: Event,
  store: Store,
  policyKinds?: PolicyKinds,
): Promise<Batch> {
  const { apply = [], set = {}, certificate } = event;
  return {
    applied: [
      ...apply.map((object) => parsed(object, policyKinds)),
      ...Object.entries(set).map(([id, fields]) => changed(held(id, store), fields)),
      ...(certificate === undefined
        ? []
        : [await certificateSecret(parseCertificateRequest(certificate))]),
    ],
    deleted: (event.delete ?? []).map((id) => {
      const { kind, metadata: { namespace, name } } = held(id, store);
      return { kind, namespace, name };
    }),
  };
}

function held(id: string, store: Store): KubeObject {
  for (const object of store.objects()) {
    const { kind, metadata: { namespace, name } } = object;
    if (keyId({ kind, namespace, name }) === id) return object;
  }
  throw new Error(`There is no ${id}`);
}

function changed(object: KubeObject, fields: Readonly<Record<string, unknown>>): KubeObject {
  const copy = structuredClone(object) as unknown as Record<string | number, unknown>;
  for (const [path, value] of Object.entries(fields)) {
    const steps = parsePath(path);
    const last = steps.pop();
    if (last === undefined) throw new Error(`Cannot set "${path}": it names no field`);
    let place = copy;
    for (const step of steps) {
      place[step] ??= {};
      place = place[step] as Record<string | number, unknown>;
    }
    if (value === null) delete place[last];
    else place[last] = value;
  }
  return parsed(copy);
}
