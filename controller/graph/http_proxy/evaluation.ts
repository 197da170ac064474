import { type Diagnostic, keyId, type ObjectKey } from "../../api/mod.ts";
import { diagnose, type Fault } from "../fault.ts";
import type { TlsTermination } from "../model.ts";

/**
 * What evaluating one root finds out about the objects it consists of. Mistakes are told on the
 * object that contains them: a root stays valid when a part it includes is broken.
 */
export class Evaluation {
  readonly #objects = new Map<string, readonly Diagnostic[]>();
  /** What the open visits of an object found, the innermost last. */
  readonly #open = new Map<string, Diagnostic[][]>();
  readonly #most: number;
  #routes = 0;
  #includes = 0;
  #characters = 0;
  #full: "routes" | "characters" | undefined;
  /** See {@link RootEvaluation.tls}. */
  tls?: TlsTermination | "closed";

  /** `most`: how many routes there may be. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Of what there would have been too much, so that something was not admitted. */
  get full(): "routes" | "characters" | undefined {
    return this.#full;
  }

  /** An include that was processed led to this object, so it is no orphan. */
  reach(object: ObjectKey): void {
    const id = keyId(object);
    if (!this.#objects.has(id)) this.#objects.set(id, []);
  }

  /** An object is looked at, which may happen again before it was left: includes can go in circles. */
  enter(object: ObjectKey): void {
    this.reach(object);
    const id = keyId(object);
    this.#open.set(id, [...this.#open.get(id) ?? [], []]);
  }

  /**
   * The innermost visit of an object is over. As in Contour the last visit counts, but for one that
   * found no error where an earlier one did.
   */
  leave(object: ObjectKey): void {
    const id = keyId(object);
    const found = this.#open.get(id)?.pop() ?? [];
    if (hasError(found) || !hasError(this.#objects.get(id) ?? [])) this.#objects.set(id, found);
  }

  /** Tells a fault on an object that is being visited; `path` is where it was looked at. */
  tell(object: ObjectKey, path: string, fault: Fault): void {
    const visit = this.#open.get(keyId(object))?.at(-1);
    if (visit === undefined) throw new Error(`Cannot tell on ${keyId(object)}: it is not visited`);
    visit.push(diagnose({ object, path }, fault));
  }

  /** Counts routes that are the root's own. */
  own(routes: number): void {
    this.#routes += routes;
  }

  /**
   * Counts an include with the routes that it has itself, and how long they are as they were written;
   * false when there has been too much to go on: of routes, of what they consist of, or of includes,
   * most of which lead to others where they double at each level.
   */
  admit(routes: number, characters: number): boolean {
    const isFew = ++this.#includes <= 2 * this.#most && this.#routes + routes <= this.#most;
    const isShort = this.#characters + characters <= maximumCharacters;
    if (!isFew || !isShort) {
      this.#full ??= isFew ? "characters" : "routes";
      return false;
    }
    this.#routes += routes;
    this.#characters += characters;
    return true;
  }

  /** What was told, by {@link keyId}; an object without mistakes has an empty list. */
  objects(): ReadonlyMap<string, readonly Diagnostic[]> {
    return this.#objects;
  }
}

/**
 * How long all included routes of a host may be together. One object may be a megabyte: thousands of
 * copies of it, which few and short objects can ask for, would be all the memory there is.
 */
export const maximumCharacters = 5_000_000;

function hasError(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === "error");
}
