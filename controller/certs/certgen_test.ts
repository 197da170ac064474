import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { load } from "js-yaml";
import {
  applySecrets,
  generateCertificates,
  pemFiles,
  secretFiles,
  type SecretManifest,
  type SecretsApi,
  type SecretsFormat,
  xdsSecrets,
} from "./mod.ts";

const now = new Date("2030-05-01T00:00:00Z");
const certificates = await generateCertificates({ namespace: "edge", now });
const day = 24 * 60 * 60 * 1000;

for (const who of ["contour", "envoy"] as const) {
  Deno.test(`the certificate of ${who} has the names of its Service and fits its key`, () => {
    const issuer = new X509Certificate(certificates.ca);
    const certificate = new X509Certificate(certificates[who].certificate);
    assert.equal(certificate.verify(issuer.publicKey), true);
    assert.equal(certificate.checkIssued(issuer), true);
    assert.equal(certificate.subject, `CN=${who}`);
    assert.equal(
      certificate.subjectAltName,
      `DNS:${who}, DNS:${who}.edge, DNS:${who}.edge.svc, DNS:${who}.edge.svc.cluster.local`,
    );
    const { privateKey } = certificates[who];
    assert.match(privateKey, /^-----BEGIN RSA PRIVATE KEY-----\n/);
    assert.equal(certificate.checkPrivateKey(createPrivateKey(privateKey)), true);
    assert.equal(createPrivateKey(privateKey).asymmetricKeyDetails?.modulusLength, 2048);
    assert.equal(Date.parse(certificate.validFrom), now.getTime() - day);
    assert.equal(Date.parse(certificate.validTo), now.getTime() + 365 * day);
  });
}

Deno.test("the authority is one, by its name, and lives as long as what it signed", async () => {
  const { ca, envoy } = await generateCertificates({ namespace: "edge", now, lifetimeDays: 7 });
  const authority = new X509Certificate(ca);
  assert.equal(authority.ca, true);
  assert.equal(authority.subject, "CN=Project Contour");
  assert.equal(Date.parse(authority.validTo), now.getTime() + 7 * day);
  assert.equal(new X509Certificate(envoy.certificate).validTo, authority.validTo);
});

Deno.test("PEM files", () => {
  const files = pemFiles(certificates);
  assert.deepEqual([...files.keys()], [
    "cacert.pem",
    "contourcert.pem",
    "contourkey.pem",
    "envoycert.pem",
    "envoykey.pem",
  ]);
  for (const [name, text] of files) {
    assert.match(text, name.endsWith("key.pem") ? /RSA PRIVATE KEY/ : /CERTIFICATE/);
  }
});

const shapes: Readonly<Record<SecretsFormat, readonly string[]>> = {
  compact: [
    "contourcert-2 kubernetes.io/tls ca.crt,tls.crt,tls.key",
    "envoycert-2 kubernetes.io/tls ca.crt,tls.crt,tls.key",
  ],
  legacy: [
    "contourcert-2 kubernetes.io/tls tls.crt,tls.key",
    "envoycert-2 kubernetes.io/tls tls.crt,tls.key",
    "cacert-2 Opaque cacert.pem",
  ],
};

for (const format of ["compact", "legacy"] as const) {
  Deno.test(`Secrets in ${format} form, as objects and as files`, () => {
    const secrets = xdsSecrets(certificates, { namespace: "edge", format, nameSuffix: "-2" });
    assert.deepEqual(
      secrets.map(({ metadata, type, data }) =>
        `${metadata.name} ${type} ${Object.keys(data).join(",")}`
      ),
      shapes[format],
    );
    for (const { metadata, data } of secrets) {
      assert.equal(metadata.namespace, "edge");
      assert.deepEqual(metadata.labels, { app: "contour" });
      for (const value of Object.values(data)) assert.match(atob(value), /^-----BEGIN/);
    }
    const files = secretFiles(secrets);
    assert.deepEqual([...files.keys()], secrets.map(({ metadata }) => `${metadata.name}.yaml`));
    assert.deepEqual([...files.values()].map((text) => load(text)), secrets);
  });
}

/** An API server with nothing but Secrets, by name. */
function server(existing: readonly SecretManifest[] = []) {
  const held = new Map(existing.map((secret) => [secret.metadata.name, secret]));
  const api: SecretsApi = {
    create(secret) {
      const { name } = secret.metadata;
      if (held.has(name)) return Promise.resolve(false);
      held.set(name, secret);
      return Promise.resolve(true);
    },
    update(secret) {
      assert.ok(held.has(secret.metadata.name));
      held.set(secret.metadata.name, secret);
      return Promise.resolve();
    },
  };
  return { api, held };
}

Deno.test("Secrets that exist are left as they are, unless they are to be overwritten", async () => {
  const wanted = xdsSecrets(certificates, { namespace: "edge", format: "compact" });
  const [first] = wanted;
  assert.ok(first);
  const old: SecretManifest = { ...first, data: { "tls.crt": "" } };
  const outcomes = async (overwrite: boolean) => {
    const { api, held } = server([old]);
    const told: string[] = [];
    for await (const { secret, outcome } of applySecrets(api, wanted, overwrite)) {
      told.push(`${secret.metadata.name} ${outcome}`);
    }
    return { told, kept: held.get("contourcert") === old };
  };
  assert.deepEqual(await outcomes(false), {
    told: ["contourcert left as it is", "envoycert created"],
    kept: true,
  });
  assert.deepEqual(await outcomes(true), {
    told: ["contourcert updated", "envoycert created"],
    kept: false,
  });
});
