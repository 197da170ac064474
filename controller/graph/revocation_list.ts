/**
 * Why the DER of a certificate revocation list cannot be read; `undefined` when it can. Envoy reads
 * lists only when the certificate of the host is there, and then blames that: other hosts with the
 * same certificate would be cut off by somebody else's list.
 * See https://www.rfc-editor.org/rfc/rfc5280#section-5.1
 */
export function revocationListFault(der: Uint8Array): string | undefined {
  try {
    certificateList(der);
    return undefined;
  } catch (error) {
    if (error instanceof Malformed) return `malformed CRL: ${error.message}`;
    throw error;
  }
}

class Malformed extends Error {}

/** An element of ASN.1: its tag and what is in it. */
interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
}

const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  extensions: 0xa0,
} as const;

function certificateList(der: Uint8Array): void {
  const [list, ...rest] = elements(der);
  if (list?.tag !== tags.sequence || rest.length > 0) throw new Malformed("it is no sequence");
  const parts = new Parts(list.content);
  const signed = parts.take("what is signed", tags.sequence);
  parts.take("the signature's algorithm", tags.sequence);
  parts.take("the signature", tags.bitString);
  parts.end("the list");
  signedPart(signed.content);
}

function signedPart(content: Uint8Array): void {
  const parts = new Parts(content);
  const version = parts.takeIf(tags.integer);
  if (version !== undefined && !(version.content.length === 1 && version.content[0] === 1)) {
    throw new Malformed("it is of an unknown version");
  }
  parts.take("the signature's algorithm", tags.sequence);
  parts.take("the issuer", tags.sequence);
  time(parts.take("the time of this list", tags.utcTime, tags.generalizedTime));
  const next = parts.takeIf(tags.utcTime, tags.generalizedTime);
  if (next !== undefined) time(next);
  for (const entry of elements(parts.takeIf(tags.sequence)?.content ?? none)) {
    if (entry.tag !== tags.sequence) throw new Malformed("an entry is no sequence");
    revoked(entry.content);
  }
  const explicit = parts.takeIf(tags.extensions);
  if (explicit !== undefined) {
    if (version === undefined) throw new Malformed("extensions need version 2");
    const inner = new Parts(explicit.content);
    extensions(inner.take("the extensions", tags.sequence).content);
    inner.end("the extensions");
  }
  parts.end("what is signed");
}

function revoked(content: Uint8Array): void {
  const parts = new Parts(content);
  if (parts.take("a serial number", tags.integer).content.length === 0) {
    throw new Malformed("a serial number is empty");
  }
  time(parts.take("a time of revocation", tags.utcTime, tags.generalizedTime));
  const own = parts.takeIf(tags.sequence);
  if (own !== undefined) extensions(own.content);
  parts.end("an entry");
}

function extensions(content: Uint8Array): void {
  const list = elements(content);
  if (list.length === 0) throw new Malformed("a list of extensions is empty");
  for (const { tag, content } of list) {
    if (tag !== tags.sequence) throw new Malformed("an extension is no sequence");
    const parts = new Parts(content);
    parts.take("the type of an extension", tags.objectIdentifier);
    parts.takeIf(tags.boolean);
    parts.take("the value of an extension", tags.octetString);
    parts.end("an extension");
  }
}

/** Down to seconds, in universal time. */
function time({ tag, content }: Element): void {
  const text = String.fromCharCode(...content);
  const digits = tag === tags.utcTime ? 12 : 14;
  if (!/^\d+Z$/.test(text) || text.length !== digits + 1) throw new Malformed("a time is none");
}

const none = new Uint8Array();

/** The parts of a sequence, taken one after the other. */
class Parts {
  readonly #elements: readonly Element[];
  #next = 0;

  constructor(content: Uint8Array) {
    this.#elements = elements(content);
  }

  take(name: string, ...allowed: readonly number[]): Element {
    const element = this.takeIf(...allowed);
    if (element === undefined) throw new Malformed(`${name} is missing`);
    return element;
  }

  takeIf(...allowed: readonly number[]): Element | undefined {
    const element = this.#elements[this.#next];
    if (element === undefined || !allowed.includes(element.tag)) return undefined;
    this.#next++;
    return element;
  }

  end(name: string): void {
    if (this.#next < this.#elements.length) throw new Malformed(`${name} has too many parts`);
  }
}

/** The elements that stand one behind the other in some bytes. */
function elements(bytes: Uint8Array): readonly Element[] {
  const found: Element[] = [];
  let at = 0;
  const byte = (): number => {
    const value = bytes[at++];
    if (value === undefined) throw new Malformed("it ends too soon");
    return value;
  };
  while (at < bytes.length) {
    const tag = byte();
    let length = byte();
    if (length > 0x80) {
      let left = length & 0x7f;
      if (left > 4) throw new Malformed("a length is too large");
      for (length = 0; left > 0; left--) length = length * 256 + byte();
    } else if (length === 0x80) throw new Malformed("a length is not given");
    if (at + length > bytes.length) throw new Malformed("it ends too soon");
    found.push({ tag, content: bytes.subarray(at, at + length) });
    at += length;
  }
  return found;
}
