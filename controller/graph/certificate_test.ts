// First, since it brings along what the library behind it needs.
import { type IssuedCertificate, makeAuthority, validityAround } from "../certs/mod.ts";
import {
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  X509CertificateGenerator,
} from "@peculiar/x509";
import assert from "node:assert/strict";
import { caBundleProblem, keyPair, plainPem } from "./certificate.ts";

const validity = validityAround(new Date(), 30);
const authority = await makeAuthority({ commonName: "Test", validity, algorithm: "ecdsa" });
const leaf = await authority.issue({ dnsNames: ["a.test"], validity, algorithm: "ecdsa" });

Deno.test("PEM in any form comes out in the plainest one", () => {
  const plain = authority.certificate.trimEnd() + "\n";
  const forms: Readonly<Record<string, string>> = {
    "as it is": plain,
    "blank lines before the end": plain.replace("-----END", "\n\n-----END"),
    "words behind the end": plain.replace(/-----\n$/, "----- of it\n"),
    "words before the begin": `subject=CN=Test\n${plain}`,
    "line ends of Windows": plain.replaceAll("\n", "\r\n"),
    "without padding": plain.replace(/=+\n/, "\n"),
    "blanks in a line": plain.replace(/\n(.)/, "\n$1 "),
    "a header": plain.replace("-----\n", "-----\nComment: none\n\n"),
  };
  for (const [name, text] of Object.entries(forms)) {
    assert.equal(caBundleProblem(text), undefined, name);
    assert.equal(plainPem(text), plain, name);
  }
  assert.equal(plainPem(plain + plain), plain + plain);
});

Deno.test("a certificate that is cut, or has bytes too many, cannot be read", () => {
  const bytes = Uint8Array.fromBase64(
    authority.certificate.replace(/-----[A-Z ]+-----|\s/g, ""),
  );
  const problem = (der: Uint8Array) =>
    caBundleProblem(`-----BEGIN CERTIFICATE-----\n${der.toBase64()}\n-----END CERTIFICATE-----\n`);
  assert.equal(problem(bytes), undefined);
  for (let length = 1; length < bytes.length; length += 7) {
    assert.match(problem(bytes.slice(0, length)) ?? "", /malformed certificate/, String(length));
  }
  assert.match(problem(new Uint8Array([...bytes, 0])) ?? "", /ends too soon/);
  assert.match(problem(new Uint8Array([...bytes, 5, 0])) ?? "", /no sequence/);
});

Deno.test("a key on a curve is of no use where its certificate keeps it from signing", async () => {
  const { digitalSignature, keyCertSign } = KeyUsageFlags;
  const usage = (flags: number) => [new KeyUsagesExtension(flags, true)];
  const verdict = async (extensions: readonly Extension[]) => {
    const { certificate, privateKey } = await selfSigned(extensions);
    const result = keyPair(certificate, privateKey);
    return result.ok ? "" : result.message;
  };
  assert.equal(await verdict([]), "");
  assert.equal(await verdict(usage(digitalSignature)), "");
  assert.match(await verdict(usage(keyCertSign)), /digital signatures/);
  assert.equal(keyPair(leaf.certificate, leaf.privateKey).ok, true);
});

async function selfSigned(extensions: readonly Extension[]): Promise<IssuedCertificate> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: "CN=a.test",
    ...validity,
    keys,
    signingAlgorithm: algorithm,
    extensions: [...extensions],
  });
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificate: `${certificate.toString("pem")}\n`,
    privateKey: `${PemConverter.encode(key, "PRIVATE KEY")}\n`,
  };
}

/** The one block of a text with its bytes changed, as hexadecimal digits. */
function edited(pem: string, edit: (hex: string) => string): string {
  const [, type = "", body = ""] = /-----BEGIN ([^-]+)-----([^-]+)/.exec(pem) ?? [];
  const before = Uint8Array.fromBase64(body.replace(/\s/g, "")).toHex();
  const after = edit(before);
  assert.notEqual(after, before);
  return PemConverter.encode(Uint8Array.fromHex(after), type);
}

Deno.test("what BoringSSL would not read of a certificate is told", () => {
  const edits: Readonly<Record<string, readonly [from: RegExp | string, to: string]>> = {
    "the first version, said": [/a003020102/, "a003020100"],
    "a name of bits": ["060355040313", "060355040303"],
    "a curve whose name ends too soon": ["06082a8648ce3d030107", "06082a8648ce3d030187"],
  };
  for (const [name, [from, to]] of Object.entries(edits)) {
    const problem = caBundleProblem(edited(authority.certificate, (hex) => hex.replace(from, to)));
    assert.match(problem ?? "", /^malformed certificate/, name);
  }
});

Deno.test("days that are in no month are told", () => {
  const until = (day: string) => {
    const time = [...day].map((digit) => `3${digit}`).join("");
    return caBundleProblem(
      edited(authority.certificate, (hex) => hex.replace(/170d(.{12})/, `170d${time}`)),
    );
  };
  assert.equal(until("200229"), undefined);
  assert.equal(until("000229"), undefined);
  for (const day of ["210229", "200230", "200431", "201301"]) {
    assert.match(until(day) ?? "", /a time is none/, day);
  }
});

Deno.test("numbers of RSA have to go with one another", async () => {
  const algorithm = "rsa";
  const { certificate, privateKey } = await makeAuthority({ commonName: "A", validity, algorithm })
    .then((rsa) => rsa.issue({ dnsNames: ["a.test"], validity, algorithm }));
  assert.equal(keyPair(certificate, privateKey).ok, true);
  const broken = edited(privateKey, (hex) => hex.slice(0, -2) + (hex.endsWith("00") ? "02" : "00"));
  const result = keyPair(certificate, broken);
  assert.match(result.ok ? "" : result.message, /private key: malformed private key: its numbers/);
});
