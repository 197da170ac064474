import type { Db, Input, Query } from "./db.ts";
import { equal } from "./equal.ts";
import { type Key, keyText } from "./key.ts";

/**
 * The engine with memory. Answers are kept with what they were made from; a change marks what might
 * be touched by it, and {@link LiveDb.refresh} recomputes only what really is.
 *
 * Use: `set` inputs, take the marked outputs with `takeMarked`, `refresh` each, then `sweep`.
 */
export class LiveDb implements Db {
  readonly #inputs = new Map<string, Map<string, Cell>>();
  readonly #memos = new Map<string, Map<string, Memo>>();
  readonly #marked = new Set<Memo>();
  readonly #unread = new Set<Node>();
  readonly #listeners: ((name: string, key: string) => void)[] = [];
  #reader: Memo | undefined;
  #visits = 0;
  #marks = 0;

  /** Sets an input; `undefined` takes it away. An equal value changes nothing. Returns whether it changed. */
  set<K extends Key, V>(input: Input<K, V>, key: K, value: V | undefined): boolean {
    const cell = this.#cell(input.name, keyText(key));
    if (equal(cell.value, value)) {
      this.#forgetIfUnread(cell);
      return false;
    }
    cell.value = value;
    for (const reader of cell.readers()) this.#mark(reader, "dirty");
    this.#forgetIfUnread(cell);
    return true;
  }

  get<K extends Key, V>(input: Input<K, V>, key: K): V | undefined {
    const cell = this.#cell(input.name, keyText(key));
    if (this.#reader === undefined) this.#forgetIfUnread(cell);
    else this.#depend(cell);
    return cell.value as V | undefined;
  }

  read<K extends Key, V>(query: Query<K, V>, key: K): V {
    const memo = this.#memo(query as unknown as AnyQuery, key);
    if (this.#reader !== undefined) this.#depend(memo);
    else if (!memo.isRead && !memo.owed) this.#unread.add(memo);
    this.refresh(memo);
    if (memo.failure !== undefined) throw memo.failure.error;
    return memo.value as V;
  }

  /** The memo of an output: it is kept until {@link LiveDb.release}, and reported when a change may touch it. */
  owe<K extends Key, V>(query: Query<K, V>, key: K): Memo<V> {
    const memo = this.#memo(query as unknown as AnyQuery, key);
    memo.owed = true;
    return memo as Memo<V>;
  }

  /** Nobody needs this output any more. */
  release(memo: Memo): void {
    memo.owed = false;
    this.#marked.delete(memo);
    if (!memo.isRead) this.#unread.add(memo);
  }

  /** The outputs that changes since the last call may have touched. */
  takeMarked(): readonly Memo[] {
    const marked = [...this.#marked];
    this.#marked.clear();
    return marked;
  }

  /**
   * Brings a memo up to date. Returns whether its value changed. A query that throws is a bug of
   * ours; what it threw is remembered as its answer, so that the rest goes on and a later change of
   * what it read tries it again.
   */
  refresh(memo: Memo): boolean {
    if (memo.state === "clean") return false;
    if (memo.state === "computing") {
      throw new Error(`Query ${memo.query.queryName} depends on itself: ${memo.keyText}`);
    }
    this.#visits++;
    if (memo.state === "maybe") {
      for (const source of memo.sources) {
        if (source instanceof Memo) this.refresh(source);
        if (memo.state !== "maybe") break;
      }
    }
    // Refreshing a source turns its readers, this memo among them, dirty when its value changed.
    if (memo.state === "maybe") {
      memo.state = "clean";
      return false;
    }
    return this.#recompute(memo);
  }

  /** Forgets what nobody reads. Memory after a deletion is what it was before the addition. */
  sweep(): void {
    for (const node of this.#unread) {
      this.#unread.delete(node);
      if (node.isRead) continue;
      if (node instanceof Memo) {
        if (!node.owed) this.#forget(node);
      } else this.#forgetIfUnread(node);
    }
  }

  /** Calls `listener` with query name and key text for each computation from now on. */
  onCompute(listener: (name: string, key: string) => void): void {
    this.#listeners.push(listener);
  }

  /** How much is remembered, and how many memos were looked at since the start. */
  statistics(): Statistics {
    let memos = 0;
    for (const table of this.#memos.values()) memos += table.size;
    let inputs = 0;
    for (const table of this.#inputs.values()) inputs += table.size;
    return { memos, inputs, visits: this.#visits };
  }

  /** Memos by query name, for the debug page. */
  memoCounts(): ReadonlyMap<string, number> {
    return new Map([...this.#memos].map(([name, table]) => [name, table.size]));
  }

  /** Every fact that is set: what a cold engine needs to answer the same. */
  facts(): Map<string, Map<string, unknown>> {
    const facts = new Map<string, Map<string, unknown>>();
    for (const [name, cells] of this.#inputs) {
      const set = [...cells.values()].filter((cell) => cell.value !== undefined);
      facts.set(name, new Map(set.map((cell) => [cell.key, cell.value])));
    }
    return facts;
  }

  #recompute(memo: Memo): boolean {
    memo.state = "computing";
    const before = memo.sources;
    memo.sources = [];
    const reader = this.#reader;
    this.#reader = memo;
    let value: unknown;
    let failure: { readonly error: unknown } | undefined;
    try {
      value = memo.query.compute(this, memo.key);
    } catch (error) {
      failure = { error };
    } finally {
      this.#reader = reader;
      this.#unlinkMissing(memo, before);
    }
    memo.state = "clean";
    for (const listener of this.#listeners) listener(memo.query.queryName, memo.keyText);
    const same = memo.failure === undefined && failure === undefined && equal(memo.value, value);
    if (memo.computed && same) return false;
    memo.computed = true;
    memo.failure = failure;
    memo.value = value;
    for (const other of memo.readers()) if (other.state === "maybe") other.state = "dirty";
    return true;
  }

  #mark(memo: Memo, state: "dirty" | "maybe"): void {
    if (memo.state === "dirty" || (memo.state === "maybe" && state === "maybe")) return;
    const known = memo.state === "maybe";
    memo.state = state;
    if (known) return;
    if (memo.owed) this.#marked.add(memo);
    for (const reader of memo.readers()) this.#mark(reader, "maybe");
  }

  #depend(source: Node): void {
    const reader = this.#reader;
    // Reading again right after is common; a repetition that this misses does no harm.
    if (reader === undefined || source.lastReader === reader) return;
    source.lastReader = reader;
    reader.sources.push(source);
    source.addReader(reader);
  }

  /** Ends the links to sources that the last computation did not read any more. */
  #unlinkMissing(memo: Memo, before: readonly Node[]): void {
    const mark = ++this.#marks;
    for (const source of memo.sources) {
      source.mark = mark;
      source.lastReader = undefined;
    }
    for (const source of before) if (source.mark !== mark) this.#unlink(memo, source);
  }

  #unlink(reader: Memo, source: Node): void {
    source.removeReader(reader);
    if (!source.isRead) this.#unread.add(source);
  }

  #forget(memo: Memo): void {
    this.#memos.get(memo.query.queryName)?.delete(memo.keyText);
    for (const source of memo.sources) this.#unlink(memo, source);
  }

  #forgetIfUnread(cell: Cell): void {
    if (cell.value !== undefined || cell.isRead) return;
    this.#inputs.get(cell.name)?.delete(cell.key);
  }

  #cell(name: string, key: string): Cell {
    const cells = tableOf(this.#inputs, name);
    const cell = cells.get(key) ?? new Cell(name, key);
    cells.set(key, cell);
    return cell;
  }

  #memo(query: AnyQuery, key: Key): Memo {
    const memos = tableOf(this.#memos, query.queryName);
    const text = keyText(key);
    const memo = memos.get(text) ?? new Memo(query, key, text);
    memos.set(text, memo);
    return memo;
  }
}

/** Sizes of a {@link LiveDb}. */
export interface Statistics {
  readonly memos: number;
  readonly inputs: number;
  readonly visits: number;
}

type AnyQuery = Query<Key, unknown>;
type Node = Cell | Memo;

/**
 * Something that can be read, and by whom it is. Most have one reader, and there are very many of
 * them, so a set is made for the second only.
 */
abstract class Readable {
  /** Who read it last, while that one computes. */
  lastReader: Memo | undefined = undefined;
  /** Which computation found it among its sources last. */
  mark = 0;
  #readers: Memo | Set<Memo> | undefined = undefined;

  get isRead(): boolean {
    return this.#readers !== undefined;
  }

  readers(): Iterable<Memo> {
    if (this.#readers === undefined) return [];
    return this.#readers instanceof Memo ? [this.#readers] : this.#readers;
  }

  addReader(reader: Memo): void {
    if (this.#readers === undefined) this.#readers = reader;
    else if (this.#readers instanceof Set) this.#readers.add(reader);
    else if (this.#readers !== reader) this.#readers = new Set([this.#readers, reader]);
  }

  removeReader(reader: Memo): void {
    if (this.#readers === reader) this.#readers = undefined;
    else if (this.#readers instanceof Set) {
      this.#readers.delete(reader);
      if (this.#readers.size === 0) this.#readers = undefined;
    }
  }
}

class Cell extends Readable {
  value: unknown = undefined;
  constructor(readonly name: string, readonly key: string) {
    super();
  }
}

/** An answer that is remembered: opaque to callers but for its value. */
export class Memo<V = unknown> extends Readable {
  /** The answer as of the last refresh. */
  value: V | undefined = undefined;
  /** What the computation threw instead of answering. */
  failure: { readonly error: unknown } | undefined = undefined;
  /** @internal */
  computed = false;
  /** @internal */
  state: "clean" | "maybe" | "dirty" | "computing" = "dirty";
  /** @internal */
  owed = false;
  /** @internal */
  sources: Node[] = [];
  constructor(readonly query: AnyQuery, readonly key: Key, readonly keyText: string) {
    super();
  }
}

function tableOf<T>(tables: Map<string, Map<string, T>>, name: string): Map<string, T> {
  const table = tables.get(name) ?? new Map<string, T>();
  tables.set(name, table);
  return table;
}
