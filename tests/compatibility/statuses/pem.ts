import { makeRevokingAuthority } from "../../support/revoking_authority.ts";
// After our own certificates, which load what this library needs to find in place.
import { X509CertificateGenerator } from "@peculiar/x509";
import type { Pem } from "./generator/surroundings.ts";

/** Certificates and what goes with them, good for long. */
export async function makePem(): Promise<Pem> {
  const validity = { notBefore: new Date("2020-01-01"), notAfter: new Date("2120-01-01") };
  const authority = await makeRevokingAuthority("World", validity);
  const { certificate, privateKey } = await authority.issue({
    commonName: "a.test",
    dnsNames: ["a.test"],
  });
  return {
    certificate,
    privateKey,
    nameless: await nameless(validity),
    authority: authority.certificate,
    revocations: await authority.revoked(),
  };
}

async function nameless(validity: { readonly notBefore: Date; readonly notAfter: Date }) {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: "O=Nobody",
    ...validity,
    keys,
    signingAlgorithm: algorithm,
  });
  const key = new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey)).toBase64();
  return {
    certificate: `${certificate.toString("pem")}\n`,
    privateKey: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
  };
}
