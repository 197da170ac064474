import {
  checkAlgorithm,
  checkBits,
  checkExtensions,
  checkInteger,
  checkName,
  checkTime,
  type Element,
  elements,
  isRsa,
  Malformed,
  only,
  Parts,
  signedFault,
  tags,
} from "./der.ts";

/**
 * Why BoringSSL cannot read the DER of a certificate; `undefined` when it can. Readers of other make
 * look at less of it, and an authority that Envoy cannot read is refused with every host over TLS.
 * See https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 */
export function certificateFault(der: Uint8Array): string | undefined {
  return signedFault(der, { name: "certificate", end: "the certificate", check: signedPart });
}

/**
 * Why BoringSSL cannot serve with a certificate that it can read: its key, or what the key may be
 * used for, cannot be read, or its subject has a common name that is empty. `undefined`: it can.
 */
export function servedCertificateFault(der: Uint8Array): string | undefined {
  return signedFault(der, {
    name: "certificate",
    end: "the certificate",
    check: (content) => servedPart(signedPart(content)),
  });
}

/** What of a certificate matters to who serves with it. */
interface SignedPart {
  readonly subject: Element;
  readonly publicKey: Element;
  readonly extensions: Element | undefined;
}

function servedPart({ subject, publicKey, extensions }: SignedPart): void {
  const names = elements(subject.content).flatMap(({ content }) => elements(content))
    .map(({ content }) => elements(content));
  const [, first] = names.find(([type]) => type?.content.toHex() === commonName) ?? [];
  if (first?.content.length === 0) throw new Malformed("its common name is empty");
  const [algorithm, bits] = elements(publicKey.content);
  if (algorithm === undefined || bits?.content[0] !== 0) throw new Malformed("it has no key");
  // Of keys of RSA nobody asks what they may be used for.
  if (isRsa(algorithm)) return rsaPublicKey(bits.content.subarray(1));
  const [, curve] = elements(algorithm.content);
  if (curve?.tag !== tags.objectIdentifier) throw new Malformed("its key is on no curve");
  if (extensions === undefined) return;
  checkExtensions(extensions, 0, {
    [keyUsage]: (value) => {
      const bits = only(value, tags.bitString, "the use of its key");
      checkBits(bits);
      if (((bits.content[1] ?? 0) & 0x80) !== 0) return;
      throw new Malformed("its key usage does not include digital signatures");
    },
  });
}

/** 2.5.4.3 */
const commonName = "550403";
/** 2.5.29.15; see https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.3 */
const keyUsage = "551d0f";

/** See https://www.rfc-editor.org/rfc/rfc8017#appendix-A.1.1 */
function rsaPublicKey(der: Uint8Array): void {
  const parts = new Parts(only(der, tags.sequence, "its key").content);
  checkInteger(parts.take("the modulus", tags.integer));
  checkInteger(parts.take("the exponent", tags.integer));
  parts.end("the key");
}

function signedPart(content: Uint8Array): SignedPart {
  const parts = new Parts(content);
  const [versionTag, issuerId, subjectId, extensionsTag] = tags.context;
  const version = parts.takeIf(versionTag);
  let isLast = false;
  if (version !== undefined) {
    const inner = new Parts(version.content);
    const { content } = inner.take("the version", tags.integer);
    const [number] = content;
    // The first version goes without saying.
    if (content.length !== 1 || (number !== 1 && number !== 2)) {
      throw new Malformed("it is of an unknown version");
    }
    inner.end("the version");
    isLast = number === 2;
  }
  checkInteger(parts.take("the serial number", tags.integer));
  checkAlgorithm(parts.take("the signature's algorithm", tags.sequence));
  checkName(parts.take("the issuer", tags.sequence));
  validity(parts.take("the validity", tags.sequence).content);
  const subject = parts.take("the subject", tags.sequence);
  checkName(subject);
  const publicKey = parts.take("the public key", tags.sequence);
  checkPublicKey(publicKey.content);
  // Implicit bit strings, whose tags are those of no sequence.
  parts.takeIf(issuerId & ~0x20);
  parts.takeIf(subjectId & ~0x20);
  const extensions = parts.takeIf(extensionsTag);
  let list: Element | undefined;
  if (extensions !== undefined) {
    if (!isLast) throw new Malformed("extensions need version 3");
    const inner = new Parts(extensions.content);
    list = inner.take("the extensions", tags.sequence);
    checkExtensions(list, 0);
    inner.end("the extensions");
  }
  parts.end("what is signed");
  return { subject, publicKey, extensions: list };
}

function validity(content: Uint8Array): void {
  const parts = new Parts(content);
  checkTime(parts.take("the first day", tags.utcTime, tags.generalizedTime));
  checkTime(parts.take("the last day", tags.utcTime, tags.generalizedTime));
  parts.end("the validity");
}

function checkPublicKey(content: Uint8Array): void {
  const parts = new Parts(content);
  checkAlgorithm(parts.take("the algorithm of the public key", tags.sequence));
  checkBits(parts.take("the bits of the public key", tags.bitString));
  parts.end("the public key");
}
