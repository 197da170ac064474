import { refId } from "../../proto/mod.ts";
import { ChangeLog, type Cursor } from "./change_log.ts";
import { nodeId, type NodeRef } from "./event.ts";
import type { Resource, ResourceDelta, ResourceRef } from "./resource.ts";

/** What one Envoy is served: see {@linkcode ResourceCache.viewOf}. */
export type ResourceView = Pick<ResourceCache, "get" | "ofType" | "cursor">;

/**
 * What is served now, and what changed lately.
 *
 * Applying a delta costs what the delta holds, whatever the number of resources; so does reading
 * the changes since a {@linkcode Cursor}.
 */
export class ResourceCache {
  readonly #types = new Map<string, Map<string, Resource>>();
  /** What single Envoys are served instead, by node, type and name. */
  readonly #own = new Map<string, Map<string, Resource | "none">>();
  readonly #log: ChangeLog;
  readonly #listeners = new Set<() => void>();

  /** `maxChanges`: the log entries kept at most for a slow stream, which then compares versions. */
  constructor({ maxChanges = 100_000 }: { readonly maxChanges?: number } = {}) {
    this.#log = new ChangeLog(maxChanges);
  }

  /**
   * Takes a step. A resource that comes with the version we have, or a removal of one we have not,
   * is no change. Returns what did change, and tells those who watch if anything did.
   */
  apply(delta: ResourceDelta): ResourceRef[] {
    const changes: ResourceRef[] = [];
    for (const resource of delta.changed) {
      if (this.get(resource)?.version === resource.version) continue;
      this.#type(resource.typeUrl).set(resource.name, resource);
      changes.push({ typeUrl: resource.typeUrl, name: resource.name });
    }
    for (const { typeUrl, name } of delta.removed) {
      if (this.#types.get(typeUrl)?.delete(name)) changes.push({ typeUrl, name });
    }
    for (const change of changes) this.#log.append(change);
    if (changes.length > 0) { for (const listener of [...this.#listeners]) listener(); }
    return changes;
  }

  /**
   * Serves one Envoy another form of a resource than all others get, none, or (`undefined`) again
   * the one of all.
   */
  applyOwn(
    node: NodeRef,
    { typeUrl, name }: ResourceRef,
    resource: Resource | "none" | undefined,
  ): void {
    const own = this.#own.get(nodeId(node)) ?? new Map<string, Resource | "none">();
    const id = refId({ typeUrl, name });
    if (versionOf(own.get(id)) === versionOf(resource)) return;
    if (resource === undefined) own.delete(id);
    else own.set(id, resource);
    if (own.size === 0) this.#own.delete(nodeId(node));
    else this.#own.set(nodeId(node), own);
    this.#log.append({ typeUrl, name });
    for (const listener of [...this.#listeners]) listener();
  }

  /** What one Envoy is served. Live: it shows later changes. */
  viewOf(node: NodeRef): ResourceView {
    const id = nodeId(node);
    return {
      get: (ref) => {
        const own = this.#own.size === 0 ? undefined : this.#own.get(id)?.get(refId(ref));
        if (own === undefined) return this.get(ref);
        return own === "none" ? undefined : own;
      },
      ofType: (typeUrl) => {
        const common = this.ofType(typeUrl);
        const more = [...this.#own.get(id)?.values() ?? []].filter((own) => own !== "none")
          .filter((own) => own.typeUrl === typeUrl && !common.has(own.name));
        if (more.length === 0) return common;
        return new Map([...common, ...more.map((own) => [own.name, own] as const)]);
      },
      cursor: () => this.cursor(),
    };
  }

  /** The resource as it is served now. */
  get({ typeUrl, name }: ResourceRef): Resource | undefined {
    return this.#types.get(typeUrl)?.get(name);
  }

  /** All resources of a type, by name. Live: it shows later changes. */
  ofType(typeUrl: string): ReadonlyMap<string, Resource> {
    return this.#types.get(typeUrl) ?? NONE;
  }

  /** The types that hold a resource, or once did. */
  typeUrls(): string[] {
    return [...this.#types.keys()];
  }

  /** A cursor that stands at the present. Close it, or the log is kept for it. */
  cursor(): Cursor {
    return this.#log.cursor();
  }

  /** Number of log entries held for cursors which have not read them. */
  get pendingChanges(): number {
    return this.#log.length;
  }

  /** Calls `listener` within every `apply` that changed something. Returns how to stop that. */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #type(typeUrl: string): Map<string, Resource> {
    let resources = this.#types.get(typeUrl);
    if (resources === undefined) this.#types.set(typeUrl, resources = new Map());
    return resources;
  }
}

const NONE: ReadonlyMap<string, Resource> = new Map();

function versionOf(own: Resource | "none" | undefined): string | undefined {
  return own === "none" ? own : own?.version;
}
