import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { load } from "js-yaml";
import type { SecretManifest } from "../controller/certs/mod.ts";
import { commandLine } from "../tests/support/command_line.ts";

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "contour-cli-" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function names(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(folder)) found.push(name);
  return found.sort();
}

Deno.test("certgen --pem writes files that only their owner reads, once", () =>
  withFolder(async (folder) => {
    const args = ["certgen", `${folder}/certs`, "--pem"];
    const first = await commandLine(args);
    assert.equal(first.code, 0, first.err);
    assert.equal(first.out, "");
    assert.deepEqual(await names(`${folder}/certs`), [
      "cacert.pem",
      "contourcert.pem",
      "contourkey.pem",
      "envoycert.pem",
      "envoykey.pem",
    ]);
    const read = (name: string) => Deno.readTextFile(`${folder}/certs/${name}`);
    const ca = new X509Certificate(await read("cacert.pem"));
    for (const who of ["contour", "envoy"]) {
      const certificate = new X509Certificate(await read(`${who}cert.pem`));
      assert.equal(certificate.verify(ca.publicKey), true);
      assert.equal(
        certificate.checkPrivateKey(createPrivateKey(await read(`${who}key.pem`))),
        true,
      );
      assert.match(certificate.subjectAltName ?? "", /DNS:\w+\.projectcontour\.svc,/);
    }
    for (const name of await names(`${folder}/certs`)) {
      assert.equal(((await Deno.stat(`${folder}/certs/${name}`)).mode ?? 0) & 0o777, 0o600);
    }

    const key = await read("envoykey.pem");
    await Deno.remove(`${folder}/certs/cacert.pem`); // the others are still in the way
    const again = await commandLine(args);
    assert.equal(again.code, 1);
    assert.match(again.err, /it exists; --overwrite would replace it/);
    assert.equal(await read("envoykey.pem"), key);
    assert.ok(!(await names(`${folder}/certs`)).includes("cacert.pem"));
    assert.equal((await commandLine([...args, "--overwrite"])).code, 0);
    assert.notEqual(await read("envoykey.pem"), key);
  }));

Deno.test("certgen --yaml writes Secrets that can be applied", () =>
  withFolder(async (folder) => {
    const flags = ["--namespace", "edge", "--secrets-format", "compact"];
    const suffix = ["--secrets-name-suffix", "-1", "--certificate-lifetime", "10"];
    const { code } = await commandLine(["certgen", folder, "--yaml", ...flags, ...suffix]);
    assert.equal(code, 0);
    assert.deepEqual(await names(folder), ["contourcert-1.yaml", "envoycert-1.yaml"]);
    const text = await Deno.readTextFile(`${folder}/envoycert-1.yaml`);
    const secret = load(text) as SecretManifest;
    assert.equal(secret.metadata.namespace, "edge");
    const certificate = new X509Certificate(atob(secret.data["tls.crt"] ?? ""));
    const days = (Date.parse(certificate.validTo) - Date.now()) / 86_400_000;
    assert.ok(days > 9.9 && days < 10.1);
  }));

Deno.test("certgen --kube asks the cluster of the flags and tells what became of each", async () => {
  const asked: unknown[] = [];
  const secrets = (connection: unknown) => {
    asked.push(connection);
    return Promise.resolve({
      create: ({ metadata }: SecretManifest) => Promise.resolve(metadata.name !== "contourcert"),
      update: () => Promise.resolve(),
      [Symbol.dispose]: () => {},
    });
  };
  const kube = async (...flags: string[]) => {
    const { code, err } = await commandLine(["certgen", "--kube", ...flags], {
      parts: { secrets },
    });
    assert.equal(code, 0, err);
    return err.trimEnd().split("\n");
  };
  assert.deepEqual(await kube("--incluster", "--overwrite", "--secrets-format=compact"), [
    "Secret projectcontour/contourcert updated",
    "Secret projectcontour/envoycert created",
  ]);
  assert.deepEqual(await kube("--kubeconfig", "/k"), [
    "Secret projectcontour/contourcert left as it is (--overwrite would replace it)",
    "Secret projectcontour/envoycert created",
    "Secret projectcontour/cacert created",
  ]);
  assert.deepEqual(asked, [{ inCluster: true }, { inCluster: false, kubeconfig: "/k" }]);
});

Deno.test("certgen that would do nothing, or cannot, says so", async () => {
  const nothing = await commandLine(["certgen"]);
  assert.deepEqual([nothing.code, nothing.err], [
    2,
    "error: say what to make of the certificates: --pem, --yaml or --kube\n",
  ]);
  const wrong = await commandLine(["certgen", "--pem", "--secrets-format", "wide"]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /Allowed choices are legacy, compact/);
  assert.equal((await commandLine(["certgen", "--pem", "--certificate-lifetime", "-1"])).code, 2);
});
