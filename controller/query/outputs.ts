import type { Db, Query } from "./db.ts";
import type { LiveDb, Memo } from "./live.ts";
import { type Key, keyText } from "./key.ts";

/**
 * A family of values somebody owes to the outside: Envoy fragments, statuses. Its keys come from a
 * source (the keys of an index, say) or are asked for by the values of earlier families.
 */
export interface Family<K extends Key, V> {
  readonly name: string;
  readonly query: Query<K, V>;
  /** What a value of this family asks of later ones. */
  readonly demands?: (value: V) => readonly Demand[];
}

/** One key of a family that has to be kept as long as the value that named it. */
export interface Demand {
  readonly family: string;
  readonly key: Key;
}

/** A family whose types are of no interest. */
export type AnyFamily = Family<Key, unknown>;

/** What changed in one family, by key text. */
export interface FamilyDelta {
  readonly changed: ReadonlyMap<string, unknown>;
  readonly removed: readonly string[];
}

/** What changed in each family that changed at all. */
export type OutputDelta = ReadonlyMap<string, FamilyDelta>;

/** Declares a family; the order of declaration is the order of settling, so demands point forward. */
export function family<K extends Key, V>(family: Family<K, V>): AnyFamily {
  return family as unknown as AnyFamily;
}

/** All outputs of the live engine: who demands which, and what each was when last emitted. */
export class Outputs {
  readonly #db: LiveDb;
  readonly #families: ReadonlyMap<string, FamilyState>;
  readonly #byMemo = new Map<Memo, { readonly state: FamilyState; readonly entry: Entry }>();

  readonly #onFailure: OnFailure;

  /** `onFailure` hears of queries that threw; what such an output gave last stays in force. */
  constructor(db: LiveDb, families: readonly AnyFamily[], onFailure: OnFailure = rethrow) {
    this.#db = db;
    this.#onFailure = onFailure;
    this.#families = new Map(families.map((family) => [family.name, new FamilyState(family)]));
  }

  /** One more reason to keep this output. */
  demand({ family, key }: Demand): void {
    const state = this.#state(family);
    const id = keyText(key);
    const entry = state.entries.get(id) ?? this.#add(state, id, key);
    entry.demanders++;
    state.pending.add(entry);
  }

  /** One reason less. The output goes with its last reason. */
  withdraw({ family, key }: Demand): void {
    const state = this.#state(family);
    const entry = state.entries.get(keyText(key));
    if (entry === undefined) throw new Error(`Nobody demanded ${family} ${keyText(key)}`);
    entry.demanders--;
    state.pending.add(entry);
  }

  /** The keys of a family's outputs that changes since the last settle may have touched. */
  touched(family: string): readonly Key[] {
    this.#collect();
    return [...this.#state(family).pending].filter(({ demanders }) => demanders > 0)
      .map(({ memo }) => memo.key);
  }

  /**
   * Brings every touched output up to date and returns what changed; with `only` those of some
   * families, while all others wait for the next settle. A generator, so that a long settle can be
   * run in slices: it yields after each output that was looked at.
   */
  *settle(only?: ReadonlySet<string>): Generator<void, OutputDelta> {
    this.#collect();
    const deltas = new Map<string, FamilyDelta>();
    for (const state of this.#families.values()) {
      if (only?.has(state.family.name) === false) continue;
      const changed = new Map<string, unknown>();
      const removed: string[] = [];
      for (const entry of state.pending) {
        if (entry.demanders > 0) {
          if (this.#refresh(state, entry)) changed.set(entry.id, entry.emitted);
        } else {
          if (entry.live) removed.push(entry.id);
          this.#remove(state, entry);
        }
        yield;
      }
      state.pending.clear();
      if (changed.size + removed.length > 0) deltas.set(state.family.name, { changed, removed });
    }
    // What was read ahead for the others is not read by anyone yet.
    if (only === undefined) this.#db.sweep();
    return deltas;
  }

  /** {@link Outputs.settle} in one go. */
  settleNow(): OutputDelta {
    const slices = this.settle();
    for (;;) {
      const step = slices.next();
      if (step.done) return step.value;
    }
  }

  /** The values of a family as last emitted, by key text. */
  *values(family: string): Iterable<readonly [string, unknown]> {
    for (const entry of this.#state(family).entries.values()) yield [entry.id, entry.emitted];
  }

  #collect(): void {
    for (const memo of this.#db.takeMarked()) {
      const owner = this.#byMemo.get(memo);
      if (owner !== undefined) owner.state.pending.add(owner.entry);
    }
  }

  #refresh(state: FamilyState, entry: Entry): boolean {
    this.#db.refresh(entry.memo);
    if (entry.memo.failure !== undefined) {
      this.#onFailure(state.family.name, entry.id, entry.memo.failure.error);
      return false;
    }
    if (entry.live && entry.emitted === entry.memo.value) return false;
    entry.live = true;
    entry.emitted = entry.memo.value;
    this.#redemand(entry, state.family.demands?.(entry.emitted) ?? []);
    return true;
  }

  #redemand(entry: Entry, demands: readonly Demand[]): void {
    const before = entry.demands;
    entry.demands = demands;
    for (const demand of demands) this.demand(demand);
    for (const demand of before) this.withdraw(demand);
  }

  #add(state: FamilyState, id: string, key: Key): Entry {
    const memo = this.#db.owe(state.family.query, key);
    const entry: Entry = { id, memo, demanders: 0, demands: [], emitted: undefined, live: false };
    state.entries.set(id, entry);
    this.#byMemo.set(memo, { state, entry });
    return entry;
  }

  #remove(state: FamilyState, entry: Entry): void {
    this.#redemand(entry, []);
    state.entries.delete(entry.id);
    this.#byMemo.delete(entry.memo);
    this.#db.release(entry.memo);
  }

  #state(family: string): FamilyState {
    const state = this.#families.get(family);
    if (state === undefined) throw new Error(`No such family of outputs: ${family}`);
    return state;
  }
}

/**
 * What the families hold when nothing is remembered: the oracle for {@link Outputs}. `sources` are
 * the demands from outside.
 */
export function coldOutputs(
  db: Db,
  families: readonly AnyFamily[],
  sources: Iterable<Demand>,
): Map<string, Map<string, unknown>> {
  const keys = new Map(families.map(({ name }) => [name, new Map<string, Key>()]));
  const demand = ({ family, key }: Demand) => keys.get(family)?.set(keyText(key), key);
  for (const source of sources) demand(source);
  const values = new Map<string, Map<string, unknown>>();
  for (const { name, query, demands } of families) {
    const held = new Map<string, unknown>();
    for (const [id, key] of keys.get(name) ?? []) {
      const value = query.compute(db, key);
      held.set(id, value);
      for (const next of demands?.(value) ?? []) demand(next);
    }
    values.set(name, held);
  }
  return values;
}

/** Told the family, the key and what the query threw. */
export type OnFailure = (family: string, key: string, error: unknown) => void;

function rethrow(family: string, key: string, error: unknown): never {
  throw new Error(`Cannot compute ${family} of ${key}`, { cause: error });
}

/** One family and its outputs. */
class FamilyState {
  readonly entries = new Map<string, Entry>();
  /** Demanded, withdrawn or marked since the last settle. */
  readonly pending = new Set<Entry>();
  constructor(readonly family: AnyFamily) {}
}

interface Entry {
  readonly id: string;
  readonly memo: Memo;
  /** How many values or sources want it. */
  demanders: number;
  demands: readonly Demand[];
  emitted: unknown;
  /** Whether the outside was told of it. */
  live: boolean;
}
