import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { type KeyAlgorithm, makeAuthority, validityAround } from "./mod.ts";

const now = new Date("2030-05-01T00:00:00Z");

for (const algorithm of ["rsa", "ecdsa"] satisfies KeyAlgorithm[]) {
  Deno.test(`a certificate (${algorithm}) is signed, named and fits its key alone`, async () => {
    const validity = validityAround(now, 30);
    const authority = await makeAuthority({ commonName: "Test CA", validity, algorithm });
    const shop = await authority.issue({
      dnsNames: ["shop.example.com", "*.shop.example.com"],
      validity,
      algorithm,
    });
    const other = await authority.issue({ dnsNames: ["other.example.com"], validity, algorithm });

    const certificate = new X509Certificate(shop.certificate);
    const issuer = new X509Certificate(authority.certificate);
    assert.equal(certificate.verify(issuer.publicKey), true);
    assert.equal(certificate.checkIssued(issuer), true);
    assert.equal(issuer.ca, true);
    assert.equal(certificate.ca, false);
    assert.equal(certificate.subject, "CN=shop.example.com");
    assert.equal(certificate.subjectAltName, "DNS:shop.example.com, DNS:*.shop.example.com");
    assert.equal(certificate.checkPrivateKey(createPrivateKey(shop.privateKey)), true);
    assert.equal(certificate.checkPrivateKey(createPrivateKey(other.privateKey)), false);
  });
}

Deno.test("the validity is the one asked for, over already if so asked", async () => {
  const valid = validityAround(now, 30);
  const authority = await makeAuthority({
    commonName: "Test CA",
    validity: valid,
    algorithm: "ecdsa",
  });
  const good = await authority.issue({ dnsNames: ["a.test"], validity: valid, algorithm: "ecdsa" });
  const expired = await authority.issue({
    dnsNames: ["a.test"],
    validity: validityAround(now, -1),
    algorithm: "ecdsa",
  });

  assert.equal(
    Date.parse(new X509Certificate(good.certificate).validFrom),
    Date.parse("2030-04-30T00:00:00Z"),
  );
  assert.equal(
    Date.parse(new X509Certificate(good.certificate).validTo),
    Date.parse("2030-05-31T00:00:00Z"),
  );
  assert.equal(
    Date.parse(new X509Certificate(expired.certificate).validFrom),
    Date.parse("2030-04-29T00:00:00Z"),
  );
  assert.equal(
    Date.parse(new X509Certificate(expired.certificate).validTo),
    Date.parse("2030-04-30T00:00:00Z"),
  );
});

Deno.test("a certificate without a name is refused", async () => {
  const validity = validityAround(now, 1);
  const authority = await makeAuthority({ commonName: "CA", validity, algorithm: "ecdsa" });
  await assert.rejects(
    authority.issue({ dnsNames: [], validity, algorithm: "ecdsa" }),
    { name: "TypeError", message: "Cannot issue a certificate: no DNS name was given" },
  );
});
