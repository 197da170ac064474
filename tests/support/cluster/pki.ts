/** The certificates and keys of a test cluster. */
// First, for what it defines before the package below is loaded.
import "../../../controller/certs/mod.ts";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** A certificate and its key, PEM. */
export interface Credentials {
  readonly certificate: string;
  readonly privateKey: string;
}

/** All a cluster needs. */
export interface ClusterPki {
  /** Signs everything below, PEM. */
  readonly authority: string;
  readonly server: Credentials;
  /** Of a member of `system:masters`. */
  readonly admin: Credentials;
  /** Signs the tokens of ServiceAccounts, PEM. */
  readonly serviceAccountKey: string;
  /** Checks them, PEM. */
  readonly serviceAccountPublicKey: string;
}

/** Makes them, good for a day, for a server at this IP address. */
export async function makePki(address: string): Promise<ClusterPki> {
  const keys = await ecdsaKeys();
  const ca = await X509CertificateGenerator.createSelfSigned({
    ...period(),
    serialNumber: "01",
    name: "CN=test-cluster",
    keys,
    signingAlgorithm: signing,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature, true),
    ],
  });
  const issue = async (serialNumber: string, subject: string, address?: string) => {
    const own = await ecdsaKeys();
    const certificate = await X509CertificateGenerator.create({
      ...period(),
      serialNumber,
      subject,
      issuer: ca.subjectName,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: signing,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
        ...(address === undefined
          ? []
          : [new SubjectAlternativeNameExtension([{ type: "ip" as const, value: address }])]),
      ],
    });
    return {
      certificate: `${certificate.toString("pem")}\n`,
      privateKey: await privateKeyPem(own.privateKey),
    };
  };
  const accounts = await ecdsaKeys();
  return {
    authority: `${ca.toString("pem")}\n`,
    server: await issue("02", "CN=kube-apiserver", address),
    admin: await issue("03", "CN=admin, O=system:masters"),
    serviceAccountKey: await privateKeyPem(accounts.privateKey),
    serviceAccountPublicKey: pem(
      await crypto.subtle.exportKey("spki", accounts.publicKey),
      "PUBLIC KEY",
    ),
  };
}

const signing = { name: "ECDSA", hash: "SHA-256" };

function ecdsaKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
}

function period(): { readonly notBefore: Date; readonly notAfter: Date } {
  const day = 86_400_000;
  return { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + day) };
}

async function privateKeyPem(key: CryptoKey): Promise<string> {
  return pem(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

function pem(bytes: ArrayBuffer, label: string): string {
  return `${PemConverter.encode(bytes, label)}\n`;
}
