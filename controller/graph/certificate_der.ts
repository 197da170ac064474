import {
  checkAlgorithm,
  checkBits,
  checkExtensions,
  checkInteger,
  checkName,
  checkTime,
  Malformed,
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

function signedPart(content: Uint8Array): void {
  const parts = new Parts(content);
  const [versionTag, issuerId, subjectId, extensionsTag] = tags.context;
  const version = parts.takeIf(versionTag);
  if (version !== undefined) {
    const inner = new Parts(version.content);
    const { content } = inner.take("the version", tags.integer);
    if (content.length !== 1 || (content[0] ?? 3) > 2) {
      throw new Malformed("it is of an unknown version");
    }
    inner.end("the version");
  }
  checkInteger(parts.take("the serial number", tags.integer));
  checkAlgorithm(parts.take("the signature's algorithm", tags.sequence));
  checkName(parts.take("the issuer", tags.sequence));
  validity(parts.take("the validity", tags.sequence).content);
  checkName(parts.take("the subject", tags.sequence));
  publicKey(parts.take("the public key", tags.sequence).content);
  // Implicit bit strings, whose tags are those of no sequence.
  parts.takeIf(issuerId & ~0x20);
  parts.takeIf(subjectId & ~0x20);
  const extensions = parts.takeIf(extensionsTag);
  if (extensions !== undefined) {
    if (version === undefined) throw new Malformed("extensions need version 3");
    const inner = new Parts(extensions.content);
    checkExtensions(inner.take("the extensions", tags.sequence), 0);
    inner.end("the extensions");
  }
  parts.end("what is signed");
}

function validity(content: Uint8Array): void {
  const parts = new Parts(content);
  checkTime(parts.take("the first day", tags.utcTime, tags.generalizedTime));
  checkTime(parts.take("the last day", tags.utcTime, tags.generalizedTime));
  parts.end("the validity");
}

function publicKey(content: Uint8Array): void {
  const parts = new Parts(content);
  checkAlgorithm(parts.take("the algorithm of the public key", tags.sequence));
  checkBits(parts.take("the bits of the public key", tags.bitString));
  parts.end("the public key");
}
