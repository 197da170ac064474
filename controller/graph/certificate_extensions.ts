import {
  checkBits,
  checkIdentifier,
  checkInteger,
  checkName,
  type Element,
  elements,
  Malformed,
  only,
  Parts,
  tags,
} from "./der.ts";

/**
 * Checks the value of an extension that says with which key somebody signed. Throws
 * {@link Malformed}. See https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.1
 */
export function checkKeyIdentifier(value: Uint8Array): void {
  const parts = new Parts(only(value, tags.sequence, "the identifier of a key").content);
  parts.takeIf(0x80);
  const issuer = parts.takeIf(0xa1);
  if (issuer !== undefined) checkGeneralNames(issuer);
  const serial = parts.takeIf(0x82);
  if (serial !== undefined) checkInteger(serial);
  parts.end("the identifier of a key");
}

/**
 * Checks the value of an extension that says what a list of revocations is about. Throws
 * {@link Malformed}. See https://www.rfc-editor.org/rfc/rfc5280#section-5.2.5
 */
export function checkIssuingPoint(value: Uint8Array): void {
  const what = "the scope of a list";
  const parts = new Parts(only(value, tags.sequence, what).content);
  const flag = (tag: number) => {
    const element = parts.takeIf(tag);
    if (element !== undefined && element.content.length !== 1) {
      throw new Malformed("a boolean is none");
    }
  };
  const point = parts.takeIf(0xa0);
  if (point !== undefined) checkPointName(point);
  flag(0x81);
  flag(0x82);
  const reasons = parts.takeIf(0x83);
  if (reasons !== undefined) checkBits(reasons);
  flag(0x84);
  flag(0x85);
  parts.end(what);
}

/** In full, or by what stands behind the name of the issuer. */
function checkPointName({ content }: Element): void {
  const [name, ...rest] = elements(content);
  if (name === undefined || rest.length > 0) throw new Malformed("the name of a point is none");
  if (name.tag === 0xa0) return checkGeneralNames(name);
  if (name.tag !== 0xa1) throw new Malformed("the name of a point is none");
  // One part of a name, under another tag.
  checkName({ tag: tags.sequence, content: setOf(name) });
}

function setOf({ content }: Element): Uint8Array {
  const { length } = content;
  const size = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff];
  return new Uint8Array([tags.set, ...size, ...content]);
}

/** See https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6 */
function checkGeneralNames({ content }: Element): void {
  for (const name of elements(content)) {
    const kind = kinds.get(name.tag);
    if (kind === undefined) throw new Malformed("a name of an unknown kind");
    kind(name);
  }
}

const kinds: ReadonlyMap<number, (name: Element) => void> = new Map([
  [0xa0, otherName],
  [0x81, () => {}],
  [0x82, () => {}],
  [0xa3, ({ content }) => void elements(content)],
  [0xa4, ({ content }) => checkName(only(content, tags.sequence, "a name"))],
  [0xa5, ({ content }) => void elements(content)],
  [0x86, () => {}],
  [0x87, () => {}],
  [0x88, ({ content }) => checkIdentifier({ tag: tags.objectIdentifier, content })],
]);

function otherName({ content }: Element): void {
  const parts = new Parts(content);
  checkIdentifier(parts.take("the type of a name", tags.objectIdentifier));
  parts.take("the value of a name", tags.context[0]);
  parts.end("a name");
}
