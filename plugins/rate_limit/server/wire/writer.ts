import { Buffer } from "node:buffer";

/** Writes a message of protocol buffers, field by field, in the order they are given. */
export class WireWriter {
  #bytes: Buffer = Buffer.allocUnsafe(128);
  #length = 0;

  /** A number of 0 to 2^53; 0 is what a field is without, and is left out. */
  number(field: number, value: number): this {
    if (value === 0) return this;
    this.#varint(field * 8);
    this.#varint(value);
    return this;
  }

  /** A 0 that is written all the same: the choice of a field among several says something too. */
  zero(field: number): this {
    this.#varint(field * 8);
    this.#varint(0);
    return this;
  }

  text(field: number, value: string): this {
    if (value === "") return this;
    const length = Buffer.byteLength(value);
    this.#varint(field * 8 + 2);
    this.#varint(length);
    this.#room(length);
    this.#bytes.write(value, this.#length, length, "utf8");
    this.#length += length;
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varint(field * 8 + 2);
    this.#varint(value.length);
    this.#room(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  /** A message within; also when nothing is in it. */
  message(field: number, write: (writer: this) => void): this {
    this.#varint(field * 8 + 2);
    const at = this.#length;
    // Most are shorter than 128 bytes, and then their length takes one.
    this.#room(1);
    this.#length++;
    write(this);
    const length = this.#length - at - 1;
    if (length < 128) {
      this.#bytes[at] = length;
      return this;
    }
    const more = varintLength(length) - 1;
    this.#room(more);
    this.#bytes.copyWithin(at + 1 + more, at + 1, this.#length);
    this.#length = at;
    this.#varint(length);
    this.#length += length;
    return this;
  }

  /** A number with a fraction. */
  double(field: number, value: number): this {
    this.#varint(field * 8 + 1);
    this.#room(8);
    this.#bytes.writeDoubleLE(value, this.#length);
    this.#length += 8;
    return this;
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #varint(value: number): void {
    this.#room(10);
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  #room(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#length + count));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length++;
  return length;
}
