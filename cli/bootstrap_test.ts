import assert from "node:assert/strict";
import { generateCertificates } from "../controller/certs/mod.ts";
import { envoyBinary } from "../controller/data_plane/mod.ts";
import { commandLine } from "../tests/support/command_line.ts";

async function withCertificates(
  use: (folder: string, flags: readonly string[]) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "contour-cli-" });
  try {
    const { ca, envoy } = await generateCertificates({ namespace: "edge", now: new Date() });
    await Deno.writeTextFile(`${folder}/ca.crt`, ca);
    await Deno.writeTextFile(`${folder}/tls.crt`, envoy.certificate);
    await Deno.writeTextFile(`${folder}/tls.key`, envoy.privateKey);
    await use(folder, [
      `--envoy-cafile=${folder}/ca.crt`,
      `--envoy-cert-file=${folder}/tls.crt`,
      `--envoy-key-file=${folder}/tls.key`,
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What Envoy says of a bootstrap file. */
async function validate(file: string): Promise<{ readonly ok: boolean; readonly said: string }> {
  const node = ["--service-cluster", "projectcontour", "--service-node", "envoy-1"];
  const args = ["--mode", "validate", "-c", file, "--log-level", "error", ...node];
  const { success, stderr } = await new Deno.Command(await envoyBinary(), { args }).output();
  return { ok: success, said: new TextDecoder().decode(stderr) };
}

const variants: Readonly<Record<string, readonly string[]>> = {
  "of the quickstart": ["--xds-address=contour", "--xds-port=8001", "--xds-resource-version=v3"],
  "with limits": ["--overload-max-heap=2147483648", "--overload-downstream-max-conn=50000"],
  "for IPv6": ["--xds-address=::1", "--dns-lookup-family=v6"],
  "with admin on a port": ["--admin-address=127.0.0.1:9901"],
};

for (const [name, flags] of Object.entries(variants)) {
  for (const rotation of [false, true]) {
    Deno.test(`Envoy takes the bootstrap ${name}${rotation ? ", with rotation" : ""}`, () =>
      withCertificates(async (folder, tls) => {
        const resources = rotation ? [`--resources-dir=${folder}/resources`] : [];
        const file = `${folder}/envoy.json`;
        const { code, out, err } = await commandLine(
          ["bootstrap", file, ...flags, ...tls, ...resources],
        );
        assert.deepEqual({ code, out, err }, { code: 0, out: "", err: "" });
        assert.deepEqual(await validate(file), { ok: true, said: "" });
      }));
  }
}

Deno.test("bootstrap: names in statistics, and a flag of old", async () => {
  const { code, out, err } = await commandLine(
    ["bootstrap", "--namespace=edge", "--admin-port=9100", "--xds-port=8100"],
  );
  assert.equal(code, 0);
  const names = JSON.parse(out).static_resources.clusters.map(
    (cluster: { alt_stat_name: string }) => cluster.alt_stat_name,
  );
  assert.deepEqual(names, ["edge_contour_8100", "edge_envoy-admin_9100"]);
  assert.match(err, /^--admin-port only shows in the name of a statistic/);
});

Deno.test("bootstrap: certificates come all three, with something in them, or not at all", () =>
  withCertificates(async (folder, [caFlag = "", certFlag = "", keyFlag = ""]) => {
    const wrong: [flags: readonly string[], err: RegExp][] = [
      [[caFlag, certFlag], /give all three or none/],
      [[caFlag, certFlag, "--envoy-key-file=/nowhere"], /Cannot read "\/nowhere"/],
      [[caFlag, certFlag, `--envoy-key-file=${folder}/empty`], /empty" is empty/],
      [["--admin-address=localhost"], /Either host:port/],
      [["--dns-lookup-family=v5"], /Allowed choices are auto, v4, v6, all/],
      [["--overload-downstream-max-conn=-1"], /A whole number is needed/],
    ];
    await Deno.writeTextFile(`${folder}/empty`, "");
    for (const [flags, expected] of wrong) {
      const { code, out, err } = await commandLine(["bootstrap", ...flags]);
      assert.match(err, expected);
      assert.deepEqual({ code, out }, { code: 2, out: "" });
    }
    // The folder is there whenever it is asked for: a volume may be filled later.
    const resources = `${folder}/resources`;
    await commandLine(["bootstrap", `--resources-dir=${resources}`]);
    assert.deepEqual([...Deno.readDirSync(`${resources}/sds`)], []);
    await commandLine(["bootstrap", `--resources-dir=${resources}`, caFlag, certFlag, keyFlag]);
    assert.deepEqual([...Deno.readDirSync(`${resources}/sds`)].map(({ name }) => name).sort(), [
      "xds-tls-certificate.json",
      "xds-validation-context.json",
    ]);
  }));
