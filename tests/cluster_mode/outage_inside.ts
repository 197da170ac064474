/** The API server fails in many ways, under load: a host that does not change notices nothing. */
import assert from "node:assert/strict";
import { connect } from "../support/http_client.ts";
import { podAddress } from "../support/pod_network.ts";
import { eventually } from "../support/wait.ts";
import { type AuditLog, keepAuditLog } from "./audit.ts";
import {
  answers,
  type Controller,
  fileOf,
  page,
  rootProxy,
  startController,
  startEdgeCluster,
  startPod,
  statusOf,
} from "./edge.ts";
import { startGate } from "./gate.ts";
import { inOrder } from "./in_order.ts";
import { startInstalledEnvoy } from "./installed_envoy.ts";
import { startLoad } from "./steady_load.ts";
import { noneLost } from "./none_lost.ts";

Deno.test("an API server that fails takes nothing away, and is followed again", async (t) => {
  const step = inOrder(t);
  await using audit = await keepAuditLog();
  const apiserverArgs: Record<string, string> = { ...audit.apiserverArgs };
  await using cluster = await startEdgeCluster({ apiserverArgs });
  await using web = await startPod("web", { number: 2 });
  await cluster.apply([
    ...web.manifests,
    rootProxy("web"),
    rootProxy("moving", { service: "web" }),
  ]);
  const { hostname, port } = new URL(cluster.url);
  await using gate = await startGate({
    at: hostname,
    to: { host: hostname, port: Number(port) },
  });
  const kubeconfig = fileOf(cluster, "gate.kubeconfig");
  const text = await Deno.readTextFile(cluster.kubeconfig);
  await Deno.writeTextFile(
    kubeconfig,
    text.replaceAll(cluster.url, `https://${hostname}:${gate.port}`),
  );
  await using controller = await startController({ cluster, kubeconfig });
  await using envoy = await startInstalledEnvoy({ xdsPort: controller.xdsPort });
  await envoy.ready();
  await answers(controller.place, "web.test", "web");
  await using load = startLoad({ place: controller.place, host: "web.test", backend: "web" });

  /** A change of routes, seen by a client and by the status. */
  const serial = { now: 0 };
  const changeArrives = async () => {
    const name = `new-${++serial.now}`;
    const proxy = rootProxy(name, { service: "web" });
    const begin = performance.now();
    await cluster.apply([proxy]);
    await answers(controller.place, `${name}.test`, "web");
    await statusOf<{ readonly currentStatus?: string }>(
      cluster,
      proxy,
      (status) => status?.currentStatus === "valid",
    );
    return Math.round(performance.now() - begin);
  };

  await step("every connection to it is cut at once", async () => {
    await changeArrives();
    load.takeReport();
    const [events, passed] = [controller.events.length, gate.passed];
    const count = gate.cut();
    assert.ok(count >= 7, `there were ${count} connections: one for each kind at least`);
    const tookMs = await changeArrives();
    assert.ok(gate.passed - passed >= 7);
    await load.answered(500);
    noneLost("every watch cut", load.takeReport(), { tookMs });
    // Streams break every day: that is not worth a word.
    assert.deepEqual(lost(controller, events), []);
    assert.equal(
      await listsOf(audit),
      1,
      "what was cut is taken up where it was, not listed again",
    );
  });

  await step("it is stopped for 20 s, and started again", async () => {
    load.takeReport();
    const events = controller.events.length;
    await cluster.stopApiServer("SIGKILL");
    await eventually("health says so", async () => {
      const [status, text] = await page(`${controller.http}/healthz`);
      if (status === 503 && text.includes("The last known configuration is served: ")) {
        assert.match(text, /\/version: client error/);
        return true;
      }
      throw new Error(`It says ${status} ${text}`);
    });
    await eventually("metrics say so", async () => {
      const [, metrics] = await page(`${controller.http}/metrics`);
      return metrics.includes('contour_kubernetes_followed{kind="HTTPProxy"} 0');
    });
    await controller.told("HTTPProxy cannot be followed; what was last known is served", events);
    await load.answered(6_000); // which takes 20 s
    const readiness = await page(`${controller.http}/readyz`);
    assert.equal(readiness[0], 200, "Envoys are served on");
    // From here on it asks etcd itself about everything, and forgets what that forgets.
    apiserverArgs["watch-cache"] = "false";
    await cluster.startApiServer();
    const tookMs = await changeArrives();
    await controller.told("HTTPProxy is followed again", events);
    await eventually(
      "health is good again",
      async () => (await page(`${controller.http}/healthz`))[0] === 200,
    );
    await eventually("metrics are good again", async () => {
      const [, metrics] = await page(`${controller.http}/metrics`);
      const lost = /contour_kubernetes_followed\{kind="(.*)"\} 0/.exec(metrics);
      if (lost === null) return true;
      throw new Error(`${lost[1]} is not followed`);
    });
    noneLost("API server stopped for 20 s", load.takeReport(), { tookMs });
  });

  await step("etcd forgets what happened while nobody could look", async () => {
    load.takeReport();
    const before = await listsOf(audit);
    gate.shut();
    await cluster.apply([rootProxy("moving", { service: "nowhere" })]);
    const late = rootProxy("late", { service: "web" });
    await cluster.apply([late]);
    await cluster.compact();
    const begin = performance.now();
    gate.open();
    await answers(controller.place, "late.test", "web");
    await statusOf<{ readonly currentStatus?: string }>(
      cluster,
      rootProxy("moving"),
      (status) => status?.currentStatus === "invalid",
    );
    const tookMs = Math.round(performance.now() - begin);
    await changeArrives();
    assert.ok(await listsOf(audit) > before, "HTTPProxies were listed again");
    await load.answered(500);
    noneLost("etcd compacted", load.takeReport(), { tookMs });
  });

  await step("who starts while it is away waits for it, and writes what is missing", async () => {
    load.takeReport();
    controller.kill("SIGTERM");
    assert.equal(await controller.ended(), 0);
    gate.shut();
    await cluster.apply([rootProxy("moving", { service: "web" })]);
    const writes = await writesOf(audit);
    const { place, xdsPort } = controller;
    const health = podAddress(3);
    const starting = startController({
      ...{ cluster, kubeconfig, place, xdsPort },
      args: ["--health-address", health, "--health-port", "8000"],
    });
    await eventually("it lives, and is not ready", async () => {
      const states = await Promise.all(
        ["livez", "healthz", "readyz"].map(async (name) =>
          (await page(`http://${health}:8000/${name}`))[0]
        ),
      );
      assert.deepEqual(states, [200, 503, 503]);
      return true;
    });
    await assert.rejects(connect({ address: "127.0.0.1", port: xdsPort }), "nobody is served yet");
    gate.open();
    await using again = await starting;
    await statusOf<{ readonly currentStatus?: string }>(
      cluster,
      rootProxy("moving"),
      (status) => status?.currentStatus === "valid",
    );
    assert.equal((await page(`http://${health}:8000/readyz`))[0], 200);
    await answers(place, "moving.test", "web");
    await eventually("all statuses were looked at", async () => {
      const [, metrics] = await page(`${again.http}/metrics`);
      const looks = /status_update_total\{kind="HTTPProxy"\} (\d+)/.exec(metrics)?.[1];
      return Number(looks) >= serial.now + 3;
    });
    assert.deepEqual((await writesOf(audit)).slice(writes.length), ["moving"]);
    noneLost("controller restarted while the API server is away", load.takeReport());
  });
});

/** How often the controller listed all HTTPProxies. */
async function listsOf(audit: AuditLog): Promise<number> {
  const requests = await audit.requests();
  return requests.filter(({ userAgent, verb, resource }) =>
    userAgent.startsWith("contour/") && verb === "list" && resource === "httpproxies"
  ).length;
}

/** The HTTPProxies whose status was written, in order. */
async function writesOf(audit: AuditLog): Promise<readonly string[]> {
  const requests = await audit.requests();
  return requests.filter(({ resource, code }) => resource === "httpproxies/status" && code === 200)
    .map(({ name }) => name);
}

/** What the log says since then of kinds that cannot be followed. */
function lost({ events }: Controller, since: number): readonly string[] {
  return events.slice(since).map(({ msg }) => msg).filter((msg) => /cannot be followed/.test(msg));
}
