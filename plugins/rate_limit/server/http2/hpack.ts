import type { Buffer } from "node:buffer";
import { decodeHuffman } from "./huffman.ts";

/**
 * Reads blocks of header fields, in order, with the table that they build up. Throws an
 * {@link HpackError} for what is no such block, or would be too much; then nothing more can be read.
 * See https://www.rfc-editor.org/rfc/rfc7541.
 */
export class HpackDecoder {
  readonly #dynamic: Field[] = [];
  readonly #maxListBytes: number;
  #tableBytes = 0;
  #tableRoom = maxTableBytes;
  #block: Buffer | undefined;
  #at = 0;

  /** @param maxListBytes how much the fields of a block may come to, each with 32 bytes on top */
  constructor(maxListBytes: number) {
    this.#maxListBytes = maxListBytes;
  }

  /** Calls `field` with each field of a block. */
  decode(block: Buffer, field: (name: string, value: string) => void): void {
    this.#block = block;
    this.#at = 0;
    let listBytes = 0;
    let canResize = true;
    while (this.#at < block.length) {
      const first = block[this.#at] ?? 0;
      if ((first & 0xe0) === 0x20) {
        if (!canResize) throw new HpackError("the table changes its size within a block");
        this.#resize(this.#integer(5));
        continue;
      }
      canResize = false;
      const [name, value] = this.#field(first);
      listBytes += name.length + value.length + fieldBytes;
      if (listBytes > this.#maxListBytes) throw new HpackError("too many header fields");
      field(name, value);
    }
  }

  #field(first: number): Field {
    if ((first & 0x80) !== 0) return this.#entry(this.#integer(7));
    const isKept = (first & 0xc0) === 0x40;
    const index = this.#integer(isKept ? 6 : 4);
    const name = index === 0 ? this.#text() : this.#entry(index)[0];
    const field: Field = [name, this.#text()];
    if (isKept) this.#keep(field);
    return field;
  }

  #entry(index: number): Field {
    const field = index <= staticTable.length
      ? staticTable[index - 1]
      : this.#dynamic[this.#dynamic.length - (index - staticTable.length)];
    if (field === undefined) throw new HpackError(`there is no header field ${index}`);
    return field;
  }

  #keep(field: Field): void {
    const bytes = sizeOf(field);
    this.#shrink(this.#tableRoom - bytes);
    if (bytes > this.#tableRoom) return;
    this.#dynamic.push(field);
    this.#tableBytes += bytes;
  }

  #resize(bytes: number): void {
    if (bytes > maxTableBytes) throw new HpackError("the table would be too large");
    this.#tableRoom = bytes;
    this.#shrink(bytes);
  }

  #shrink(bytes: number): void {
    let gone = 0;
    while (this.#tableBytes > bytes && gone < this.#dynamic.length) {
      const oldest = this.#dynamic[gone++];
      if (oldest !== undefined) this.#tableBytes -= sizeOf(oldest);
    }
    if (gone > 0) this.#dynamic.splice(0, gone);
  }

  #integer(prefixBits: number): number {
    const mask = (1 << prefixBits) - 1;
    const start = this.#byte() & mask;
    if (start < mask) return start;
    let value = mask;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** shift;
      if ((byte & 0x80) === 0) return value;
    }
    throw new HpackError("a number is too large");
  }

  #text(): string {
    const isCoded = ((this.#block?.[this.#at] ?? 0) & 0x80) !== 0;
    const length = this.#integer(7);
    const end = this.#at + length;
    if (this.#block === undefined || end > this.#block.length) {
      throw new HpackError("a header field is cut off");
    }
    const bytes = this.#block.subarray(this.#at, end);
    this.#at = end;
    if (!isCoded) return bytes.toString("latin1");
    const text = decodeHuffman(bytes);
    if (text === undefined) throw new HpackError("a header field is coded wrongly");
    return text;
  }

  #byte(): number {
    const byte = this.#block?.[this.#at++];
    if (byte === undefined) throw new HpackError("a header field is cut off");
    return byte;
  }
}

/** A block that cannot be read. */
export class HpackError extends Error {
  override readonly name = "HpackError";
}

/**
 * Header fields as a block that changes no table: for answers, which are few and short. Texts have to
 * be ASCII, and names in lower case.
 */
export function encodeHeaders(fields: readonly Field[]): Uint8Array {
  const bytes: number[] = [];
  for (const [name, value] of fields) {
    const whole = staticTable.findIndex(([n, v]) => n === name && v === value);
    if (whole >= 0) {
      bytes.push(0x80 | (whole + 1));
      continue;
    }
    bytes.push(0);
    pushText(bytes, name);
    pushText(bytes, value);
  }
  return Uint8Array.from(bytes);
}

/** A name and a value. */
export type Field = readonly [name: string, value: string];

function pushText(bytes: number[], text: string): void {
  if (text.length < 127) bytes.push(text.length);
  else {
    bytes.push(127);
    let rest = text.length - 127;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push(128 + rest % 128);
    bytes.push(rest);
  }
  for (let i = 0; i < text.length; i++) bytes.push(text.charCodeAt(i) & 0xff);
}

function sizeOf([name, value]: Field): number {
  return name.length + value.length + fieldBytes;
}

/** What a field counts for beside its letters. */
const fieldBytes = 32;

/** What we let the other side build up: the size nobody has to ask for. */
const maxTableBytes = 4_096;

/** https://www.rfc-editor.org/rfc/rfc7541#appendix-A */
const staticTable: readonly Field[] = [
  [":authority", ""],
  [":method", "GET"],
  [":method", "POST"],
  [":path", "/"],
  [":path", "/index.html"],
  [":scheme", "http"],
  [":scheme", "https"],
  [":status", "200"],
  [":status", "204"],
  [":status", "206"],
  [":status", "304"],
  [":status", "400"],
  [":status", "404"],
  [":status", "500"],
  ["accept-charset", ""],
  ["accept-encoding", "gzip, deflate"],
  ["accept-language", ""],
  ["accept-ranges", ""],
  ["accept", ""],
  ["access-control-allow-origin", ""],
  ["age", ""],
  ["allow", ""],
  ["authorization", ""],
  ["cache-control", ""],
  ["content-disposition", ""],
  ["content-encoding", ""],
  ["content-language", ""],
  ["content-length", ""],
  ["content-location", ""],
  ["content-range", ""],
  ["content-type", ""],
  ["cookie", ""],
  ["date", ""],
  ["etag", ""],
  ["expect", ""],
  ["expires", ""],
  ["from", ""],
  ["host", ""],
  ["if-match", ""],
  ["if-modified-since", ""],
  ["if-none-match", ""],
  ["if-range", ""],
  ["if-unmodified-since", ""],
  ["last-modified", ""],
  ["link", ""],
  ["location", ""],
  ["max-forwards", ""],
  ["proxy-authenticate", ""],
  ["proxy-authorization", ""],
  ["range", ""],
  ["referer", ""],
  ["refresh", ""],
  ["retry-after", ""],
  ["server", ""],
  ["set-cookie", ""],
  ["strict-transport-security", ""],
  ["transfer-encoding", ""],
  ["user-agent", ""],
  ["vary", ""],
  ["via", ""],
  ["www-authenticate", ""],
];
