import type { Cluster, Manifest } from "../support/cluster/mod.ts";
import { inParallel } from "../support/in_parallel.ts";
import { startSides, surroundings, type World, type WorldStage } from "./world.ts";

/** A world whose objects are in a cluster. */
export async function startClusterWorld(cluster: Cluster, stage: WorldStage): Promise<World> {
  const held = new Map<string, readonly Manifest[]>();
  const remove = async (manifests: readonly Manifest[]) => {
    await inParallel(manifests, 4, async (manifest) => {
      await cluster.request("DELETE", await cluster.pathOf(manifest));
    });
  };
  const put = async (name: string, objects: readonly Manifest[]) => {
    const ids = new Set(objects.map(idOf));
    const gone = (held.get(name) ?? []).filter((manifest) => !ids.has(idOf(manifest)));
    held.set(name, objects);
    await inParallel(objects, 4, (manifest) => cluster.apply([manifest]));
    await remove(gone);
  };
  await put("surroundings", surroundings(stage));
  const { sides, [Symbol.asyncDispose]: end } = await startSides([
    ...["--kubeconfig", cluster.kubeconfig, "--disable-leader-election"],
  ]);
  return {
    kind: "cluster",
    stage,
    sides,
    put,
    async drop(name) {
      const objects = held.get(name) ?? [];
      held.delete(name);
      await remove(objects);
    },
    read: async (manifest) => await cluster.request("GET", await cluster.pathOf(manifest)),
    [Symbol.asyncDispose]: end,
  };
}

function idOf({ kind, metadata: { namespace, name } }: Manifest): string {
  return `${kind}/${namespace}/${name}`;
}
