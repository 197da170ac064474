/**
 * What certificates and lists of revocations are written in, read as strictly as BoringSSL reads it.
 * See https://www.itu.int/rec/T-REC-X.690
 */

/** What was read is not what it should be. */
export class Malformed extends Error {}

/** An element of ASN.1: its tag and what is in it. */
export interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** Of the elements that we read. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
  /** In brackets: `[0]`, `[1]` and so on. */
  context: [0xa0, 0xa1, 0xa2, 0xa3],
} as const;

/** The parts of a sequence, taken one after the other. */
export class Parts {
  readonly #elements: readonly Element[];
  #next = 0;

  constructor(content: Uint8Array) {
    this.#elements = elements(content);
  }

  /** The next part, which has to have one of these tags. Throws {@link Malformed}. */
  take(name: string, ...allowed: readonly number[]): Element {
    const element = this.takeIf(...allowed);
    if (element === undefined) throw new Malformed(`${name} is missing`);
    return element;
  }

  /** The next part if it has one of these tags. */
  takeIf(...allowed: readonly number[]): Element | undefined {
    const element = this.#elements[this.#next];
    if (element === undefined || !allowed.includes(element.tag)) return undefined;
    this.#next++;
    return element;
  }

  /** Throws {@link Malformed} when something is left. */
  end(name: string): void {
    if (this.#next < this.#elements.length) throw new Malformed(`${name} has too many parts`);
  }
}

/** The elements that stand one behind the other in some bytes. Throws {@link Malformed}. */
export function elements(bytes: Uint8Array): readonly Element[] {
  const found: Element[] = [];
  let at = 0;
  const byte = (): number => {
    const value = bytes[at++];
    if (value === undefined) throw new Malformed("it ends too soon");
    return value;
  };
  while (at < bytes.length) {
    const tag = byte();
    if ((tag & 0x1f) === 0x1f) {
      // Its number stands in the bytes behind, seven bits each, if it has to.
      const first = byte();
      let number = first & 0x7f;
      for (let more = first; more >= 0x80;) {
        more = byte();
        number = Math.min(number * 128 + (more & 0x7f), 2 ** 32);
      }
      if (first === 0x80 || number < 0x1f) {
        throw new Malformed("a tag is written longer than it is");
      }
    }
    let length = byte();
    if (length > 0x80) {
      let left = length & 0x7f;
      if (left > 4) throw new Malformed("a length is too large");
      const least = left === 1 ? 0x80 : 2 ** (8 * (left - 1));
      for (length = 0; left > 0; left--) length = length * 256 + byte();
      if (length < least) throw new Malformed("a length is written longer than it is");
    } else if (length === 0x80) throw new Malformed("a length is not given");
    if (at + length > bytes.length) throw new Malformed("it ends too soon");
    found.push({ tag, content: bytes.subarray(at, at + length) });
    at += length;
  }
  return found;
}

/** Checks a number. */
export function checkInteger({ content }: Element): void {
  const [first, second = 0] = content;
  if (first === undefined) throw new Malformed("a number is empty");
  const isLong = content.length > 1 &&
    ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (isLong) throw new Malformed("a number is written longer than it is");
}

/** Checks bits. */
export function checkBits({ content }: Element): void {
  const [unused] = content;
  if (unused === undefined || unused > 7 || (content.length === 1 && unused > 0)) {
    throw new Malformed("bits are not whole");
  }
  const last = content.at(-1) ?? 0;
  if (content.length > 1 && (last & ((1 << unused) - 1)) !== 0) {
    throw new Malformed("unused bits are set");
  }
}

/** Checks what follows a tag of an algorithm: `SEQUENCE { OBJECT IDENTIFIER, ANY OPTIONAL }`. */
export function checkAlgorithm({ content }: Element): void {
  const [type, ...rest] = elements(content);
  checkIdentifier(type);
  if (rest.length > 1) throw new Malformed("an algorithm has too many parts");
  rest.forEach(checkAny);
}

/** The one element that some bytes are, which has this tag. Throws {@link Malformed}. */
export function only(bytes: Uint8Array, tag: number, name: string): Element {
  const [element, ...rest] = elements(bytes);
  if (element?.tag !== tag || rest.length > 0) throw new Malformed(`${name} is none`);
  return element;
}

/** Checks an element of which it is not known what it is to be. */
function checkAny(element: Element): void {
  const { tag, content } = element;
  switch (tag) {
    case tags.boolean:
      if (content.length !== 1) throw new Malformed("a boolean is none");
      return;
    case tags.null:
      if (content.length !== 0) throw new Malformed("what is to be nothing is something");
      return;
    case tags.integer:
    case tags.enumerated:
      return checkInteger(element);
    case tags.bitString:
      return checkBits(element);
    case tags.objectIdentifier:
      return checkIdentifier(element);
    case tags.utcTime:
    case tags.generalizedTime:
      return checkTime(element);
    case tags.utf8String:
    case tags.bmpString:
    case tags.universalString:
      return checkText(element);
    case tags.sequence:
    case tags.set:
      return;
  }
  const isUniversal = (tag & 0xc0) === 0;
  // The end of what has no length, and what is made of parts but for sequences and sets.
  if (isUniversal && (tag === 0 || (tag & 0x20) !== 0)) throw new Malformed("a value is none");
}

/** Whether an algorithm is that of keys of RSA, which has no parameters and has to say so. */
export function isRsa({ content }: Element): boolean {
  const [type, parameters, ...rest] = elements(content);
  if (type?.content.toHex() !== rsaEncryption) return false;
  const isNothing = parameters?.tag === tags.null && parameters.content.length === 0;
  if (!isNothing || rest.length > 0) throw new Malformed("the algorithm of the key is odd");
  return true;
}

/** 1.2.840.113549.1.1.1 */
const rsaEncryption = "2a864886f70d010101";

/** Checks the name of somebody: a list of sets of types with values. */
export function checkName({ content }: Element): void {
  for (const set of elements(content)) {
    if (set.tag !== tags.set) throw new Malformed("a part of a name is no set");
    const attributes = elements(set.content);
    if (attributes.length === 0) throw new Malformed("a part of a name is empty");
    for (const attribute of attributes) {
      if (attribute.tag !== tags.sequence) throw new Malformed("a part of a name is no sequence");
      const [type, value, ...rest] = elements(attribute.content);
      checkIdentifier(type);
      if (value === undefined || rest.length > 0) throw new Malformed("a part of a name is odd");
      checkText(value);
    }
  }
}

/**
 * Checks a list of extensions: whether each is one, and by `known`, which has the bytes of their
 * types in hexadecimal digits, what is in them. Without any extensions the list is none in lists of
 * revocations.
 */
export function checkExtensions(
  { content }: Element,
  least: 0 | 1,
  known: Readonly<Record<string, (value: Uint8Array) => void>> = {},
): void {
  const list = elements(content);
  if (list.length < least) throw new Malformed("a list of extensions is empty");
  for (const { tag, content } of list) {
    if (tag !== tags.sequence) throw new Malformed("an extension is no sequence");
    const parts = new Parts(content);
    const type = parts.take("the type of an extension", tags.objectIdentifier);
    checkIdentifier(type);
    const critical = parts.takeIf(tags.boolean);
    if (critical !== undefined && critical.content.length !== 1) {
      throw new Malformed("a boolean is none");
    }
    const value = parts.take("the value of an extension", tags.octetString);
    parts.end("an extension");
    const name = type.content.toHex();
    const check = Object.hasOwn(known, name) ? known[name] : undefined;
    check?.(value.content);
  }
}

/** Checks a time, down to seconds, in universal time. */
export function checkTime({ tag, content }: Element): void {
  const text = String.fromCharCode(...content.subarray(0, 20));
  const year = tag === tags.utcTime ? "\\d{2}" : "\\d{4}";
  const isTime = new RegExp(
    `^${year}(0[1-9]|1[0-2])(0[1-9]|[12]\\d|3[01])([01]\\d|2[0-3])[0-5]\\d[0-5]\\dZ$`,
  );
  if (!isTime.test(text)) throw new Malformed("a time is none");
  const [, first = "", month = "", day = ""] = /^(\d{4}|\d{2})(\d{2})(\d{2})\d{6}Z$/.exec(text) ??
    [];
  // A leap year among two digits is one in 19xx as in 20xx, but for 1900, which they do not reach.
  const last = new Date(Date.UTC(2000, 0));
  last.setUTCFullYear(
    tag === tags.utcTime ? 2000 + Number(first) : Number(first),
    Number(month),
    0,
  );
  if (Number(day) > last.getUTCDate()) throw new Malformed("a time is none");
}

/** Checks an object identifier. Throws {@link Malformed}. */
export function checkIdentifier(element: Element | undefined): void {
  const content = element?.content ?? none;
  let isStart = true;
  if (element?.tag !== tags.objectIdentifier || content.length === 0) {
    throw new Malformed("a type is no identifier");
  }
  for (const byte of content) {
    if (isStart && byte === 0x80) throw new Malformed("an identifier is written longer than it is");
    isStart = byte < 0x80;
  }
  if (!isStart) throw new Malformed("an identifier ends too soon");
}

/** Texts of these kinds are taken as they are. */
const textTags: readonly number[] = [0x12, 0x13, 0x14, 0x16, 0x1a, 0x1b, 0x30];

function checkText({ tag, content }: Element): void {
  switch (tag) {
    case tags.utf8String:
      return checkCharacters(utf8(content));
    case tags.bmpString:
      return checkCharacters(numbers(content, 2));
    case tags.universalString:
      return checkCharacters(numbers(content, 4));
    case tags.bitString:
      return checkBits({ tag, content });
  }
  if (!textTags.includes(tag)) throw new Malformed("a part of a name is no text");
}

/** The characters of a text, by number. */
function utf8(content: Uint8Array): readonly number[] {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
    return Array.from(text, (letter) => letter.codePointAt(0) ?? 0);
  } catch {
    throw new Malformed("a text is no UTF-8");
  }
}

/** Numbers of so many bytes, the largest part first. */
function numbers(content: Uint8Array, size: number): readonly number[] {
  if (content.length % size !== 0) throw new Malformed("a text is no Unicode");
  return Array.from(
    { length: content.length / size },
    (_, i) => content.subarray(i * size, (i + 1) * size).reduce((sum, byte) => sum * 256 + byte, 0),
  );
}

/** Halves of characters, and numbers that will never be one, are none. */
function checkCharacters(codes: readonly number[]): void {
  const isOne = (code: number) =>
    code <= 0x10_ffff && (code < 0xd800 || code > 0xdfff) && (code & 0xfffe) !== 0xfffe &&
    (code < 0xfdd0 || code > 0xfdef);
  if (!codes.every(isOne)) throw new Malformed("a text is no Unicode");
}

const none = new Uint8Array();

/**
 * Why the DER of something signed cannot be read; `undefined` when it can: what is signed, which
 * `check` looks at and throws {@link Malformed} about, then the algorithm and the signature.
 * See https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 */
export function signedFault(
  der: Uint8Array,
  { name, end, check }: {
    /** Of what it is, for messages. */
    readonly name: string;
    /** The same where its end is spoken of. */
    readonly end: string;
    readonly check: (signed: Uint8Array) => void;
  },
): string | undefined {
  try {
    const [whole, ...rest] = elements(der);
    if (whole?.tag !== tags.sequence || rest.length > 0) throw new Malformed("it is no sequence");
    const parts = new Parts(whole.content);
    const signed = parts.take("what is signed", tags.sequence);
    checkAlgorithm(parts.take("the signature's algorithm", tags.sequence));
    checkBits(parts.take("the signature", tags.bitString));
    parts.end(end);
    check(signed.content);
    return undefined;
  } catch (error) {
    if (error instanceof Malformed) return `malformed ${name}: ${error.message}`;
    throw error;
  }
}
