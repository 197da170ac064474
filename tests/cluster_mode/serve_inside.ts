import assert from "node:assert/strict";
import { startEnvoy } from "../support/envoy.ts";
import { eventually } from "../support/wait.ts";
import {
  answers,
  ask,
  fileOf,
  page,
  rootProxy,
  startController,
  startEdgeCluster,
  startPod,
  statusOf,
} from "./edge.ts";
import { inOrder } from "./in_order.ts";

interface ProxyStatus {
  readonly currentStatus?: string;
  readonly description?: string;
  readonly conditions?: readonly { readonly observedGeneration?: number }[];
  readonly loadBalancer?: { readonly ingress?: readonly unknown[] };
}

Deno.test("a cluster is served as files are, and told what became of its objects", async (t) => {
  const step = inOrder(t);
  await using cluster = await startEdgeCluster();
  await using web = await startPod("web", { number: 2 });
  const proxy = rootProxy("web");
  const ingress = {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "old", namespace: "default" },
    spec: {
      rules: [{
        host: "old.test",
        http: {
          paths: [{
            path: "/",
            pathType: "Prefix",
            backend: { service: { name: "web", port: { number: 80 } } },
          }],
        },
      }],
    },
  };
  await cluster.apply([...web.manifests, proxy, ingress]);
  const config = fileOf(cluster, "contour.yaml");
  await Deno.writeTextFile(
    config,
    'runtime-settings: { re2.max_program_size.error_level: "100" }\n',
  );
  await using controller = await startController({
    cluster,
    args: ["--config-path", config, "--ingress-status-address", "192.0.2.7,edge.example.com"],
  });
  await using envoy = await startEnvoy({ xdsPort: controller.xdsPort, asksForRuntime: true });
  await envoy.ready();

  await step("requests go where the objects say", async () => {
    await answers(controller.place, "web.test", "web");
    await answers(controller.place, "old.test", "web");
    assert.equal((await ask(controller.place, "other.test")).status, 404);
  });

  await step("statuses say so, with the address of the edge", async () => {
    const status = await statusOf<ProxyStatus>(
      cluster,
      proxy,
      (status) => status?.currentStatus === "valid" && status.loadBalancer !== undefined,
    );
    assert.equal(status?.description, "Valid HTTPProxy");
    assert.equal(status.conditions?.[0]?.observedGeneration, 1);
    const addresses = [{ ip: "192.0.2.7" }, { hostname: "edge.example.com" }];
    assert.deepEqual(status.loadBalancer?.ingress, addresses);
    await statusOf<ProxyStatus>(
      cluster,
      ingress,
      (status) => JSON.stringify(status?.loadBalancer?.ingress) === JSON.stringify(addresses),
    );
  });

  await step("a change through the API reaches clients and the status", async () => {
    await cluster.apply([rootProxy("web", { service: "nowhere" })]);
    const status = await statusOf<ProxyStatus>(
      cluster,
      proxy,
      (status) => status?.currentStatus === "invalid",
    );
    assert.equal(status?.conditions?.[0]?.observedGeneration, 2);
    await eventually(
      "the route is broken",
      async () => (await ask(controller.place, "web.test")).status === 503,
    );
    await cluster.apply([proxy]);
    await answers(controller.place, "web.test", "web");
  });

  await step("what Envoy refuses is told to its owner, and others go on changing", async () => {
    // Larger than this Envoy takes, which is told so in its own settings.
    const route = { conditions: [{ regex: "/a{200}" }] };
    const refused = rootProxy("refused", { service: "web", route });
    await cluster.apply([refused, rootProxy("next", { service: "web" })]);
    await answers(controller.place, "next.test", "web");
    const { description } = await statusOf<ProxyStatus>(
      cluster,
      refused,
      (status) => status?.currentStatus === "invalid",
    ) ?? {};
    assert.equal(description, "At least one error present, see Errors for details");
    assert.match(
      (await page(`${controller.http}/metrics`))[1],
      /^contour_xds_nacks_total\{.*\} [1-9]/m,
    );
    for (const object of [refused, rootProxy("next")]) {
      await cluster.request("DELETE", await cluster.pathOf(object));
    }
    await eventually(
      "it is gone",
      async () => (await ask(controller.place, "next.test")).status === 404,
    );
  });

  await step("probes, metrics and what is inside", async () => {
    assert.deepEqual(await page(`${controller.http}/healthz`), [200, "OK\n"]);
    assert.deepEqual(await page(`${controller.http}/readyz`), [200, "OK\n"]);
    const [, metrics] = await page(`${controller.http}/metrics`);
    for (
      const line of [
        'contour_httpproxy_valid{namespace="default",vhost="web.test"} 1',
        'contour_kubernetes_followed{kind="HTTPProxy"} 1',
        'leader_election_master_status{name="leader-elect"} 1',
        "contour_xds_connected_nodes 1",
        'contour_status_update_success_total{kind="HTTPProxy"}',
      ]
    ) assert.ok(metrics.includes(line), `${line} in\n${metrics}`);
    const debug = String((await controller.told("Listening"))["debug"]);
    const [, dot] = await page(debug);
    assert.match(dot, /^digraph contour \{[\s\S]*"host web\.test"[\s\S]*"service default\/web:80"/);
    const [, xds] = await page(new URL("/debug/xds", debug).href);
    const { nodes } = JSON.parse(xds);
    assert.equal(nodes[0].node.id, "test");
    assert.equal(nodes[0].isSynced, true);
    const [, memos] = await page(new URL("/debug/memos", debug).href);
    assert.equal(JSON.parse(memos).objects.HTTPProxy, 1);
  });

  await step("Envoy tells how it is where its Service expects that", async () => {
    assert.equal((await page(`http://${controller.place.address}:8002/ready`))[0], 200);
    assert.equal((await page(`http://${controller.place.address}:8002/stats/prometheus`))[0], 200);
  });

  await step("it ends when it is told to, and gives the lease back", async () => {
    controller.kill("SIGTERM");
    assert.equal(await controller.ended(), 0);
    const lease = await cluster.request(
      "GET",
      "/apis/coordination.k8s.io/v1/namespaces/projectcontour/leases/leader-elect",
    ) as { readonly spec: { readonly holderIdentity?: string } };
    assert.equal(lease.spec.holderIdentity ?? "", "");
  });
});
