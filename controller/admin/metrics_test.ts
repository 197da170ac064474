import assert from "node:assert/strict";
import type { ObjectKey } from "../api/mod.ts";
import { type ControllerMetrics, controllerMetrics } from "./mod.ts";

Deno.test("proxies are counted by namespace and host, and leave no series behind", async () => {
  const metrics = make();
  metrics.proxy(proxy("web", "root"), { status: "valid", vhost: "shop.test" });
  metrics.proxy(proxy("web", "part"), { status: "valid" });
  metrics.proxy(proxy("web", "lost"), { status: "orphaned" });
  metrics.proxy(proxy("api", "root"), { status: "invalid", vhost: "api.test" });
  assert.deepEqual(await series(metrics, "contour_httpproxy"), [
    'contour_httpproxy_invalid{namespace="api",vhost="api.test"} 1',
    'contour_httpproxy_orphaned{namespace="web"} 1',
    'contour_httpproxy_root{namespace="api"} 1',
    'contour_httpproxy_root{namespace="web"} 1',
    'contour_httpproxy_valid{namespace="web",vhost=""} 1',
    'contour_httpproxy_valid{namespace="web",vhost="shop.test"} 1',
    'contour_httpproxy{namespace="api"} 1',
    'contour_httpproxy{namespace="web"} 3',
  ]);

  metrics.proxy(proxy("web", "root"), { status: "invalid", vhost: "shop.test" });
  metrics.proxy(proxy("web", "part"), { status: "orphaned" });
  metrics.proxy(proxy("web", "lost"), undefined);
  metrics.proxy(proxy("api", "root"), undefined);
  metrics.proxy(proxy("api", "never-was"), undefined);
  assert.deepEqual(await series(metrics, "contour_httpproxy"), [
    'contour_httpproxy_invalid{namespace="web",vhost="shop.test"} 1',
    'contour_httpproxy_orphaned{namespace="web"} 1',
    'contour_httpproxy_root{namespace="web"} 1',
    'contour_httpproxy{namespace="web"} 2',
  ]);
});

Deno.test("proxies are counted by the leader alone", async () => {
  const metrics = make();
  const valid = 'contour_httpproxy_valid{namespace="web",vhost="shop.test"} 1';
  metrics.leads("leader-elect", false);
  metrics.proxy(proxy("web", "root"), { status: "valid", vhost: "shop.test" });
  assert.deepEqual(await series(metrics, "contour_httpproxy"), []);
  metrics.leads("leader-elect", true);
  assert.ok((await series(metrics, "contour_httpproxy")).includes(valid));
  assert.deepEqual(await series(metrics, "leader_election"), [
    'leader_election_master_status{name="leader-elect"} 1',
  ]);
  metrics.leads("leader-elect", false);
  assert.deepEqual(await series(metrics, "contour_httpproxy"), []);
});

Deno.test("written statuses are counted by kind and outcome", async () => {
  const metrics = make();
  metrics.statusUpdate("HTTPProxy", "conflict", 0.1);
  metrics.statusUpdate("HTTPProxy", "written", 0.1);
  metrics.statusUpdate("HTTPProxy", "unchanged", 0.1);
  metrics.statusUpdate("Ingress", "failed", 0.1);
  const counts = (await series(metrics, "contour_status_update")).filter((line) =>
    !line.includes("duration")
  );
  assert.deepEqual(counts, [
    'contour_status_update_conflict_total{kind="HTTPProxy"} 1',
    'contour_status_update_failed_total{kind="Ingress"} 1',
    'contour_status_update_noop_total{kind="HTTPProxy"} 1',
    'contour_status_update_success_total{kind="HTTPProxy"} 2',
    'contour_status_update_total{kind="HTTPProxy"} 2',
    'contour_status_update_total{kind="Ingress"} 1',
  ]);
});

Deno.test("objects and runs of the engine are counted", async () => {
  const metrics = make();
  metrics.operation("add", "Service", 3);
  metrics.operation("update", "Service");
  metrics.objects("Service", 3);
  const at = new Date("2030-01-01T00:00:00.900Z");
  metrics.rebuilt({ at, seconds: 0.002, publishSeconds: 0, memosHeld: 40, memosVisited: 5 });
  metrics.rebuilt({ at, seconds: 0.004, publishSeconds: 0, memosHeld: 41, memosVisited: 7 });
  metrics.files(12, 2);
  assert.deepEqual(await series(metrics, "contour_eventhandler"), [
    'contour_eventhandler_operation_total{op="add",kind="Service"} 3',
    'contour_eventhandler_operation_total{op="update",kind="Service"} 1',
  ]);
  assert.deepEqual(await series(metrics, "contour_dag_cache"), [
    'contour_dag_cache_object{kind="Service"} 3',
  ]);
  assert.deepEqual(await series(metrics, "contour_dagrebuild_t"), [
    `contour_dagrebuild_timestamp ${Date.parse("2030-01-01T00:00:00Z") / 1000}`,
    "contour_dagrebuild_total 2",
  ]);
  assert.deepEqual(await series(metrics, "contour_engine"), [
    "contour_engine_memos 41",
    "contour_engine_memos_visited_total 12",
  ]);
  assert.deepEqual(await series(metrics, "contour_file"), [
    "contour_file_errors 2",
    "contour_files 12",
  ]);
});

Deno.test("what goes to Envoy is counted by type", async () => {
  const metrics = make();
  const cluster = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
  metrics.nodes(2);
  metrics.pushed(cluster, 120);
  metrics.pushed(cluster, 30);
  metrics.nack(cluster);
  metrics.acknowledged(cluster, 0.004);
  assert.deepEqual(
    (await series(metrics, "contour_xds")).filter((line) => !line.includes("_bucket")),
    [
      'contour_xds_ack_seconds_count{type="Cluster"} 1',
      'contour_xds_ack_seconds_sum{type="Cluster"} 0.004',
      "contour_xds_connected_nodes 2",
      'contour_xds_nacks_total{type="Cluster"} 1',
      'contour_xds_pushed_bytes_total{type="Cluster"} 150',
      'contour_xds_pushes_total{type="Cluster"} 2',
    ],
  );
});

function make(): ControllerMetrics {
  return controllerMetrics({ version: "1", revision: "", branch: "" });
}

function proxy(namespace: string, name: string): ObjectKey {
  return { kind: "HTTPProxy", namespace, name };
}

async function series(metrics: ControllerMetrics, prefix: string): Promise<string[]> {
  const text = await metrics.registry.metrics();
  return text.split("\n").filter((line) => line.startsWith(prefix)).sort();
}
