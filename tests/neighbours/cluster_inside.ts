/**
 * No object of a cluster harms a neighbour: those that the schemas let pass, and those that do so
 * where the schemas are not ours. Runs in a network of its own; see `testInPodNetwork`.
 */
import assert from "node:assert/strict";
import type { Cluster, Manifest } from "../support/cluster/mod.ts";
import { inParallel } from "../support/in_parallel.ts";
import { podAddress } from "../support/pod_network.ts";
import { eventually } from "../support/wait.ts";
import { startEdgeCluster } from "../cluster_mode/edge.ts";
import { startClusterWorld } from "./cluster_world.ts";
import { fightsBack } from "./fight.ts";
import { guilties, namespace } from "./guilty/mod.ts";
import { holds, isFull } from "./promise.ts";
import { startWorldStage } from "./world.ts";

Deno.test("no object of a cluster harms a neighbour", async () => {
  await using cluster = await startEdgeCluster();
  await cluster.apply([namespace, "canary"].map((name) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name },
  })));
  const servable = guilties.filter(({ beyond }) => beyond !== "server");
  await passSchemas(cluster, servable.filter(({ beyond }) => beyond === undefined));
  await loosen(cluster);
  await using stage = await startWorldStage(podAddress(2));
  await using world = await startClusterWorld(cluster, stage);
  // All of them are in files each time; here by turns, but for a full run.
  await holds(world, isFull ? servable : servable.filter((_, i) => i % 3 === 0));
  await fightsBack(world);
});

/** Throws when the API server does not take one as it stands. */
async function passSchemas(
  cluster: Cluster,
  all: readonly { readonly what: string; readonly objects: readonly Manifest[] }[],
): Promise<void> {
  const refused: string[] = [];
  await inParallel(all, 4, async ({ what, objects }) => {
    for (const object of objects) {
      const path = await cluster.pathOf(object);
      await cluster.request(
        "PATCH",
        `${path}?fieldManager=test&force=true&dryRun=All`,
        object,
        "application/apply-patch+yaml",
      ).catch((error) => refused.push(`${what}: ${error.message}`));
    }
  });
  assert.deepEqual(refused, []);
}

/** Has the API server take anything for an HTTPProxy, as if its schema were older or newer. */
async function loosen(cluster: Cluster): Promise<void> {
  for (const name of ["httpproxies", "extensionservices"]) {
    const path =
      `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}.projectcontour.io`;
    const definition = await cluster.request("GET", path) as Definition;
    const loose = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
    const versions = definition.spec.versions.map((version) => ({
      ...version,
      schema: { openAPIV3Schema: loose },
    }));
    await cluster.request("PUT", path, { ...definition, spec: { ...definition.spec, versions } });
  }
  const odd = {
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { namespace, name: "loose" },
    spec: 7,
  };
  await eventually("the schema is loose", async () => {
    await cluster.request("POST", `${await pathOfAll(cluster, odd)}?dryRun=All`, odd);
    return true;
  });
}

interface Definition {
  readonly spec: {
    readonly versions: readonly Readonly<Record<string, unknown>>[];
  };
}

async function pathOfAll(cluster: Cluster, manifest: Manifest): Promise<string> {
  return (await cluster.pathOf(manifest)).replace(/\/[^/]+$/, "");
}
