import type { Buffer } from "node:buffer";

/**
 * Reads a message of protocol buffers field by field, without making anything of it. Throws a
 * {@link WireError} for bytes that are none.
 * See https://protobuf.dev/programming-guides/encoding.
 */
export class WireReader {
  readonly #bytes: Buffer;
  #at: number;
  #end: number;
  /** Number of the field whose value comes next. */
  field = 0;
  #type = 0;

  constructor(bytes: Buffer, start = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** Goes on to the next field; false at the end. */
  next(): boolean {
    if (this.#at >= this.#end) return false;
    const tag = this.#varint();
    this.field = Math.floor(tag / 8);
    this.#type = tag % 8;
    if (this.field === 0) throw new WireError("A field has no number");
    return true;
  }

  /** A number; beyond 2^53 it is not exact. */
  number(): number {
    this.#expect(0);
    return this.#varint();
  }

  text(): string {
    const [start, end] = this.#range();
    // Most texts are short and ASCII, and then this is the fastest way.
    if (end - start <= 32) {
      let text = "";
      for (let i = start; i < end; i++) {
        const code = this.#bytes[i] ?? 0;
        if (code >= 0x80) return this.#bytes.toString("utf8", start, end);
        text += String.fromCharCode(code);
      }
      return text;
    }
    return this.#bytes.toString("utf8", start, end);
  }

  /** Reads the message that is the value. */
  message<Value>(read: (reader: WireReader) => Value): Value {
    const [start, end] = this.#range();
    const outerEnd = this.#end;
    const after = this.#at;
    this.#at = start;
    this.#end = end;
    const value = read(this);
    this.#at = after;
    this.#end = outerEnd;
    return value;
  }

  /** Passes over the value. */
  skip(): void {
    switch (this.#type) {
      case 0:
        this.#varint();
        return;
      case 1:
        this.#at += 8;
        break;
      case 2:
        this.#range();
        return;
      case 5:
        this.#at += 4;
        break;
      default:
        throw new WireError("A field is of a type that is not known");
    }
    if (this.#at > this.#end) throw new WireError("A field is cut off");
  }

  #range(): readonly [start: number, end: number] {
    this.#expect(2);
    const length = this.#varint();
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.#end) throw new WireError("A field is cut off");
    return [start, this.#at];
  }

  #expect(type: number): void {
    if (this.#type !== type) throw new WireError(`Field ${this.field} is of another type`);
  }

  #varint(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 10; i++) {
      if (this.#at >= this.#end) throw new WireError("A number is cut off");
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw new WireError("A number is too long");
  }
}

/** Bytes that are no message. */
export class WireError extends Error {
  override readonly name = "WireError";
}
