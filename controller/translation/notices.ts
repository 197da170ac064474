import { type Diagnostic, keyId, type ObjectKey } from "../api/mod.ts";
import type { ObjectStatus } from "../status/mod.ts";

/**
 * What is wrong with objects that have no status of their own, found while clusters and endpoints
 * were made: circuit breakers that Envoy would refuse, addresses that are none.
 */
export class Notices {
  readonly #byOutput = new Map<string, readonly Diagnostic[]>();
  readonly #byObject = new Map<
    string,
    { readonly key: ObjectKey; readonly outputs: Set<string> }
  >();
  readonly #changed = new Map<string, ObjectKey>();

  /** Notes what an output found; nothing or no output at all ends what it found before. */
  set(output: string, found: { readonly diagnostics: readonly Diagnostic[] } | undefined): void {
    const before = this.#byOutput.get(output) ?? [];
    const after = found?.diagnostics ?? [];
    if (before.length + after.length === 0) return;
    if (after.length === 0) this.#byOutput.delete(output);
    else this.#byOutput.set(output, after);
    for (const { object } of before) if (object !== undefined) this.#unlink(object, output);
    for (const { object } of after) if (object !== undefined) this.#link(object, output);
  }

  /** The objects whose notices changed since the last call; with none left, they are mended. */
  takeChanged(): ObjectStatus[] {
    const statuses = [...this.#changed.values()].map((key) => this.#status(key));
    this.#changed.clear();
    return statuses;
  }

  /** What is noticed of one object. */
  of(key: ObjectKey): readonly Diagnostic[] {
    return this.#byObject.has(keyId(key)) ? this.#status(key).diagnostics : [];
  }

  /** All objects that have notices. */
  statuses(): ObjectStatus[] {
    return [...this.#byObject.values()].map(({ key }) => this.#status(key));
  }

  #status(key: ObjectKey): ObjectStatus {
    const outputs = [...this.#byObject.get(keyId(key))?.outputs ?? []].sort();
    const found = new Map<string, Diagnostic>();
    for (const output of outputs) {
      for (const diagnostic of this.#byOutput.get(output) ?? []) {
        const { object, path, message } = diagnostic;
        if (object === undefined || keyId(object) !== keyId(key)) continue;
        found.set(JSON.stringify([path, message]), diagnostic);
      }
    }
    return { key, diagnostics: [...found.values()] };
  }

  #link(key: ObjectKey, output: string): void {
    const entry = this.#byObject.get(keyId(key)) ?? { key, outputs: new Set<string>() };
    entry.outputs.add(output);
    this.#byObject.set(keyId(key), entry);
    this.#changed.set(keyId(key), key);
  }

  #unlink(key: ObjectKey, output: string): void {
    const entry = this.#byObject.get(keyId(key));
    entry?.outputs.delete(output);
    if (entry?.outputs.size === 0) this.#byObject.delete(keyId(key));
    this.#changed.set(keyId(key), key);
  }
}
