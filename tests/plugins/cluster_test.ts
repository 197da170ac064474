/** Policies of a stranger's plugin in a real cluster: their definition, their rights and their status. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { newPlugin } from "../../cli/new_plugin.ts";
import { manifest, readManifests, startCluster } from "../support/cluster/mod.ts";
import { contourCommand, runToEnd, startContour } from "../support/contour_process.ts";
import { listenPlace } from "../support/envoy.ts";
import { send } from "../support/http_client.ts";
import { eventually } from "../support/wait.ts";

const crds = fileURLToPath(new URL("../../manifests/crds", import.meta.url));
const policies = "/apis/my-plugin.example.com/v1alpha1/namespaces/default/myplugins";

Deno.test("a cluster takes the policies of a stranger's plugin, and gets their status", async () => {
  const folder = await Deno.makeTempDir({ prefix: "contour-plugin-" });
  try {
    for (const [name, text] of newPlugin("my-plugin")) {
      await Deno.writeTextFile(join(folder, name), text);
    }
    await serveFromCluster(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function serveFromCluster(folder: string): Promise<void> {
  const plugin = ["--plugin", join(folder, "plugin.ts")];
  await using cluster = await startCluster();
  await cluster.apply(await readManifests(crds));
  await cluster.apply([manifest(proxy)]);
  const place = listenPlace();
  await using contour = startContour([
    ...["serve", "--kubeconfig", cluster.kubeconfig, "--insecure", "--envoy", ...plugin],
    ...["--disable-leader-election", "--xds-port", "0", "--http-port", "0", "--health-port", "0"],
    ...["--debug-http-port", "0", "--stats-address", "127.0.0.1", "--stats-port", "0"],
    ...["--envoy-service-http-address", place.address],
    ...["--envoy-service-http-port", String(place.http)],
    ...["--envoy-service-https-address", place.address],
    ...["--envoy-service-https-port", String(place.https)],
  ]);
  // Without the definition everything else is served.
  await contour.told("Ready");
  const printed = await runToEnd([...contourCommand, "plugins", "crds", ...plugin]);
  assert.equal(printed.code, 0, printed.err);
  const file = join(folder, "crds.yaml");
  await Deno.writeTextFile(file, printed.out);
  await cluster.apply(await readManifests(file));
  await cluster.apply([manifest(policy("hello"))]);
  const header = async () => {
    const { headers } = await send(
      { address: place.address, port: place.http },
      { host: "site.example" },
    );
    return headers["x-my-plugin"];
  };
  await eventually("the policy has an effect", async () => await header() === "hello", {
    withinMs: 40_000,
  });
  await eventually("its status says so", async () => {
    const { status } = await cluster.request("GET", `${policies}/site`) as WithStatus;
    return status?.conditions?.[0]?.status === "True";
  });
  await assert.rejects(
    cluster.request("POST", policies, JSON.parse(JSON.stringify(manifest(policy(""))))),
    /value/,
  );
  await cluster.request("DELETE", `${policies}/site`);
  await eventually("without it nothing is added", async () => await header() === undefined);
  contour.kill("SIGTERM");
  assert.equal(await contour.ended(), 0);
}

interface WithStatus {
  readonly status?: { readonly conditions?: readonly { readonly status: string }[] };
}

const proxy = `
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: site, namespace: default}
spec:
  virtualhost: {fqdn: site.example}
  routes:
  - directResponsePolicy: {statusCode: 200, body: site}
`;

function policy(value: string): string {
  return `
apiVersion: my-plugin.example.com/v1alpha1
kind: MyPlugin
metadata: {name: site, namespace: default}
spec:
  targetRef: {kind: HTTPProxy, name: site}
  value: "${value}"
`;
}
