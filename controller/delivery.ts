import { keyId, type ObjectKey } from "./api/mod.ts";
import type { Culprit, RefusedSecret } from "./envoy/mod.ts";
import type { Translation, TranslationDelta } from "./translation/mod.ts";
import {
  CLUSTER,
  CLUSTER_LOAD_ASSIGNMENT,
  nodeId,
  type NodeRef,
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
  readonly translation: Judged;
  readonly cache: ResourceCache;
  /** Called within the methods, once for each refusal of which it is settled whose it is. */
  readonly onRefused: (refusal: Refusal) => void;
}): Delivery {
  const refusals = new Refusals(translation, cache, onRefused);
  const nodes = new Nodes();
  /** What one Envoy refuses and others take is kept from that one alone. */
  const serveOwn = (): boolean => {
    const changes = translation.layout.takeOwn();
    for (const { node, ref, resource } of changes) cache.applyOwn(nodes.of(node), ref, resource);
    return changes.length > 0;
  };
  /** A listener that mentions a refused Secret would be refused for it, whoever else changes it. */
  const withhold = () => {
    cache.apply(translation.layout.withhold(refusals.secrets()).delta);
    serveOwn();
  };
  return {
    publish({ resources }) {
      cache.apply(resources);
      serveOwn();
      withhold();
      return refusals.tell();
    },
    handle(event) {
      switch (event.kind) {
        case "acknowledged": {
          if (event.typeUrl === SECRET) refusals.take(event.resources);
          // Of what hosts are not put into, an acknowledgement settles nothing.
          if (singleObjectTypes.has(event.typeUrl)) return false;
          let isNews = false;
          for (const { name, version } of event.resources) {
            const ref = { typeUrl: event.typeUrl, name };
            const { delta } = translation.layout.accepted(ref, version, nodes.idOf(event.node));
            if (serveOwn()) isNews = true;
            if (delta.changed.length + delta.removed.length === 0) continue;
            cache.apply(delta);
            isNews = true;
          }
          if (!isNews) return false;
          break;
        }
        case "refused":
          refusals.judge(event, nodes.idOf(event.node));
          serveOwn();
          break;
        case "recovered":
          refusals.end(event.ref);
          break;
        case "connected": {
          const { id, isNovel } = nodes.come(event.node);
          translation.layout.connected(id, true);
          // It may take what those before it refused.
          if (!isNovel) return false;
          cache.apply(translation.layout.absolve(id).delta);
          serveOwn();
          break;
        }
        case "disconnected": {
          const id = nodes.leave(event.node);
          if (id !== undefined) translation.layout.connected(id, false);
          return false;
        }
        case "sent":
        case "held-too-long":
        case "unanswered":
        case "unknown-type":
        case "stream-failed":
          return false;
      }
      withhold();
      return refusals.tell();
    },
    refusals: () => [...refusals.current().values()],
  };
}

/** What of a translation hears of verdicts. */
export type Judged = Pick<Translation, "layout" | "refuse" | "policiesOf">;

/** See {@link deliver}. Both methods say whether statuses changed, so that a settle is due. */
export interface Delivery {
  /** Serves what a settle changed. */
  publish(delta: Pick<TranslationDelta, "resources">): boolean;
  /** Draws the consequences of what an Envoy said. */
  handle(event: XdsEvent): boolean;
  /** What is refused at present. */
  refusals(): readonly Refusal[];
}

/** Something an Envoy does not take, though our checks passed it. */
export interface Refusal {
  /**
   * Whose it is. Empty where nobody's configuration is to blame: a listener's address that is
   * taken, for instance.
   */
  readonly objects: readonly ObjectKey[];
  readonly typeUrl: string;
  /** The name of the resource. */
  readonly resource: string;
  /** The id of the Envoy that refused it last; "" where that is not known any more. */
  readonly node: string;
  /** Envoy's own words. */
  readonly message: string;
}

type Refused = Extract<XdsEvent, { kind: "refused" }>;

/** The Envoys there have been lately, by what the layout calls them. */
class Nodes {
  readonly #nodes = new Map<string, NodeRef>();
  /** How many streams each has. */
  readonly #streams = new Map<string, number>();
  /** Of all Envoys there have been. */
  readonly #versions = new Set<string>();

  idOf(node: NodeRef): string {
    const id = nodeId(node);
    if (!this.#nodes.has(id)) this.#note(id, node);
    return id;
  }

  of(id: string): NodeRef {
    return this.#nodes.get(id) ?? { id: "", cluster: "" };
  }

  /** A stream of it begins. It is novel when no Envoy was of its version, or it was of another. */
  come(node: NodeRef): { readonly id: string; readonly isNovel: boolean } {
    const id = nodeId(node);
    const before = this.#nodes.get(id)?.version;
    const { version = "" } = node;
    const isNovel = this.#versions.size > 0 &&
      (before === undefined ? !this.#versions.has(version) : before !== version);
    this.#versions.add(version);
    this.#streams.set(id, (this.#streams.get(id) ?? 0) + 1);
    this.#note(id, node);
    return { id, isNovel };
  }

  /** A stream of it ends. Gives its name back if that was the last one. */
  leave(node: NodeRef): string | undefined {
    const id = nodeId(node);
    const left = (this.#streams.get(id) ?? 1) - 1;
    if (left > 0) {
      this.#streams.set(id, left);
      return undefined;
    }
    this.#streams.delete(id);
    return id;
  }

  #note(id: string, node: NodeRef): void {
    this.#nodes.delete(id);
    this.#nodes.set(id, node);
    const [oldest] = this.#nodes.keys();
    if (this.#nodes.size > mostNodes && oldest !== undefined) this.#nodes.delete(oldest);
  }
}

/** More Envoys than one controller serves, and the pods they were before. */
const mostNodes = 1_024;

/** More Secrets than are served. */
const mostSecrets = 50_000;

/** What is refused at present, and how much of that the outside and the objects have been told. */
class Refusals {
  readonly #translation: Judged;
  readonly #cache: ResourceCache;
  readonly #onRefused: (refusal: Refusal) => void;
  /** Of resources that the layout does not make, by type and name. */
  readonly #others = new Map<string, OtherRefusal>();
  /** The versions of Secrets that an Envoy took last, by name. */
  readonly #taken = new Map<string, string>();
  /** Messages by what is refused. */
  readonly #reported = new Map<string, string>();
  /** Who refused a resource last, by type and name. */
  readonly #sayers = new Map<string, string>();
  /** Messages by object. */
  readonly #told = new Map<string, Told>();

  constructor(
    translation: Judged,
    cache: ResourceCache,
    onRefused: (refusal: Refusal) => void,
  ) {
    this.#translation = translation;
    this.#cache = cache;
    this.#onRefused = onRefused;
  }

  /** Takes a refusal in. Of shared resources it may take more of them until it is known whose it is. */
  judge({ node, ref, version, message }: Refused, id: string): void {
    const { typeUrl, name: resource } = ref;
    const what = { typeUrl, resource, node: node.id, message };
    this.#sayers.set(refId(ref), node.id);
    const refused = this.#cache.viewOf(node).get(ref);
    const { delta, culprits } = this.#translation.layout.refused(ref, version, message, id);
    const changes = this.#cache.apply(delta);
    // Something newer is served already.
    if (refused?.version !== version) return;
    const objects = this.#ownersOf(refused);
    if (objects.length > 0) {
      this.#others.set(refId(ref), { ...what, objects, ref, version });
    } else if (culprits.length === 0 && changes.length === 0) this.#onRefused({ ...what, objects });
  }

  /** An Envoy took Secrets. */
  take(secrets: Extract<XdsEvent, { kind: "acknowledged" }>["resources"]): void {
    for (const { name, version } of secrets) {
      this.#taken.delete(name);
      this.#taken.set(name, version);
      const [oldest] = this.#taken.keys();
      if (this.#taken.size > mostSecrets && oldest !== undefined) this.#taken.delete(oldest);
    }
  }

  /** The Secrets that an Envoy refuses, by name. */
  secrets(): ReadonlyMap<string, RefusedSecret> {
    const found = new Map<string, RefusedSecret>();
    for (const { ref, version, message } of this.#others.values()) {
      if (ref.typeUrl !== SECRET || this.#cache.get(ref)?.version !== version) continue;
      found.set(ref.name, { message, isTaken: this.#taken.get(ref.name) === version });
    }
    return found;
  }

  /** An Envoy takes the resource after all. */
  end(ref: ResourceRef): void {
    this.#others.delete(refId(ref));
  }

  /** Reports what is new, brings the objects up to date, and says whether that changed them. */
  tell(): boolean {
    const current = this.current();
    for (const id of this.#reported.keys()) if (!current.has(id)) this.#reported.delete(id);
    if (current.size === 0) this.#sayers.clear();
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
  current(): ReadonlyMap<string, Refusal> {
    const current = new Map<string, Refusal>();
    for (const culprit of this.#translation.layout.culprits()) {
      const { ref, fqdn, message } = culprit;
      const { typeUrl, name: resource } = ref;
      const node = this.#sayers.get(refId(ref)) ?? "";
      const refusal = { objects: blamed(culprit), typeUrl, resource, node, message };
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
    return [
      ...ownObject(resource),
      ...this.#translation.layout.usersOf(resource),
      ...this.#translation.policiesOf(resource.name),
    ];
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
function blamed({ owner, sharedWith = [], policies = [] }: Culprit): readonly ObjectKey[] {
  return [owner, ...sharedWith, ...policies];
}

/** Types of which each resource is made of one object: see {@link ownObject}. */
const singleObjectTypes: ReadonlySet<string> = new Set([SECRET, CLUSTER_LOAD_ASSIGNMENT, CLUSTER]);

/** The object a resource is made of; none for what hosts are put into. */
function ownObject({ typeUrl, name, body }: Resource): readonly ObjectKey[] {
  if (isOfPlugin(name)) return [];
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

/** Whether a filter or cluster is that of a plugin, and of no object. */
function isOfPlugin(name: string): boolean {
  return /^plugin[./]/.test(name);
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
