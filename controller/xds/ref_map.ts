import type { ResourceRef } from "./resource.ts";

/** A map keyed by the type and name of a resource. */
export class RefMap<Value> {
  readonly #types = new Map<string, Map<string, Value>>();

  get({ typeUrl, name }: ResourceRef): Value | undefined {
    return this.#types.get(typeUrl)?.get(name);
  }

  set({ typeUrl, name }: ResourceRef, value: Value): void {
    let names = this.#types.get(typeUrl);
    if (names === undefined) this.#types.set(typeUrl, names = new Map());
    names.set(name, value);
  }

  delete({ typeUrl, name }: ResourceRef): boolean {
    const names = this.#types.get(typeUrl);
    if (names === undefined || !names.delete(name)) return false;
    if (names.size === 0) this.#types.delete(typeUrl);
    return true;
  }

  get isEmpty(): boolean {
    return this.#types.size === 0;
  }

  *refsOf(typeUrl: string): Generator<ResourceRef> {
    for (const name of this.#types.get(typeUrl)?.keys() ?? []) yield { typeUrl, name };
  }

  *entries(): Generator<[ResourceRef, Value]> {
    for (const [typeUrl, names] of this.#types) {
      for (const [name, value] of names) yield [{ typeUrl, name }, value];
    }
  }
}
