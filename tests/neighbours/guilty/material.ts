/** Keys and certificates, good ones and those that BoringSSL does not serve with. */
// First, since it brings along what the library behind it needs.
import { type IssuedCertificate, makeAuthority } from "../../../controller/certs/mod.ts";
import {
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { makeRevokingAuthority } from "../../support/revoking_authority.ts";

const lasting = {
  notBefore: new Date(Date.UTC(2020, 0)),
  notAfter: new Date(Date.UTC(2120, 0)),
};
const names = ["*.guilty.test"];
const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

const authority = await makeAuthority({
  commonName: "Guilty",
  validity: lasting,
  algorithm: "ecdsa",
});
const issue = (validity = lasting) =>
  authority.issue({ dnsNames: names, validity, algorithm: "ecdsa" });
const leaf = await issue();
const revoking = await makeRevokingAuthority("Clients", lasting);

const rsa = await makeAuthority({ commonName: "Guilty", validity: lasting, algorithm: "rsa" })
  .then((rsa) => rsa.issue({ dnsNames: names, validity: lasting, algorithm: "rsa" }));

/** Texts in PEM, and pairs of certificate and key for hosts below `guilty.test`. */
export const material = {
  leaf,
  /** Of who signed `leaf`. */
  authority: authority.certificate,
  /** Of who signs clients. */
  ca: revoking.certificate,
  crl: await revoking.revoked(await revoking.issue({ commonName: "gone" })),
  /** Of an authority that nobody named. */
  otherCrl: await (await makeRevokingAuthority("Other", lasting)).revoked(),
  /** Of no certificate here. */
  key: (await issue()).privateKey,
  expired: await issue({ notBefore: lasting.notBefore, notAfter: new Date(Date.UTC(2021, 0)) }),
  early: await issue({ notBefore: new Date(Date.UTC(2119, 0)), notAfter: lasting.notAfter }),
  manyNames: await authority.issue({
    dnsNames: [
      ...names,
      ...Array.from({ length: 1_000 }, (_, i) => `name-${i}.of-the-many.guilty.test`),
    ],
    validity: lasting,
    algorithm: "ecdsa",
  }),
  rsa1024: await selfSigned(
    {
      name: "RSASSA-PKCS1-v1_5",
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: "SHA-256",
      modulusLength: 1_024,
    } as RsaHashedKeyGenParams,
  ),
  ed25519: await selfSigned({ name: "Ed25519" }),
  p384: await selfSigned({ ...ecdsa, namedCurve: "P-384" } as EcKeyGenParams),
  clientOnly: await selfSigned(ecdsa, [
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
  ]),
  signingOnly: await selfSigned(ecdsa, [
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
  ]),
  stapled: await selfSigned(ecdsa, [
    new Extension("1.3.6.1.5.5.7.1.24", false, new Uint8Array([0x30, 3, 2, 1, 5])),
  ]),
  nameless: await selfSigned(ecdsa, [], "O=Nobody", []),
  /** No library here makes keys on this curve. */
  p224: {
    privateKey: `-----BEGIN PRIVATE KEY-----
MHgCAQAwEAYHKoZIzj0CAQYFK4EEACEEYTBfAgEBBBzDy4ilSUAlSShPusnYeZ7A
8WOuyyDj1UsCevSKoTwDOgAEKi6YK2UzlQfv8CrIfEGU894Kt+riRcVPoST7YiD7
mQ3hDjPImAloOmW8oVs6o5kCZHtLDRDAEBY=
-----END PRIVATE KEY-----
`,
    certificate: `-----BEGIN CERTIFICATE-----
MIIBkzCCAUCgAwIBAgIUKuaFr3PFvc5UHdp+sGR8c5fe2aMwCgYIKoZIzj0EAwIw
GjEYMBYGA1UEAwwPb2RkLmd1aWx0eS50ZXN0MCAXDTI2MTEyNDEyMzcxNloYDzIx
MjYxMDMxMTIzNzE2WjAaMRgwFgYDVQQDDA9vZGQuZ3VpbHR5LnRlc3QwTjAQBgcq
hkjOPQIBBgUrgQQAIQM6AAQqLpgrZTOVB+/wKsh8QZTz3gq36uJFxU+hJPtiIPuZ
DeEOM8iYCWg6ZbyhWzqjmQJke0sNEMAQFqNtMGswHQYDVR0OBBYEFP0FJspOtGP3
Aa81FDUUNfvpZrV+MB8GA1UdIwQYMBaAFP0FJspOtGP3Aa81FDUUNfvpZrV+MA8G
A1UdEwEB/wQFMAMBAf8wGAYDVR0RBBEwD4INKi5ndWlsdHkudGVzdDAKBggqhkjO
PQQDAgNBADA+Ah0Apay8Q4uo8ksCSXZ9XRNPjLizAdEkEJyaG3DbnwIdALvL1MCM
UGb6TylpLtRwWcVirMp4BIFZpYhmGuA=
-----END CERTIFICATE-----
`,
  },
  /** Of RSA, with a coefficient that does not go with the primes. */
  rsaBroken: edited(rsa.privateKey, (hex) => hex.replace(/(..)$/, (last) => other(last))),
  rsa: rsa.certificate,
  /** Its authority is called by bits, where a name should be. */
  bitsForName: edited(leaf.certificate, (hex) => hex.replace("06035504031306", "06035504030306")),
  /** The last day of it is in a February of 30 days. */
  oddDay: edited(leaf.certificate, (hex) => hex.replace("3231323030313031", "3231323030323330")),
  /** The authority of clients, which says that it is of the first version, and has extensions. */
  firstVersion: edited(revoking.certificate, (hex) => hex.replace("a003020102", "a003020100")),
  /** Whom it is of is not said as it should be. */
  oddIssuerCrl: edited(
    await revoking.revoked(),
    (hex) => hex.replace(/0603551d23(04..)30/, "0603551d23$131"),
  ),
  locked: PemConverter.encode(new Uint8Array(200).fill(7), "ENCRYPTED PRIVATE KEY"),
} as const;

/** The one block of a text with its bytes, in hexadecimal digits, changed in place. */
function edited(pem: string, edit: (hex: string) => string): string {
  const [, type = "", body = ""] = /-----BEGIN ([^-]+)-----([^-]+)/.exec(pem) ?? [];
  const before = Uint8Array.fromBase64(body.replace(/\s/g, "")).toHex();
  const after = edit(before);
  if (after === before) throw new Error(`Nothing is changed about a ${type}`);
  const lines = Uint8Array.fromHex(after).toBase64().match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${type}-----`, ...lines, `-----END ${type}-----`, ""].join("\n");
}

function other(byte: string): string {
  return (parseInt(byte, 16) ^ 1).toString(16).padStart(2, "0");
}

/** With a kind of key, or a say, that our own authority has no words for. */
async function selfSigned(
  algorithm: RsaHashedKeyGenParams | EcKeyGenParams | { readonly name: string },
  extensions: readonly Extension[] = [],
  name = "CN=odd.guilty.test",
  dnsNames = names,
): Promise<IssuedCertificate> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  if (!("privateKey" in keys)) throw new Error("It is no pair");
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name,
    ...lasting,
    keys,
    signingAlgorithm: { ...algorithm, hash: "SHA-256" },
    extensions: [
      ...(dnsNames.length === 0 ? [] : [
        new SubjectAlternativeNameExtension(
          dnsNames.map((value) => ({ type: "dns" as const, value })),
        ),
      ]),
      ...extensions,
    ],
  });
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificate: `${certificate.toString("pem")}\n`,
    privateKey: `${PemConverter.encode(key, "PRIVATE KEY")}\n`,
  };
}
