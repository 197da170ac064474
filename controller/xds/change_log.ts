import type { ResourceRef } from "./resource.ts";

/**
 * Which resources changed, in order, for readers that each keep their own place. An entry is
 * dropped once every reader has passed it.
 */
export class ChangeLog {
  #entries: ResourceRef[] = [];
  /** Entries dropped before the first of `#entries`: positions only grow. */
  #dropped = 0;
  readonly #cursors = new Set<LogCursor>();
  readonly #maxLength: number;

  /** Keeps `maxLength` entries at most; a reader that is further behind has lost its place. */
  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  append(change: ResourceRef): void {
    this.#entries.push(change);
    if (this.#cursors.size === 0) this.#dropUntil(this.#end);
    // Dropping a quarter at a time keeps the cost of an append constant.
    else if (this.#entries.length > this.#maxLength) {
      this.#dropUntil(this.#end - Math.floor(this.#maxLength * 3 / 4));
    }
  }

  /** A new reader, which sees what is appended from now on. */
  cursor(): Cursor {
    const cursor: LogCursor = {
      position: this.#end,
      read: () => {
        const { position } = cursor;
        if (position === this.#end) return [];
        cursor.position = this.#end;
        const changes = position < this.#dropped
          ? "behind"
          : this.#entries.slice(position - this.#dropped);
        this.#trim();
        return changes;
      },
      close: () => {
        this.#cursors.delete(cursor);
        this.#trim();
      },
    };
    this.#cursors.add(cursor);
    return cursor;
  }

  get length(): number {
    return this.#entries.length;
  }

  get #end(): number {
    return this.#dropped + this.#entries.length;
  }

  #trim(): void {
    let slowest = this.#end;
    for (const { position } of this.#cursors) slowest = Math.min(slowest, position);
    this.#dropUntil(slowest);
  }

  #dropUntil(position: number): void {
    const count = position - this.#dropped;
    if (count <= 0) return;
    if (count === this.#entries.length) this.#entries = [];
    else this.#entries.splice(0, count);
    this.#dropped += count;
  }
}

/** A reader's place in the change log. */
export interface Cursor {
  /**
   * What changed since the last read, in order, possibly a resource more than once; `"behind"` when
   * that is no longer known and the reader has to compare what it has with what there is.
   */
  read(): readonly ResourceRef[] | "behind";
  /** Gives up the place; the cursor must not be read again. */
  close(): void;
}

interface LogCursor extends Cursor {
  position: number;
}
