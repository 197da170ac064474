import { type Diagnostic, keyId, type ObjectKey } from "../../api/mod.ts";
import { diagnose, type Fault } from "../fault.ts";
import type { TlsTermination } from "../model.ts";

/**
 * What evaluating one root finds out about the objects it consists of. Mistakes are told on the
 * object that contains them: a root stays valid when a part it includes is broken.
 */
export class Evaluation {
  readonly #objects = new Map<string, Diagnostic[]>();
  readonly #most: number;
  #routes = 0;
  #includes = 0;
  #isFull = false;
  /** See {@link RootEvaluation.tls}. */
  tls?: TlsTermination | "closed";

  /** `most`: how many routes there may be. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Whether something was not admitted. */
  get isFull(): boolean {
    return this.#isFull;
  }

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

  /** Counts routes that are the root's own. */
  own(routes: number): void {
    this.#routes += routes;
  }

  /**
   * Counts an include with the routes that it has itself; false when there have been too many to go
   * on: of routes, or of includes, most of which lead to others where they double at each level.
   */
  admit(routes: number): boolean {
    if (++this.#includes <= 2 * this.#most && this.#routes + routes <= this.#most) {
      this.#routes += routes;
      return true;
    }
    this.#isFull = true;
    return false;
  }

  /** What was told, by {@link keyId}; an object without mistakes has an empty list. */
  objects(): ReadonlyMap<string, readonly Diagnostic[]> {
    return this.#objects;
  }
}
