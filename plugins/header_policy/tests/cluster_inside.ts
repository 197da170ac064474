/** Header policies that are made, changed and deleted through a real API server. */
import assert from "node:assert/strict";
import { type Manifest, readManifests } from "../../../tests/support/cluster/mod.ts";
import { contourCommand, runToEnd } from "../../../tests/support/contour_process.ts";
import { startEnvoy } from "../../../tests/support/envoy.ts";
import { eventually } from "../../../tests/support/wait.ts";
import {
  answers,
  ask,
  fileOf,
  rootProxy,
  startController,
  startEdgeCluster,
  startPod,
  statusOf,
} from "../../../tests/cluster_mode/edge.ts";
import { inOrder } from "../../../tests/cluster_mode/in_order.ts";

interface PolicyStatus {
  readonly conditions?: readonly {
    readonly status: string;
    readonly observedGeneration?: number;
    readonly errors?: readonly unknown[];
  }[];
}

Deno.test("header policies follow what the API server says, and it is told of them", async (t) => {
  const step = inOrder(t);
  await using cluster = await startEdgeCluster();
  await using web = await startPod("web", { number: 2 });
  const crds = fileOf(cluster, "plugins.yaml");
  const printed = await runToEnd([...contourCommand, "plugins", "crds"]);
  assert.equal(printed.code, 0, printed.err);
  await Deno.writeTextFile(crds, printed.out);
  await cluster.apply([...await readManifests(crds), ...web.manifests, rootProxy("web")]);
  await using controller = await startController({ cluster });
  await using envoy = await startEnvoy({ xdsPort: controller.xdsPort });
  await envoy.ready();
  const { place } = controller;
  await answers(place, "web.test", "web");
  const header = async () => (await ask(place, "web.test")).headers["x-team"];
  const becomes = async (value: string | undefined) =>
    await eventually(`x-team is ${value}`, async () => await header() === value);
  const conditionOf = async (policy: Manifest, generation: number) =>
    (await statusOf<PolicyStatus>(
      cluster,
      policy,
      (status) => status?.conditions?.[0]?.observedGeneration === generation,
    ))?.conditions?.[0];

  await step("made", async () => {
    await cluster.apply([headers("shop")]);
    await becomes("shop");
    assert.equal((await conditionOf(headers("shop"), 1))?.status, "True");
  });

  await step("changed", async () => {
    await cluster.apply([headers("cart")]);
    await becomes("cart");
    assert.equal((await conditionOf(headers("cart"), 2))?.status, "True");
  });

  await step("wrong in a way that no schema can say", async () => {
    await cluster.apply([headers("%DOWNSTREAM_REMOTE_ADRESS%")]);
    const condition = await conditionOf(headers(""), 3);
    assert.equal(condition?.status, "False", JSON.stringify(condition));
    assert.equal(await header(), "cart", "what worked before goes on");
  });

  await step("mended, and deleted", async () => {
    await cluster.apply([headers("shop")]);
    await becomes("shop");
    await cluster.request("DELETE", await cluster.pathOf(headers("shop")));
    await becomes(undefined);
  });
});

function headers(value: string): Manifest {
  return {
    apiVersion: "policy.projectcontour.io/v1alpha1",
    kind: "HeaderPolicy",
    metadata: { namespace: "default", name: "web" },
    spec: {
      targetRef: { kind: "HTTPProxy", name: "web" },
      response: [{ set: { name: "x-team", value } }],
    },
  };
}
