import { refId, type Resource, type ResourceRef } from "../../proto/mod.ts";

/**
 * Which output each resource comes of. Two outputs may give the same name one after the other, or
 * for a moment at once; the name goes with the last of them.
 */
export class ResourceOwners {
  readonly #byOutput = new Map<string, Resource>();
  readonly #byRef = new Map<string, { readonly output: string; readonly version: string }>();

  /** Notes what an output gives now, and says what that changes. */
  set(output: string, resource: Resource | undefined): OwnerChange {
    const before = this.#byOutput.get(output);
    if (resource === undefined) this.#byOutput.delete(output);
    else this.#byOutput.set(output, resource);
    const left = before === undefined || (resource && refId(resource) === refId(before))
      ? undefined
      : this.#leave(output, before);
    if (resource === undefined) return left === undefined ? {} : { removed: left };
    const { version } = resource;
    // An output may change in what is wrong with it alone.
    const isNews = this.#byRef.get(refId(resource))?.version !== version;
    this.#byRef.set(refId(resource), { output, version });
    return {
      ...(isNews ? { changed: resource } : {}),
      ...(left === undefined ? {} : { removed: left }),
    };
  }

  /** Whether some output gives this resource. */
  has(ref: ResourceRef): boolean {
    return this.#byRef.has(refId(ref));
  }

  /** All resources. */
  resources(): Iterable<Resource> {
    return this.#byOutput.values();
  }

  #leave(output: string, { typeUrl, name }: ResourceRef): ResourceRef | undefined {
    const id = refId({ typeUrl, name });
    if (this.#byRef.get(id)?.output !== output) return undefined;
    this.#byRef.delete(id);
    return { typeUrl, name };
  }
}

/** What follows from the news of one output. */
export interface OwnerChange {
  /** Its resource, unless the same bytes were given under this name already. */
  readonly changed?: Resource;
  /** What its change left without an owner. */
  readonly removed?: ResourceRef;
}
