import { refId, type Resource, type ResourceRef } from "../../proto/mod.ts";

/**
 * Which output each resource comes of. Two outputs may give the same name one after the other, or
 * for a moment at once; the name goes with the last of them.
 */
export class ResourceOwners {
  readonly #byOutput = new Map<string, Resource>();
  readonly #byRef = new Map<string, string>();

  /** Notes what an output gives now. Returns what its change left without an owner. */
  set(output: string, resource: Resource | undefined): ResourceRef | undefined {
    const before = this.#byOutput.get(output);
    if (resource === undefined) this.#byOutput.delete(output);
    else {
      this.#byOutput.set(output, resource);
      this.#byRef.set(refId(resource), output);
    }
    if (before === undefined) return undefined;
    const id = refId(before);
    if (resource !== undefined && refId(resource) === id) return undefined;
    if (this.#byRef.get(id) !== output) return undefined;
    this.#byRef.delete(id);
    return { typeUrl: before.typeUrl, name: before.name };
  }

  /** Whether some output gives this resource. */
  has(ref: ResourceRef): boolean {
    return this.#byRef.has(refId(ref));
  }

  /** All resources. */
  resources(): Iterable<Resource> {
    return this.#byOutput.values();
  }
}
