import { keyId, type ObjectKey } from "./api/mod.ts";
import type { Translation, TranslationDelta } from "./translation/mod.ts";
import {
  CLUSTER,
  CLUSTER_LOAD_ASSIGNMENT,
  type Resource,
  type ResourceCache,
  type ResourceRef,
  SECRET,
  type XdsEvent,
} from "./xds/mod.ts";
import { decode } from "../proto/mod.ts";

/**
 * Ties translation to what is served: what it settles goes into the cache, and what Envoys say about
 * that goes back to it, so that a refusal is contained and told to the objects behind it. It does
 * nothing by itself and knows no streams: whoever runs both hands the events over, in order.
 */
export function deliver({ translation, cache, onRefused }: {
  readonly translation: Translation;
  readonly cache: ResourceCache;
  /** Called within {@link Delivery.handle}, once for each refusal that is settled. */
  readonly onRefused: (refusal: Refusal) => void;
}): Delivery {
  const refusals = new Refusals(translation, cache);
  return {
    publish({ resources }) {
      cache.apply(resources);
      return refusals.tell();
    },
    handle(event) {
      switch (event.kind) {
        case "acknowledged":
          for (const { name, version } of event.resources) {
            const { delta } = translation.layout.accepted(
              { typeUrl: event.typeUrl, name },
              version,
            );
            cache.apply(delta);
          }
          break;
        case "refused": {
          const refusal = refusals.judge(event);
          if (refusal !== undefined) onRefused(refusal);
          break;
        }
        case "recovered":
          refusals.end(event.ref);
          break;
        case "connected":
        case "disconnected":
        case "sent":
        case "held-too-long":
        case "unknown-type":
        case "stream-failed":
          return false;
      }
      return refusals.tell();
    },
  };
}

/** See {@link deliver}. Both methods say whether statuses changed, so that a settle is due. */
export interface Delivery {
  /** Serves what a settle changed. */
  publish(delta: Pick<TranslationDelta, "resources">): boolean;
  /** Draws the consequences of what an Envoy said. */
  handle(event: XdsEvent): boolean;
}

/** Something an Envoy does not take, though our checks passed it. */
export interface Refusal {
  /**
   * Whose it is. Empty where nobody's configuration is to blame: a listener's address that is
   * taken, for instance.
   */
  readonly objects: readonly ObjectKey[];
  /** The name of the resource. */
  readonly resource: string;
  /** Envoy's own words. */
  readonly message: string;
}

/** What is refused at present, and how much of that the objects have been told. */
class Refusals {
  readonly #translation: Translation;
  readonly #cache: ResourceCache;
  /** Of resources that the layout does not make, by type and name. */
  readonly #others = new Map<
    string,
    Refusal & { readonly ref: ResourceRef; readonly version: string }
  >();
  readonly #told = new Map<string, { readonly object: ObjectKey; readonly message: string }>();

  constructor(translation: Translation, cache: ResourceCache) {
    this.#translation = translation;
    this.#cache = cache;
  }

  /**
   * Takes a refusal in. Answers it with the objects behind it; `undefined` while it is not known
   * whose fault it is, and when something newer is served already.
   */
  judge({ ref, version, message }: Extract<XdsEvent, { kind: "refused" }>): Refusal | undefined {
    const refused = this.#cache.get(ref);
    const isCurrent = refused?.version === version;
    const { delta, culprits } = this.#translation.layout.refused(ref, version, message);
    const changes = this.#cache.apply(delta);
    const objects = isCurrent ? ownObjects(refused) : [];
    if (isCurrent && objects.length > 0) {
      this.#others.set(refId(ref), { objects, resource: ref.name, message, ref, version });
    }
    const isOnTrial = culprits.length === 0 && changes.length > 0;
    if (culprits.length === 0 && (!isCurrent || isOnTrial)) return undefined;
    return {
      objects: [...culprits.map(({ owner }) => owner), ...objects],
      resource: ref.name,
      message,
    };
  }

  /** An Envoy takes the resource after all. */
  end(ref: ResourceRef): void {
    this.#others.delete(refId(ref));
  }

  /** Brings the objects up to date, and says whether that changed anything. */
  tell(): boolean {
    const wanted = this.#byObject();
    let changed = false;
    for (const [id, { object }] of this.#told) {
      if (wanted.has(id)) continue;
      this.#translation.refuse(object, undefined);
      this.#told.delete(id);
      changed = true;
    }
    for (const [id, { object, message }] of wanted) {
      if (this.#told.get(id)?.message === message) continue;
      this.#translation.refuse(object, message);
      this.#told.set(id, { object, message });
      changed = true;
    }
    return changed;
  }

  #byObject(): Map<string, { readonly object: ObjectKey; readonly message: string }> {
    const messages = new Map<string, { readonly object: ObjectKey; readonly all: Set<string> }>();
    const add = (object: ObjectKey, message: string) => {
      const known = messages.get(keyId(object)) ?? { object, all: new Set() };
      messages.set(keyId(object), known);
      known.all.add(message);
    };
    for (const { owner, message } of this.#translation.layout.culprits()) add(owner, message);
    for (const [id, { ref, version, objects, message }] of this.#others) {
      // What is served in its place has not been judged yet.
      if (this.#cache.get(ref)?.version !== version) this.#others.delete(id);
      else for (const object of objects) add(object, message);
    }
    return new Map(
      [...messages].map(([id, { object, all }]) => [id, { object, message: [...all].join("; ") }]),
    );
  }
}

/** The object behind a resource that is made of one object; none for what hosts are put into. */
function ownObjects({ typeUrl, name, body }: Resource): readonly ObjectKey[] {
  switch (typeUrl) {
    case SECRET:
      return keyFrom("Secret", name.split("/"));
    case CLUSTER_LOAD_ASSIGNMENT:
      return keyFrom("Service", name.split("/"));
    case CLUSTER: {
      // Its own name may be shortened; that of its statistics never is.
      const { altStatName } = decode("envoy.config.cluster.v3.Cluster", body);
      return keyFrom("Service", typeof altStatName === "string" ? altStatName.split("_") : []);
    }
    default:
      return [];
  }
}

function keyFrom(
  kind: ObjectKey["kind"],
  [namespace, name]: readonly string[],
): readonly ObjectKey[] {
  return namespace === undefined || name === undefined ? [] : [{ kind, namespace, name }];
}

function refId({ typeUrl, name }: ResourceRef): string {
  return `${typeUrl} ${name}`;
}
