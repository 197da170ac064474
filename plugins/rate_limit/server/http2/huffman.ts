import { Buffer } from "node:buffer";

/**
 * A text in the Huffman code of HPACK (https://www.rfc-editor.org/rfc/rfc7541#appendix-B). Returns
 * undefined for bytes that are none.
 */
export function decodeHuffman(bytes: Uint8Array): string | undefined {
  // No code is shorter than five bits.
  const text = Buffer.allocUnsafe(Math.floor(bytes.length * 8 / 5) + 1);
  let length = 0;
  let node = 0;
  /** Bits since the last symbol, and whether all of them are ones: so ends a text. */
  let pending = 0;
  let isPadding = true;
  for (const byte of bytes) {
    for (let shift = 7; shift >= 0; shift--) {
      const bit = (byte >> shift) & 1;
      const next = tree[node * 2 + bit] ?? 0;
      pending++;
      if (bit === 0) isPadding = false;
      if (next === 0) return undefined;
      if (next > 0) node = next;
      else {
        text[length++] = -next - 1;
        node = 0;
        pending = 0;
        isPadding = true;
      }
    }
  }
  return pending < 8 && isPadding ? text.toString("latin1", 0, length) : undefined;
}

/** How many bits the code of each byte has. The codes follow: in order of length, then of byte. */
const codeLengths = `
13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28 28 28 28 28 28 28 30 28 28 28 28 28 28 28 28 28
6 10 10 12 13 6 8 11 10 10 8 11 8 6 6 6 5 5 5 6 6 6 6 6 6 6 7 8 15 6 12 10
13 6 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 8 7 8 13 19 13 14 6
15 5 6 5 6 5 6 6 6 5 7 7 6 6 6 5 6 7 6 5 5 6 7 7 7 7 7 15 11 14 13 28
20 22 20 20 22 22 22 23 22 23 23 23 23 23 24 23 24 24 22 23 24 23 23 23 23 21 22 23 22 23 23 24
22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23 21 21 22 21 23 22 23 23 20 22 22 22 23 22 22 23
26 26 20 19 22 23 22 25 26 26 26 27 27 26 24 25 19 21 26 27 27 26 27 24 21 21 26 26 28 27 27 27
20 24 20 21 22 21 21 23 22 22 25 25 24 24 26 23 26 27 26 26 27 27 27 27 27 28 27 27 27 27 27 26
`.trim().split(/\s+/).map(Number);

/** The code that ends a text, which never stands in one. */
const endLength = 30;

/**
 * Two numbers a node, for the bits 0 and 1: the next node, or a byte as -1 - byte; 0 where no code
 * leads.
 */
const tree = makeTree();

function makeTree(): Int16Array {
  const symbols = [...codeLengths, endLength]
    .map((length, symbol) => ({ length, symbol }))
    .sort((a, b) => a.length - b.length || a.symbol - b.symbol);
  const nodes = new Int16Array(1_024);
  let used = 1;
  let code = 0;
  let before = 0;
  for (const { length, symbol } of symbols) {
    code = before === 0 ? 0 : (code + 1) * 2 ** (length - before);
    before = length;
    if (symbol === codeLengths.length) continue;
    let node = 0;
    for (let shift = length - 1; shift >= 0; shift--) {
      const at = node * 2 + Math.floor(code / 2 ** shift) % 2;
      if (shift === 0) nodes[at] = -symbol - 1;
      else {
        if (nodes[at] === 0) nodes[at] = used++;
        node = nodes[at] ?? 0;
      }
    }
  }
  return nodes;
}
