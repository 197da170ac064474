import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { certificateFault, servedCertificateFault } from "./certificate_der.ts";
import { privateKeyFault } from "./private_key_der.ts";
import { revocationListFault } from "./revocation_list.ts";

/** What a certificate says of itself. */
export interface CertificateFacts {
  /** End of validity in milliseconds since 1970. */
  readonly notAfterMs: number;
  /** Begin of validity. */
  readonly notBeforeMs: number;
}

/**
 * Whether a chain and a key, both PEM, can be served. Beside what Contour checks this refuses what
 * Envoy would refuse later: a key of another certificate, RSA below 2,048 bits, curves that
 * BoringSSL does not know, a certificate that demands OCSP stapling.
 */
export function keyPair(chain: string, key: string): KeyPairResult {
  const blocks = pemBlocks(chain);
  if (typeof blocks === "string") return fail(`invalid TLS certificate: ${blocks}`);
  if (blocks.length === 0) return fail("invalid TLS certificate: failed to locate certificate");
  const certificates: X509Certificate[] = [];
  for (const block of blocks) {
    if (block.type !== "CERTIFICATE") {
      return fail(`invalid TLS certificate: unexpected block type '${block.type}'`);
    }
    const certificate = parseCertificate(block);
    if (typeof certificate === "string") {
      return fail("invalid TLS certificate: x509: malformed certificate");
    }
    certificates.push(certificate);
  }
  const [leaf] = certificates;
  const [leafBlock] = blocks;
  if (leaf === undefined || leafBlock === undefined) {
    return fail("invalid TLS certificate: failed to locate certificate");
  }
  const words = wordsOf(leaf);
  if (words === undefined) return fail("invalid TLS certificate: failed to parse certificate");
  if (!/(^|\n)CN=\s*\S/.test(words.subject) && !/(DNS|IP Address):/.test(words.names)) {
    return fail("invalid TLS certificate: certificate has no common name or subject alt name");
  }
  if (demandsStapling(leafBlock)) {
    return fail("invalid TLS certificate: it demands OCSP stapling, which Envoy is not set up for");
  }
  const unserved = servedCertificateFault(leafBlock.der);
  if (unserved !== undefined) return fail(`invalid TLS certificate: ${unserved}`);
  const privateKey = parsePrivateKey(key);
  if (typeof privateKey === "string") return fail(`invalid TLS private key: ${privateKey}`);
  if (!belongsTo(privateKey, leaf)) {
    return fail("invalid TLS private key: it does not belong to the certificate");
  }
  const weakness = keyWeakness(privateKey);
  if (weakness !== undefined) return fail(`invalid TLS private key: ${weakness}`);
  return { ok: true, facts: words.facts };
}

/** What a certificate says; `undefined` where that cannot be read, which shows only on asking. */
function wordsOf(certificate: X509Certificate) {
  try {
    const { subject, subjectAltName, validTo, validFrom } = certificate;
    const facts: CertificateFacts = {
      notAfterMs: Date.parse(validTo),
      notBeforeMs: Date.parse(validFrom),
    };
    return { subject: subject ?? "", names: subjectAltName ?? "", facts };
  } catch {
    return undefined;
  }
}

/** The facts, or why the pair cannot be served. */
export type KeyPairResult =
  | { readonly ok: true; readonly facts: CertificateFacts }
  | { readonly ok: false; readonly message: string };

/** Why a PEM text cannot be a bundle of CA certificates. */
export function caBundleProblem(pem: string): string | undefined {
  const blocks = pemBlocks(pem);
  if (typeof blocks === "string") return blocks;
  if (blocks.length === 0) return "failed to locate certificate";
  for (const block of blocks) {
    if (block.type !== "CERTIFICATE") return `unexpected block type '${block.type}'`;
    const certificate = parseCertificate(block);
    if (typeof certificate === "string") return certificate;
  }
  return undefined;
}

/** Why a PEM text cannot be a set of certificate revocation lists. */
export function revocationListProblem(pem: string): string | undefined {
  const blocks = pemBlocks(pem);
  if (typeof blocks === "string") return blocks;
  if (!blocks.some(({ type }) => type === "X509 CRL")) return "failed to locate CRL";
  const odd = blocks.find(({ type }) => type !== "X509 CRL");
  if (odd !== undefined) return `unexpected block type '${odd.type}'`;
  for (const { der } of blocks) {
    const fault = revocationListFault(der);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/**
 * The blocks of a text in the one form that BoringSSL is sure to read: it stumbles over blank lines,
 * blanks and words between them. Of a key only the key is kept. Checked texts only.
 */
export function plainPem(text: string): string {
  const blocks = pemBlocks(text);
  if (typeof blocks === "string") throw new TypeError(`Cannot write PEM: ${blocks}`);
  return blocks.filter(({ type }) => type !== "EC PARAMETERS").map(({ pem }) => pem).join("");
}

/** What is in the lines of a block; `undefined` where it is no base64. */
function decoded(lines: string): Uint8Array | undefined {
  try {
    const binary = atob(lines.replace(/^[\w-]+: .*$/gm, "").replace(/\s/g, ""));
    return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function fail(message: string): KeyPairResult {
  return { ok: false, message };
}

interface PemBlock {
  readonly type: string;
  readonly der: Uint8Array;
  /** In its plainest form. */
  readonly pem: string;
}

/** The blocks up to the first place where none begins; a string says why one cannot be read. */
function pemBlocks(text: string): readonly PemBlock[] | string {
  const blocks: PemBlock[] = [];
  const begin = /^-----BEGIN ([^\r\n-]+)-----[ \t]*\r?$/gm;
  for (let start = begin.exec(text); start !== null; start = begin.exec(text)) {
    const type = start[1] ?? "";
    const closing = `-----END ${type}-----`;
    const end = text.indexOf(closing, begin.lastIndex);
    if (end < 0) return "failed to parse PEM block";
    const der = decoded(text.slice(begin.lastIndex, end));
    if (der === undefined) return "failed to parse PEM block";
    const lines = der.toBase64().match(/.{1,64}/g) ?? [];
    const pem = [`-----BEGIN ${type}-----`, ...lines, closing, ""].join("\n");
    blocks.push({ type, der, pem });
    begin.lastIndex = end + closing.length;
  }
  return blocks;
}

function parseCertificate({ der, pem }: PemBlock): X509Certificate | string {
  const fault = certificateFault(der);
  if (fault !== undefined) return fault;
  try {
    return new X509Certificate(pem);
  } catch {
    return "failed to parse certificate";
  }
}

/**
 * Whether the certificate has the extension "TLS feature", which tells servers that they must staple.
 * See https://www.rfc-editor.org/rfc/rfc7633
 */
function demandsStapling({ der }: PemBlock): boolean {
  return binary(der).includes(tlsFeature);
}

/** A letter for each byte. */
function binary(bytes: Uint8Array): string {
  return bytes.reduce((text, byte) => text + String.fromCharCode(byte), "");
}

/** The DER encoding of the object identifier 1.3.6.1.5.5.7.1.24. */
const tlsFeature = "\x06\x08\x2b\x06\x01\x05\x05\x07\x01\x18";

const privateKeyTypes = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"];

function parsePrivateKey(text: string): KeyObject | string {
  const blocks = pemBlocks(text);
  if (typeof blocks === "string") return blocks;
  const keys = blocks.filter(({ type }) => type !== "EC PARAMETERS");
  const odd = keys.find(({ type }) => !privateKeyTypes.includes(type));
  if (odd !== undefined) return `unexpected block type '${odd.type}'`;
  const [key, second] = keys;
  if (key === undefined) return "failed to locate private key";
  if (second !== undefined) return "multiple private keys";
  const fault = privateKeyFault(key.type, key.der);
  if (fault !== undefined) return fault;
  try {
    return createPrivateKey(key.pem);
  } catch {
    return "failed to parse private key";
  }
}

/** Whether the certificate is about this key: by their public halves. */
function belongsTo(privateKey: KeyObject, certificate: X509Certificate): boolean {
  const publicKey = (key: KeyObject) => key.export({ type: "spki", format: "pem" });
  try {
    return publicKey(createPublicKey(privateKey)) === publicKey(certificate.publicKey);
  } catch {
    // A kind of key that cannot be written out is none that Envoy could serve with.
    return false;
  }
}

/** Why BoringSSL, and with it Envoy, would not serve with this key. */
function keyWeakness(key: KeyObject): string | undefined {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case "rsa":
      return (modulusLength ?? 0) < 2_048 ? "RSA keys need at least 2048 bits" : undefined;
    case "ec":
      return servableCurve.test(namedCurve ?? "")
        ? undefined
        : `curve ${namedCurve ?? "unknown"} is not one of P-256, P-384, P-521`;
    default:
      return `keys of type ${key.asymmetricKeyType ?? "unknown"} are not supported by Envoy`;
  }
}

/** P-256, P-384 and P-521, as OpenSSL, as Web Crypto and as older versions of Deno spell them. */
const servableCurve = /^(prime256v1|secp384r1|secp521r1|[Pp]-?(256|384|521))$/;
