import { type Diagnostic, keyId, type ObjectKey } from "../../api/mod.ts";
import { diagnose, type Fault } from "../fault.ts";
import type { TlsTermination } from "../model.ts";

/**
 * What evaluating one root finds out about the objects it consists of. Mistakes are told on the
 * object that contains them: a root stays valid when a part it includes is broken.
 */
export class Evaluation {
  readonly #objects = new Map<string, Diagnostic[]>();
  #includes = 0;
  /** See {@link RootEvaluation.tls}. */
  tls?: TlsTermination | "closed";

  /** An include that was processed led to this object, so it is no orphan. */
  reach(object: ObjectKey): void {
    const id = keyId(object);
    if (!this.#objects.has(id)) this.#objects.set(id, []);
  }

  /** Tells a fault on an object; `path` is where it was looked at. */
  tell(object: ObjectKey, path: string, fault: Fault): void {
    this.reach(object);
    this.#objects.get(keyId(object))?.push(diagnose({ object, path }, fault));
  }

  /** Counts an include of the tree; false when there have been too many to go on. */
  admitInclude(): boolean {
    return ++this.#includes <= maximumIncludes;
  }

  /** What was told, by {@link keyId}; an object without mistakes has an empty list. */
  objects(): ReadonlyMap<string, readonly Diagnostic[]> {
    return this.#objects;
  }
}

/** Includes can double at each level; this many in the tree of one host is no honest one. */
export const maximumIncludes = 10_000;
