/** Policies of a real cluster, two controllers as they are installed, and an Envoy that is elsewhere. */
import assert from "node:assert/strict";
import { type Manifest, readManifests } from "../../../tests/support/cluster/mod.ts";
import { contourCommand, runToEnd } from "../../../tests/support/contour_process.ts";
import { podAddress } from "../../../tests/support/pod_network.ts";
import { eventually } from "../../../tests/support/wait.ts";
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
} from "../../../tests/cluster_mode/edge.ts";
import { inOrder } from "../../../tests/cluster_mode/in_order.ts";
import { startInstalledEnvoy } from "../../../tests/cluster_mode/installed_envoy.ts";
import { MountedCertificates } from "../../../tests/cluster_mode/mounted_certificates.ts";

interface PolicyStatus {
  readonly conditions?: readonly {
    readonly status: string;
    readonly observedGeneration?: number;
    readonly errors?: readonly {
      readonly type: string;
      readonly reason: string;
      message: string;
    }[];
    readonly warnings?: readonly { readonly reason: string; readonly message: string }[];
  }[];
}

/** The Service before the controllers; where it leads, the Envoy here is told by name. */
const serviceName = "contour.projectcontour";

Deno.test("limits of a cluster reach an Envoy that is elsewhere, and their status says so", async (t) => {
  const step = inOrder(t);
  await using certificates = await MountedCertificates.mount();
  const [own, envoys] = [certificates.filesOf("contour"), certificates.filesOf("envoy")];
  await using cluster = await startEdgeCluster();
  await using web = await startPod("web", { number: 2 });
  const crds = fileOf(cluster, "plugins.yaml");
  const printed = await runToEnd([...contourCommand, "plugins", "crds"]);
  assert.equal(printed.code, 0, printed.err);
  await Deno.writeTextFile(crds, printed.out);
  await cluster.apply([...await readManifests(crds), ...web.manifests, rootProxy("web")]);
  const config = fileOf(cluster, "contour.yaml");
  // Envoy's folder is /config/resources where it is installed; here it is one of its own.
  const resources = fileOf(cluster, "resources");
  await Deno.writeTextFile(
    config,
    JSON.stringify({
      plugins: [{
        name: "rate-limit",
        settings: { tls: { envoyResources: resources }, timeout: "20s", failOpen: false },
      }],
    }),
  );
  const address = podAddress(9);
  await using controller = await startController({
    cluster,
    security: [
      ...["--contour-cafile", own.ca, "--contour-cert-file", own.cert],
      ...["--contour-key-file", own.key, "--xds-address", address],
    ],
    args: ["--config-path", config],
  });
  const { place } = controller;
  await using envoy = await startInstalledEnvoy({
    xdsPort: controller.xdsPort,
    hosts: { [serviceName]: address },
    args: () => [
      ...["--xds-address", serviceName, "--resources-dir", resources],
      ...["--envoy-cafile", envoys.ca, "--envoy-cert-file", envoys.cert],
      ...["--envoy-key-file", envoys.key],
    ],
  });
  await envoy.ready();
  await answers(place, "web.test", "web");
  const statuses = async (times: number) => {
    const found: number[] = [];
    for (let i = 0; i < times; i++) found.push((await ask(place, "web.test")).status);
    return found;
  };
  const conditionOf = async (policy: Manifest, isWanted: (status?: PolicyStatus) => boolean) =>
    (await statusOf<PolicyStatus>(cluster, policy, isWanted))?.conditions?.[0];

  await step(
    "a policy that is made has an effect, and its status says that it is in force",
    async () => {
      await cluster.apply([limits(3)]);
      const condition = await conditionOf(
        limits(3),
        (status) => status?.conditions?.[0]?.status === "True",
      );
      assert.equal(condition?.observedGeneration, 1);
      await eventually(
        "the limit is asked",
        async () => (await ask(place, "web.test")).status === 429,
      );
    },
  );

  await step("Envoy comes by the name of the Service, and shows its certificate", async () => {
    const clusters = await envoy.get("/clusters?format=json");
    const { cluster_statuses: all } = JSON.parse(clusters);
    const service = all.find(({ name }: { readonly name: string }) =>
      name === "plugin/rate-limit/service"
    );
    const { address: found, port_value: port } = service.host_statuses[0].address.socket_address;
    assert.deepEqual([found, port], [address, 8003]);
    const stats = await envoy.get(
      "/stats?filter=^cluster.plugin/rate-limit/service.ssl.handshake$",
    );
    assert.match(stats, /handshake: [1-9]/);
    assert.deepEqual(await page(`${controller.http}/healthz`), [200, "OK\n"]);
  });

  await step("a change counts at once", async () => {
    await cluster.apply([limits(1_000)]);
    await eventually(
      "there is room again",
      async () => (await ask(place, "web.test")).status === 200,
    );
    assert.deepEqual(new Set(await statuses(20)), new Set([200]));
    const tooDear = limits(10, { cost: { number: 20 } });
    await cluster.apply([tooDear]);
    await eventually("nothing passes", async () => (await ask(place, "web.test")).status === 429);
    const condition = await conditionOf(
      tooDear,
      (status) => status?.conditions?.[0]?.observedGeneration === 3,
    );
    assert.equal(condition?.status, "True");
    assert.match(condition.warnings?.[0]?.message ?? "", /no request passes/);
  });

  await step(
    "what the API server cannot check is told in the status, and changes nothing",
    async () => {
      const wrong = limits(5, { burst: 2, algorithm: "fixed_window" });
      await cluster.apply([wrong]);
      const condition = await conditionOf(
        wrong,
        (status) => status?.conditions?.[0]?.observedGeneration === 4,
      );
      assert.equal(condition?.status, "False");
      assert.match(JSON.stringify(condition.errors), /burst.*no meaning/);
      // What worked before goes on.
      assert.deepEqual(new Set(await statuses(10)), new Set([429]));
      await cluster.apply([limits(1_000)]);
      const mended = await conditionOf(
        wrong,
        (status) => status?.conditions?.[0]?.observedGeneration === 5,
      );
      assert.equal(mended?.status, "True");
      await eventually("it passes", async () => (await ask(place, "web.test")).status === 200);
    },
  );

  await step("one without its target is told, and one that is deleted leaves nothing", async () => {
    const lost = limits(1, {}, "nobody");
    await cluster.apply([lost, limits(0)]);
    const condition = await conditionOf(lost, (status) => status?.conditions !== undefined);
    assert.match(JSON.stringify(condition), /PolicyTargetNotFound/);
    await eventually("nothing passes", async () => (await ask(place, "web.test")).status === 429);
    for (const policy of [lost, limits(0)]) {
      await cluster.request("DELETE", await cluster.pathOf(policy));
    }
    await eventually("all passes", async () => (await ask(place, "web.test")).status === 200);
    assert.deepEqual(new Set(await statuses(10)), new Set([200]));
  });

  await step("what the schema forbids does not get in", async () => {
    const path = await cluster.pathOf(limits(1));
    const bad = limits(-1);
    await assert.rejects(
      cluster.request("POST", path.slice(0, path.lastIndexOf("/")), bad),
      /requests/,
    );
  });
});

/** A policy for the host. */
function limits(
  requests: number,
  more: Readonly<Record<string, unknown>> = {},
  target = "web",
): Manifest {
  return {
    apiVersion: "policy.projectcontour.io/v1alpha1",
    kind: "RateLimit",
    metadata: { namespace: "default", name: target },
    spec: {
      targetRef: { kind: "HTTPProxy", name: target },
      limits: [{ requests, unit: "year", ...more }],
    },
  };
}
