import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { clusterSecrets } from "../../cli/cluster_secrets.ts";
import { type Cluster, type Manifest, startCluster } from "../support/cluster/mod.ts";
import { commandLine } from "../support/command_line.ts";
import { installed, jobAccount } from "./installed.ts";

interface Secret extends Manifest {
  readonly type: string;
  readonly data: Readonly<Record<string, string>>;
}

Deno.test("certgen --kube, with the rights of its Job alone", async (t) => {
  await using cluster = await startCluster();
  await cluster.apply(installed.filter(({ kind }) => /^(Namespace|Role|RoleBinding)$/.test(kind)));
  const token = await cluster.serviceAccountToken(jobAccount.namespace, jobAccount.name);
  const kubeconfig = await cluster.kubeconfigFor(token);
  const certgen = async (...flags: string[]) => {
    const args = ["certgen", "--kube", "--kubeconfig", kubeconfig, ...flags];
    const { code, err } = await commandLine(args, { parts: { secrets: clusterSecrets } });
    return { code, lines: err.trimEnd().split("\n") };
  };

  await t.step("the Secrets of the quickstart are made", async () => {
    assert.deepEqual(await certgen("--overwrite", "--secrets-format=compact"), {
      code: 0,
      lines: [
        "Secret projectcontour/contourcert created",
        "Secret projectcontour/envoycert created",
      ],
    });
    for (const who of ["contour", "envoy"]) {
      const { type, data, metadata } = await secret(cluster, `${who}cert`);
      assert.equal(type, "kubernetes.io/tls");
      assert.deepEqual(metadata["labels"], { app: "contour" });
      const certificate = new X509Certificate(decoded(data, "tls.crt"));
      assert.ok(certificate.verify(new X509Certificate(decoded(data, "ca.crt")).publicKey));
      assert.ok(certificate.checkPrivateKey(createPrivateKey(decoded(data, "tls.key"))));
      assert.match(certificate.subjectAltName ?? "", new RegExp(`DNS:${who}.projectcontour.svc,`));
    }
  });

  await t.step("without --overwrite they stay", async () => {
    const before = await secret(cluster, "envoycert");
    const { code, lines } = await certgen("--secrets-format=compact");
    assert.equal(code, 0);
    assert.deepEqual(lines, [
      "Secret projectcontour/contourcert left as it is (--overwrite would replace it)",
      "Secret projectcontour/envoycert left as it is (--overwrite would replace it)",
    ]);
    assert.deepEqual(await secret(cluster, "envoycert"), before);
  });

  await t.step("with it both are replaced, and nothing of the old ones is left", async () => {
    const path = "/api/v1/namespaces/projectcontour/secrets/envoycert";
    await cluster.request("PATCH", path, { data: { "old.pem": btoa("old") } });
    const before = await secret(cluster, "envoycert");
    const { code, lines } = await certgen("--overwrite", "--secrets-format=compact");
    assert.equal(code, 0);
    assert.match(lines.join("\n"), /contourcert updated\n.*envoycert updated$/);
    const after = await secret(cluster, "envoycert");
    assert.deepEqual(Object.keys(after.data).sort(), ["ca.crt", "tls.crt", "tls.key"]);
    assert.notEqual(after.data["ca.crt"], before.data["ca.crt"]);
    assert.equal(after.data["ca.crt"], (await secret(cluster, "contourcert")).data["ca.crt"]);
    assert.equal(after.metadata["uid"], before.metadata["uid"]);
  });

  await t.step("the legacy form has a Secret of its own for the CA", async () => {
    const { lines } = await certgen("--overwrite");
    assert.match(lines.join("\n"), /contourcert updated\n.*envoycert updated\n.*cacert created$/);
    const { type, data } = await secret(cluster, "cacert");
    assert.equal(type, "Opaque");
    const authority = new X509Certificate(decoded(data, "cacert.pem"));
    const { data: envoy } = await secret(cluster, "envoycert");
    assert.deepEqual(Object.keys(envoy).sort(), ["tls.crt", "tls.key"]);
    assert.ok(new X509Certificate(decoded(envoy, "tls.crt")).verify(authority.publicKey));
  });

  await t.step("the end of names, and the life of certificates", async () => {
    const { code } = await certgen(
      "--secrets-format=compact",
      "--secrets-name-suffix=-blue",
      "--certificate-lifetime=7",
    );
    assert.equal(code, 0);
    const { data } = await secret(cluster, "envoycert-blue");
    const { validTo } = new X509Certificate(decoded(data, "tls.crt"));
    const days = (Date.parse(validTo) - Date.now()) / 86_400_000;
    assert.ok(days > 6.9 && days < 7.1, String(days));
  });

  await t.step("what it is not granted is told, and ends it", async () => {
    const elsewhere = await certgen("--namespace=default");
    assert.equal(elsewhere.code, 1);
    assert.match(elsewhere.lines.join("\n"), /server answered 403 Forbidden: .*contour-certgen/);
    const foreign = await certgen("--overwrite", "--secrets-name-suffix=-blue");
    assert.equal(foreign.code, 1);
    assert.match(foreign.lines.join("\n"), /put .*contourcert-blue: server answered 403/);
  });
});

Deno.test("certgen --kube leaves no files behind when there is no cluster", async () => {
  const folder = await Deno.makeTempDir({ prefix: "contour-certgen-" });
  try {
    const { code, err } = await commandLine(
      ["certgen", `${folder}/certs`, "--pem", "--kube", "--kubeconfig", `${folder}/none`],
      { parts: { secrets: clusterSecrets } },
    );
    assert.equal(code, 1);
    assert.match(err, /Cannot read kubeconfig ".*none": no such file/);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function secret(cluster: Cluster, name: string): Promise<Secret> {
  const path = `/api/v1/namespaces/projectcontour/secrets/${name}`;
  return await cluster.request("GET", path) as Secret;
}

function decoded(data: Secret["data"], file: string): string {
  return atob(data[file] ?? "");
}
