/** The requests that file mode answers, answered by a cluster alike: one list for both. */
import assert from "node:assert/strict";
import { load, loadAll } from "js-yaml";
import { cases } from "../e2e/cases/mod.ts";
import { manifestOf, setStage, stageManifest } from "../e2e/stage.ts";
import type { Cluster, Manifest } from "../support/cluster/mod.ts";
import { startEnvoy } from "../support/envoy.ts";
import { askAt, layouts, type Question } from "../support/gateway.ts";
import { podAddress } from "../support/pod_network.ts";
import { eventually } from "../support/wait.ts";
import { protectHosts } from "./protected_hosts.ts";
import { fileOf, page, startController, startEdgeCluster } from "./edge.ts";

const address = podAddress(10);

Deno.test("what HTTPProxies and Ingresses ask for in a cluster", async (t) => {
  await using cluster = await startEdgeCluster();
  await using stage = await setStage(address);
  await using protectedHosts = await protectHosts(stage, address);
  await applyInOrder(cluster, [
    ...objectsOf(stageManifest(stage)),
    ...Object.values(cases).flat().flatMap((one) => objectsOf(manifestOf(one, stage))),
    ...protectedHosts.manifests,
  ]);
  const config = fileOf(cluster, "contour.yaml");
  await Deno.writeTextFile(config, "enableExternalNameService: true\n");
  for (const layout of layouts) {
    await t.step(layout, async (t) => {
      await using controller = await startController({
        cluster,
        args: ["--config-path", config, "--xds-layout", layout],
      });
      await using envoy = await startEnvoy({ xdsPort: controller.xdsPort });
      await envoy.ready();
      const { place } = controller;
      const ask = (question: Question) => askAt(place, question);
      for (const [topic, list] of Object.entries(cases)) {
        await t.step(topic, async (t) => {
          for (const { name, check } of list) {
            await t.step(name, () => check({ ...stage, gateway: { place }, ask }));
          }
        });
      }
      await t.step("protected hosts", () => protectedHosts.check(place));
      await t.step("Envoy refused nothing", async () => {
        const [, metrics] = await page(`${controller.http}/metrics`);
        assert.doesNotMatch(metrics, /^contour_xds_nacks_total.* [1-9]/m);
        assert.deepEqual(envoy.log, []);
      });
    });
  }
});

/** The objects of a case as a cluster takes them: with the addresses of Pods. */
function objectsOf(text: string): readonly Manifest[] {
  const objects = loadAll(text) as Manifest[];
  return objects.filter(Boolean).map((object) => {
    const { metadata } = object;
    const namespaced = { ...object, metadata: { namespace: "default", ...metadata } };
    if (object.kind !== "EndpointSlice") return namespaced;
    return load(JSON.stringify(namespaced).replaceAll("127.0.0.1", address)) as Manifest;
  });
}

/**
 * Applies objects so that who is older by what is written is so in the cluster, too: that gives each
 * the time at which it came, in seconds. Without a time written, names decide, as they do where
 * times are equal.
 */
async function applyInOrder(cluster: Cluster, objects: readonly Manifest[]): Promise<void> {
  const namespaces = new Set(objects.map(({ metadata }) => metadata.namespace ?? "default"));
  await cluster.apply([...namespaces].map((name) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name },
  })));
  const timeOf = ({ metadata }: Manifest) => String(metadata["creationTimestamp"] ?? "");
  const times = [...new Set(objects.map(timeOf))].sort();
  for (const time of times) {
    const second = Math.floor(Date.now() / 1_000);
    await eventually("it is a second later", () => Math.floor(Date.now() / 1_000) > second);
    const together = objects.filter((object) => timeOf(object) === time);
    await cluster.apply(together.toSorted((a, b) => idOf(a) < idOf(b) ? -1 : 1));
  }
}

function idOf({ metadata: { namespace, name } }: Manifest): string {
  return `${namespace}/${name}`;
}
