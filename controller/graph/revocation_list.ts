import { checkIssuingPoint, checkKeyIdentifier } from "./certificate_extensions.ts";
import {
  checkAlgorithm,
  checkExtensions,
  checkInteger,
  checkName,
  checkTime,
  elements,
  Malformed,
  Parts,
  signedFault,
  tags,
} from "./der.ts";

/**
 * Why the DER of a certificate revocation list cannot be read; `undefined` when it can. Envoy reads
 * lists only when the certificate of the host is there, and then blames that: other hosts with the
 * same certificate would be cut off by somebody else's list.
 * See https://www.rfc-editor.org/rfc/rfc5280#section-5.1
 */
export function revocationListFault(der: Uint8Array): string | undefined {
  return signedFault(der, { name: "CRL", end: "the list", check: signedPart });
}

function signedPart(content: Uint8Array): void {
  const parts = new Parts(content);
  const version = parts.takeIf(tags.integer);
  if (version !== undefined && !(version.content.length === 1 && version.content[0] === 1)) {
    throw new Malformed("it is of an unknown version");
  }
  checkAlgorithm(parts.take("the signature's algorithm", tags.sequence));
  checkName(parts.take("the issuer", tags.sequence));
  checkTime(parts.take("the time of this list", tags.utcTime, tags.generalizedTime));
  const next = parts.takeIf(tags.utcTime, tags.generalizedTime);
  if (next !== undefined) checkTime(next);
  for (const entry of elements(parts.takeIf(tags.sequence)?.content ?? none)) {
    if (entry.tag !== tags.sequence) throw new Malformed("an entry is no sequence");
    revoked(entry.content);
  }
  const explicit = parts.takeIf(tags.context[0]);
  if (explicit !== undefined) {
    if (version === undefined) throw new Malformed("extensions need version 2");
    const inner = new Parts(explicit.content);
    const seen = new Set<string>();
    const once = Object.entries(known).map(([type, check]) =>
      [type, (value: Uint8Array) => {
        if (seen.has(type)) throw new Malformed("an extension comes twice");
        seen.add(type);
        check(value);
      }] as const
    );
    checkExtensions(inner.take("the extensions", tags.sequence), 1, Object.fromEntries(once));
    inner.end("the extensions");
  }
  parts.end("what is signed");
}

/** The extensions that BoringSSL reads with a list, by the bytes of their types. */
const known: Readonly<Record<string, (value: Uint8Array) => void>> = {
  "551d23": checkKeyIdentifier,
  "551d1c": checkIssuingPoint,
};

function revoked(content: Uint8Array): void {
  const parts = new Parts(content);
  checkInteger(parts.take("a serial number", tags.integer));
  checkTime(parts.take("a time of revocation", tags.utcTime, tags.generalizedTime));
  const own = parts.takeIf(tags.sequence);
  if (own !== undefined) checkExtensions(own, 1);
  parts.end("an entry");
}

const none = new Uint8Array();
