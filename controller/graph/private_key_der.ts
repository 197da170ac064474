import { checkInteger, isRsa, Malformed, only, Parts, tags } from "./der.ts";

/**
 * Why BoringSSL cannot use the DER of a private key whose PEM block has this label, as far as the
 * reader of the runtime does not see it itself; `undefined` when it can. Of RSA the numbers have to
 * go with one another. See https://www.rfc-editor.org/rfc/rfc5958#section-2 and
 * https://www.rfc-editor.org/rfc/rfc8017#appendix-A.1.2
 */
export function privateKeyFault(label: string, der: Uint8Array): string | undefined {
  try {
    if (label === "RSA PRIVATE KEY") rsaKey(der);
    if (label === "PRIVATE KEY") anyKey(der);
    return undefined;
  } catch (error) {
    if (error instanceof Malformed) return `malformed private key: ${error.message}`;
    throw error;
  }
}

function anyKey(der: Uint8Array): void {
  const parts = new Parts(only(der, tags.sequence, "the key").content);
  const version = parts.take("the version", tags.integer).content;
  if (version.length !== 1 || version[0] !== 0) throw new Malformed("it is of an unknown version");
  const algorithm = parts.take("the algorithm", tags.sequence);
  const key = parts.take("the key", tags.octetString);
  parts.takeIf(tags.context[0]);
  parts.end("the key");
  if (isRsa(algorithm)) rsaKey(key.content);
}

function rsaKey(der: Uint8Array): void {
  const parts = new Parts(only(der, tags.sequence, "the key").content);
  const next = (name: string): bigint => {
    const integer = parts.take(name, tags.integer);
    checkInteger(integer);
    if ((integer.content[0] ?? 0) >= 0x80) throw new Malformed(`${name} is below zero`);
    return BigInt(`0x${integer.content.toHex()}`);
  };
  if (next("the version") !== 0n) throw new Malformed("it is of an unknown version");
  const n = next("the modulus");
  const e = next("the public exponent");
  const d = next("the private exponent");
  const p = next("the first prime");
  const q = next("the second prime");
  const dp = next("the first exponent");
  const dq = next("the second exponent");
  const inverse = next("the coefficient");
  parts.end("the key");
  const fit = p > 1n && q > 1n && p * q === n && d < n && inverse < p &&
    (d * e) % (p - 1n) === 1n && (d * e) % (q - 1n) === 1n &&
    dp === d % (p - 1n) && dq === d % (q - 1n) && (inverse * q) % p === 1n;
  if (!fit) throw new Malformed("its numbers do not go with one another");
}
