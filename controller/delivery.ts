import { keyId, type ObjectKey } from "./api/mod.ts";
import type { Culprit } from "./envoy/mod.ts";
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
import { decode, refId } from "../proto/mod.ts";

/**
 * Ties translation to what is served: what it settles goes into the cache, and what Envoys say about
 * that goes back to it, so that a refusal is contained and told to the objects behind it. It does
 * nothing by itself and knows no streams: whoever runs both hands the events over, in order.
 */
export function deliver({ translation, cache, onRefused }: {
  readonly translation: Translation;
  readonly cache: ResourceCache;
  /** Called within the methods, once for each refusal of which it is settled whose it is. */
  readonly onRefused: (refusal: Refusal) => void;
}): Delivery {
  const refusals = new Refusals(translation, cache, onRefused);
  return {
    publish({ resources }) {
      cache.apply(resources);
      return refusals.tell();
    },
    handle(event) {
      switch (event.kind) {
        case "acknowledged": {
          // Of what hosts are not put into, an acknowledgement settles nothing.
          if (singleObjectTypes.has(event.typeUrl)) return false;
          let isNews = false;
          for (const { name, version } of event.resources) {
            const ref = { typeUrl: event.typeUrl, name };
            const { delta } = translation.layout.accepted(ref, version);
            if (delta.changed.length + delta.removed.length === 0) continue;
            cache.apply(delta);
            isNews = true;
          }
          if (!isNews) return false;
          break;
        }
        case "refused":
          refusals.judge(event);
          break;
        case "recovered":
          refusals.end(event.ref);
          break;
        case "connected":
        case "disconnected":
        case "sent":
        case "held-too-long":
        case "unanswered":
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

/** What is refused at present, and how much of that the outside and the objects have been told. */
class Refusals {
  readonly #translation: Translation;
  readonly #cache: ResourceCache;
  readonly #onRefused: (refusal: Refusal) => void;
  /** Of resources that the layout does not make, by type and name. */
  readonly #others = new Map<string, OtherRefusal>();
  /** Messages by what is refused. */
  readonly #reported = new Map<string, string>();
  /** Messages by object. */
  readonly #told = new Map<string, Told>();

  constructor(
    translation: Translation,
    cache: ResourceCache,
    onRefused: (refusal: Refusal) => void,
  ) {
    this.#translation = translation;
    this.#cache = cache;
    this.#onRefused = onRefused;
  }

  /** Takes a refusal in. Of shared resources it may take more of them until it is known whose it is. */
  judge({ ref, version, message }: Extract<XdsEvent, { kind: "refused" }>): void {
    const refused = this.#cache.get(ref);
    const { delta, culprits } = this.#translation.layout.refused(ref, version, message);
    const changes = this.#cache.apply(delta);
    // Something newer is served already.
    if (refused?.version !== version) return;
    const objects = this.#ownersOf(refused);
    if (objects.length > 0) {
      this.#others.set(refId(ref), { objects, resource: ref.name, message, ref, version });
    } else if (culprits.length === 0 && changes.length === 0) {
      this.#onRefused({ objects, resource: ref.name, message });
    }
  }

  /** An Envoy takes the resource after all. */
  end(ref: ResourceRef): void {
    this.#others.delete(refId(ref));
  }

  /** Reports what is new, brings the objects up to date, and says whether that changed them. */
  tell(): boolean {
    const current = this.#current();
    for (const id of this.#reported.keys()) if (!current.has(id)) this.#reported.delete(id);
    for (const [id, refusal] of current) {
      if (this.#reported.get(id) === refusal.message) continue;
      this.#reported.set(id, refusal.message);
      this.#onRefused(refusal);
    }
    return this.#tellObjects(byObject(current.values()));
  }

  #tellObjects(wanted: ReadonlyMap<string, Told>): boolean {
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

  /** Everything that is refused in the form that its owner asks for. */
  #current(): ReadonlyMap<string, Refusal> {
    const current = new Map<string, Refusal>();
    for (const culprit of this.#translation.layout.culprits()) {
      const { ref, fqdn, message } = culprit;
      const refusal = { objects: blamed(culprit), resource: ref.name, message };
      current.set(`${refId(ref)} ${fqdn}`, refusal);
    }
    for (const [id, { ref, version, ...refusal }] of this.#others) {
      // What is served in its place has not been judged yet.
      if (this.#cache.get(ref)?.version !== version) this.#others.delete(id);
      else current.set(id, refusal);
    }
    return current;
  }

  /** The object behind a resource that is made of one alone, and those that cannot do without it. */
  #ownersOf(resource: Resource): readonly ObjectKey[] {
    return [...ownObject(resource), ...this.#translation.layout.usersOf(resource)];
  }
}

type OtherRefusal = Refusal & { readonly ref: ResourceRef; readonly version: string };

/** What an object was told. */
interface Told {
  readonly object: ObjectKey;
  readonly message: string;
}

function byObject(refusals: Iterable<Refusal>): ReadonlyMap<string, Told> {
  const found = new Map<string, { readonly object: ObjectKey; readonly messages: Set<string> }>();
  for (const { objects, message } of refusals) {
    for (const object of objects) {
      const known = found.get(keyId(object)) ?? { object, messages: new Set() };
      found.set(keyId(object), known);
      known.messages.add(message);
    }
  }
  return new Map(
    [...found].map(([id, { object, messages }]) => [
      id,
      { object, message: [...messages].join("; ") },
    ]),
  );
}

/** Envoy refuses a host as a whole, and does not say which of its objects it is about. */
function blamed({ owner, sharedWith = [] }: Culprit): readonly ObjectKey[] {
  return [owner, ...sharedWith];
}

/** Types of which each resource is made of one object: see {@link ownObject}. */
const singleObjectTypes: ReadonlySet<string> = new Set([SECRET, CLUSTER_LOAD_ASSIGNMENT, CLUSTER]);

/** The object a resource is made of; none for what hosts are put into. */
function ownObject({ typeUrl, name, body }: Resource): readonly ObjectKey[] {
  switch (typeUrl) {
    case SECRET:
      return keyFrom("Secret", name.split("/"));
    case CLUSTER_LOAD_ASSIGNMENT:
      return extensionKey(name) ?? keyFrom("Service", name.replace("~", "").split("/"));
    case CLUSTER: {
      const extension = extensionKey(name);
      if (extension !== undefined) return extension;
      // Its own name may be shortened; that of its statistics never is.
      const { altStatName } = decode("envoy.config.cluster.v3.Cluster", body);
      return keyFrom("Service", typeof altStatName === "string" ? altStatName.split("_") : []);
    }
    default:
      return [];
  }
}

/** The ExtensionService that a resource with such a name is made of. */
function extensionKey(name: string): readonly ObjectKey[] | undefined {
  const [prefix, ...parts] = name.split("/");
  if (prefix !== "extension" || parts.length !== 2) return undefined;
  return keyFrom("ExtensionService", parts);
}

function keyFrom(
  kind: ObjectKey["kind"],
  [namespace, name]: readonly string[],
): readonly ObjectKey[] {
  return namespace === undefined || name === undefined ? [] : [{ kind, namespace, name }];
}
