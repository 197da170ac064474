import { Buffer } from "node:buffer";

/**
 * What a client sends by HTTP/2, without GOAWAY frames and without all SETTINGS but the first and
 * the acknowledgements. Frames that are kept pass as they are, as soon as they are complete.
 * See https://www.rfc-editor.org/rfc/rfc9113#section-4.1
 */
export class FrameFilter {
  /** What stands before the first frame and is still to come. */
  #prefaceBytes = 24;
  /** Bytes of a frame to be kept or dropped that are still to come. */
  #openBytes = 0;
  #keepsOpen = true;
  /** The beginning of a frame's head. */
  #head = Buffer.alloc(0);
  #hasSettings = false;

  /** The part of these bytes that is kept, together with what was held back before. */
  keep(bytes: Uint8Array): Uint8Array {
    const kept: Uint8Array[] = [];
    let rest = bytes;
    const take = (count: number): Uint8Array => {
      const part = rest.subarray(0, count);
      rest = rest.subarray(part.length);
      return part;
    };
    while (rest.length > 0) {
      if (this.#prefaceBytes > 0) {
        const part = take(this.#prefaceBytes);
        this.#prefaceBytes -= part.length;
        kept.push(part);
      } else if (this.#openBytes > 0) {
        const part = take(this.#openBytes);
        this.#openBytes -= part.length;
        if (this.#keepsOpen) kept.push(part);
      } else {
        this.#head = Buffer.concat([this.#head, take(headBytes - this.#head.length)]);
        if (this.#head.length < headBytes) break;
        this.#openBytes = this.#head.readUIntBE(0, 3);
        this.#keepsOpen = this.#isKept(this.#head.readUInt8(3), this.#head.readUInt8(4));
        if (this.#keepsOpen) kept.push(this.#head);
        this.#head = Buffer.alloc(0);
      }
    }
    return kept.length === 1 && kept[0] !== undefined ? kept[0] : Buffer.concat(kept);
  }

  #isKept(type: number, flags: number): boolean {
    if (type === frameTypes.goaway) return false;
    if (type !== frameTypes.settings || (flags & acknowledgement) !== 0) return true;
    const isFirst = !this.#hasSettings;
    this.#hasSettings = true;
    return isFirst;
  }
}

const headBytes = 9;
const frameTypes = { settings: 4, goaway: 7 };
const acknowledgement = 1;
