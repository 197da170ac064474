/** What `manifests/install` installs, for the tests of this folder. */
import { fileURLToPath } from "node:url";
import { loadAll } from "js-yaml";
import { pluginManifests } from "../../cli/plugin_manifests.ts";
import { builtInPlugins } from "../../cli/used_plugins.ts";
import { inProcess } from "../../controller/plugin/mod.ts";
import type { PolicyRule } from "../../manifests/topology/mod.ts";
import { isPolicyOfMissingPlugin } from "../support/boxed_plugins.ts";
import { type Cluster, type Manifest, readManifests } from "../support/cluster/mod.ts";

/** A path beneath `manifests`. */
export function manifestsAt(path: string): string {
  return fileURLToPath(new URL(`../../manifests/${path}`, import.meta.url));
}

/** The objects of the quickstart with Envoy as a DaemonSet, in their order. */
export const installed: readonly Manifest[] = await readManifests(
  manifestsAt("install/quickstart.yaml"),
);

/** The objects of the quickstart with Envoy as a Deployment, in their order. */
export const installedDeployment: readonly Manifest[] = await readManifests(
  manifestsAt("install/quickstart-deployment.yaml"),
);

/** What `contour plugins crds` prints for the plugins in the box. */
export const pluginAccess: readonly Manifest[] = loadAll(
  pluginManifests((await builtInPlugins()).map(inProcess)),
) as Manifest[];

/** The rights among that, which the controller gets beside its own. */
export const pluginRules: readonly PolicyRule[] = pluginAccess.flatMap(({ kind, rules }) =>
  kind === "ClusterRole" ? rules as PolicyRule[] : []
);

/** The ServiceAccount of the Job that makes certificates. */
export const jobAccount = { namespace: "projectcontour", name: "contour-certgen" } as const;

/** The ServiceAccount of the controller. */
export const contourAccount = { namespace: "projectcontour", name: "contour" } as const;

/** Applies what says who may do what, and the kinds it is about. */
export async function applyAccess(cluster: Cluster): Promise<void> {
  const kinds = /^(Namespace|CustomResourceDefinition|ServiceAccount|(Cluster)?Role(Binding)?)$/;
  await cluster.apply(installed.filter(({ kind }) => kinds.test(kind)));
  await cluster.apply(pluginAccess);
}

/** Objects with the namespaces they are in before them. */
export function withNamespaces(objects: readonly Manifest[]): readonly Manifest[] {
  const names = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []));
  return [
    ...[...names].map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } })),
    ...objects,
  ];
}

/**
 * The objects of all of `manifests/examples`, which can be in one cluster together; not policies of
 * plugins taken out.
 */
export async function examples(): Promise<readonly Manifest[]> {
  const found = await readManifests(manifestsAt("examples"));
  return found.filter((object) => !isPolicyOfMissingPlugin(object));
}
