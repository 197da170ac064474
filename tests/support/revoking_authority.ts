/** Authorities that issue certificates to clients, one below another, and take them back. */
// Before the library, which needs what this one loads to be in place.
import "../../controller/certs/mod.ts";
import type { IssuedCertificate, Validity } from "../../controller/certs/mod.ts";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
  X509CrlReason,
} from "@peculiar/x509";

/** Someone who signs, and who can say which of the signed is not good any more. */
export interface RevokingAuthority {
  /** Its own certificate, PEM. */
  readonly certificate: string;
  /** A certificate for a client. */
  readonly issue: (client: Client) => Promise<IssuedCertificate>;
  /** An authority that this one vouches for. */
  readonly below: (commonName: string) => Promise<RevokingAuthority>;
  /** The list of what it revoked, PEM. */
  readonly revoked: (...certificates: readonly IssuedCertificate[]) => Promise<string>;
}

/** Who a certificate is for. */
export interface Client {
  readonly commonName: string;
  readonly dnsNames?: readonly string[];
  readonly uris?: readonly string[];
}

/** Makes an authority that signs itself. */
export async function makeRevokingAuthority(
  commonName: string,
  validity: Validity,
): Promise<RevokingAuthority> {
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [commonName] }],
    ...validity,
    keys,
    signingAlgorithm,
    extensions: await ofAuthority(keys),
  });
  return authority(certificate, keys, validity);
}

function authority(
  own: X509Certificate,
  keys: CryptoKeyPair,
  validity: Validity,
): RevokingAuthority {
  const signed = { issuer: own.subjectName, signingKey: keys.privateKey, signingAlgorithm };
  return {
    certificate: `${own.toString("pem")}\n`,
    async issue({ commonName, dnsNames = [], uris = [] }) {
      const theirs = await makeKeys();
      const names: JsonGeneralNames = [
        ...dnsNames.map((value) => ({ type: "dns" as const, value })),
        ...uris.map((value) => ({ type: "url" as const, value })),
      ];
      const certificate = await X509CertificateGenerator.create({
        serialNumber: serialNumber(),
        subject: [{ CN: [commonName] }],
        ...validity,
        ...signed,
        publicKey: theirs.publicKey,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)]),
          await AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ],
      });
      const key = new Uint8Array(await crypto.subtle.exportKey("pkcs8", theirs.privateKey));
      return {
        certificate: `${certificate.toString("pem")}\n`,
        privateKey: pem("PRIVATE KEY", key),
      };
    },
    async below(commonName) {
      const theirs = await makeKeys();
      const certificate = await X509CertificateGenerator.create({
        serialNumber: serialNumber(),
        subject: [{ CN: [commonName] }],
        ...validity,
        ...signed,
        publicKey: theirs.publicKey,
        extensions: [
          ...await ofAuthority(theirs),
          await AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ],
      });
      return authority(certificate, theirs, validity);
    },
    async revoked(...certificates) {
      const list = await X509CrlGenerator.create({
        issuer: own.subject,
        thisUpdate: validity.notBefore,
        nextUpdate: validity.notAfter,
        signingKey: keys.privateKey,
        signingAlgorithm,
        entries: certificates.map(({ certificate }) => ({
          serialNumber: new X509Certificate(certificate).serialNumber,
          revocationDate: validity.notBefore,
          // Without a reason the library writes an empty list of them, which BoringSSL refuses.
          reason: X509CrlReason.keyCompromise,
        })),
        extensions: [await AuthorityKeyIdentifierExtension.create(keys.publicKey)],
      });
      return pem("X509 CRL", new Uint8Array(list.rawData));
    },
  };
}

const signingAlgorithm = { name: "ECDSA", hash: "SHA-256" };

async function ofAuthority({ publicKey }: CryptoKeyPair) {
  return [
    new BasicConstraintsExtension(true, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    await SubjectKeyIdentifierExtension.create(publicKey),
  ];
}

async function makeKeys(): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
}

function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toHex();
}

function pem(label: string, bytes: Uint8Array): string {
  const lines = bytes.toBase64().match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
