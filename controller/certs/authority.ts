import "./reflect_metadata.ts";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** Makes a certificate authority that signs itself and lives in memory only. */
export async function makeAuthority(request: AuthorityRequest): Promise<Authority> {
  const keys = await makeKeys(request.algorithm);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [request.commonName] }],
    notBefore: request.validity.notBefore,
    notAfter: request.validity.notAfter,
    keys,
    signingAlgorithm: signing(request.algorithm),
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certificate: pem(certificate),
    issue: (leaf) => issue({ certificate, keys, algorithm: request.algorithm }, leaf),
  };
}

/** What an authority is made of. */
export interface AuthorityRequest {
  readonly commonName: string;
  readonly validity: Validity;
  readonly algorithm: KeyAlgorithm;
}

/** Someone who signs certificates; the key stays inside. */
export interface Authority {
  /** Its own certificate, PEM: what a client has to trust. */
  readonly certificate: string;
  /** Makes a key and a certificate for it. */
  issue(request: LeafRequest): Promise<IssuedCertificate>;
}

/** What a serving (or client) certificate is made of. */
export interface LeafRequest {
  /** Subject alternative names; the first is the common name too. At least one. */
  readonly dnsNames: readonly string[];
  readonly validity: Validity;
  readonly algorithm: KeyAlgorithm;
}

/** The first and the last moment a certificate is good for. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** RSA of 2048 bits, or ECDSA on P-256. */
export type KeyAlgorithm = "rsa" | "ecdsa";

/** A certificate with its key: the `tls.crt` and `tls.key` of a Secret. */
export interface IssuedCertificate {
  /** PEM; the certificate alone, without that of the authority. */
  readonly certificate: string;
  /** PEM, PKCS#8. */
  readonly privateKey: string;
}

/** From a day before `now` (clocks differ) to `days` after it; negative days make it expired. */
export function validityAround(now: Date, days: number): Validity {
  const day = 24 * 60 * 60 * 1000;
  const notAfter = new Date(now.getTime() + days * day);
  return { notBefore: new Date(Math.min(now.getTime(), notAfter.getTime()) - day), notAfter };
}

interface Signer {
  readonly certificate: X509Certificate;
  readonly keys: CryptoKeyPair;
  readonly algorithm: KeyAlgorithm;
}

async function issue(signer: Signer, request: LeafRequest): Promise<IssuedCertificate> {
  const [commonName] = request.dnsNames;
  if (commonName === undefined) {
    throw new TypeError("Cannot issue a certificate: no DNS name was given");
  }
  const keys = await makeKeys(request.algorithm);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: [commonName] }],
    issuer: signer.certificate.subjectName,
    notBefore: request.validity.notBefore,
    notAfter: request.validity.notAfter,
    publicKey: keys.publicKey,
    signingKey: signer.keys.privateKey,
    signingAlgorithm: signing(signer.algorithm),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      new SubjectAlternativeNameExtension(
        request.dnsNames.map((value) => ({ type: "dns" as const, value })),
      ),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pem(certificate), privateKey: await privateKeyPem(keys.privateKey) };
}

async function makeKeys(algorithm: KeyAlgorithm): Promise<CryptoKeyPair> {
  switch (algorithm) {
    case "rsa":
      return await crypto.subtle.generateKey(
        {
          name: "RSASSA-PKCS1-v1_5",
          modulusLength: 2048,
          publicExponent: new Uint8Array([1, 0, 1]),
          hash: "SHA-256",
        },
        true,
        ["sign", "verify"],
      );
    case "ecdsa":
      return await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
        "sign",
        "verify",
      ]);
  }
}

function signing(algorithm: KeyAlgorithm): EcdsaParams | Algorithm {
  switch (algorithm) {
    case "rsa":
      return { name: "RSASSA-PKCS1-v1_5" };
    case "ecdsa":
      return { name: "ECDSA", hash: "SHA-256" };
  }
}

/** 127 random bits: positive, and as unguessable as RFC 5280 and browsers want it. */
function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

async function privateKeyPem(key: CryptoKey): Promise<string> {
  return `${PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}
