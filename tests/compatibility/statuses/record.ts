/** Having worlds judged by the Contour of `CONTOUR_BIN`. */
import { fileURLToPath } from "node:url";
import { inParallel } from "../../support/in_parallel.ts";
import {
  type Cluster,
  type Manifest,
  readManifests,
  startCluster,
} from "../../support/cluster/mod.ts";
import { startRealContour } from "../real_contour.ts";
import { type Answer, answerOf } from "./answer.ts";
import { idOf } from "./object_id.ts";
import { makePem } from "./pem.ts";
import type { RecordedWorld } from "./recording.ts";
import { secrets, services } from "./generator/surroundings.ts";
import { namespacesOf, randomWorld, type World } from "./generator/world.ts";
import type { Variant } from "./variants.ts";

/** Judged worlds of a variant. Contour goes through its maps in any order, so it is asked `starts` times. */
export async function judge(
  variant: Variant,
  { seed, crds, starts }: {
    readonly seed: number;
    readonly crds: string;
    readonly starts: number;
  },
): Promise<RecordedWorld[]> {
  await using cluster = await startCluster();
  await cluster.apply((await readManifests(crds)).filter(({ kind }) => kind !== "Namespace"));
  const { letter, classes, made: count } = variant;
  const worlds = Array.from(
    { length: count },
    (_, at) => randomWorld(seed + at, { name: `${letter}${at}`, classes }),
  );
  const namespaces = worlds.flatMap(({ name }) => namespacesOf(name));
  const refused = await fill(cluster, variant, worlds, namespaces);
  const told: ReadonlyMap<string, Answer | undefined>[] = [];
  for (let start = 0; start < starts; start++) {
    for (const object of variant.later ?? []) await cluster.apply([object]);
    const contour = await startRealContour({
      kubeconfig: cluster.kubeconfig,
      folder: cluster.folder,
      configuration: variant.configuration,
      flags: flagsOf(variant, worlds),
    });
    try {
      await settled(cluster);
      for (const object of variant.later ?? []) {
        await cluster.request("DELETE", await cluster.pathOf(object));
      }
      told.push(await settled(cluster));
    } catch (error) {
      throw new Error(`Contour says: ${contour.log()}`, { cause: error });
    } finally {
      await contour.stop();
    }
  }
  return worlds.map(({ name, objects }) => ({
    name,
    objects: objects.filter((object) => !refused.has(object)).map((object) => {
      const answers = told.map((all) => all.get(idOf(object)) ?? null);
      const different = new Map(answers.map((answer) => [JSON.stringify(answer), answer]));
      return { said: [...different.values()], of: object };
    }),
  }));
}

/** The flags of Contour for a variant. */
function flagsOf({ flags }: Variant, worlds: readonly World[]): string[] {
  const roots = worlds.flatMap(({ name }) => namespacesOf(name).slice(0, 1));
  return [
    ...(flags.ingressClassName === undefined
      ? []
      : [`--ingress-class-name=${flags.ingressClassName}`]),
    ...(flags.ingressStatusAddress === undefined
      ? []
      : [`--ingress-status-address=${flags.ingressStatusAddress}`]),
    ...(flags.rootsInFirstNamespace ? [`--root-namespaces=${roots.join(",")}`] : []),
  ];
}

/** Creates everything; returns what the API server refused. */
async function fill(
  cluster: Cluster,
  variant: Variant,
  worlds: readonly World[],
  namespaces: readonly string[],
): Promise<ReadonlySet<Manifest>> {
  const pem = await makePem();
  const all = ["shared", ...namespaces];
  const create = async (object: Manifest) => {
    const path = (await cluster.pathOf(object)).replace(/\/[^/]+$/, "");
    await cluster.request("POST", path, object);
  };
  await inParallel(
    [...all, "projectcontour"],
    12,
    (name) => create({ apiVersion: "v1", kind: "Namespace", metadata: { name } }),
  );
  const surroundings = all.flatMap((name) => [...services(name), ...secrets(name, pem)]);
  await inParallel([...surroundings, ...variant.shared], 12, create);
  const refused = new Set<Manifest>();
  await inParallel(worlds.flatMap(({ objects }) => objects), 12, async (object) => {
    try {
      await create(object);
    } catch (error) {
      if (!String(error).includes("is answered 422")) throw error;
      refused.add(object);
    }
  });
  return refused;
}

const judgedKinds = [
  ["HTTPProxy", "/apis/projectcontour.io/v1/httpproxies"],
  ["ExtensionService", "/apis/projectcontour.io/v1alpha1/extensionservices"],
  ["TLSCertificateDelegation", "/apis/projectcontour.io/v1/tlscertificatedelegations"],
  ["Ingress", "/apis/networking.k8s.io/v1/ingresses"],
] as const;

/** The answers once none of them has changed for some seconds. */
async function settled(cluster: Cluster): Promise<ReadonlyMap<string, Answer | undefined>> {
  let [before, since] = ["", performance.now()];
  const end = performance.now() + 300_000;
  for (;;) {
    const answers = new Map<string, Answer | undefined>();
    for (const [kind, path] of judgedKinds) {
      const { items } = Object(await cluster.request("GET", path));
      for (const { metadata, status } of items) {
        answers.set(idOf({ kind, metadata }), answerOf(kind, status));
      }
    }
    const text = JSON.stringify([...answers]);
    const known = [...answers.values()].filter((answer) => answer !== undefined).length;
    if (text !== before) [before, since] = [text, performance.now()];
    else if (known > 0 && performance.now() - since > 8_000) return answers;
    if (performance.now() > end) throw new Error("Statuses do not come to rest");
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

/** The CRDs of this repository. */
export const ownCrds = fileURLToPath(new URL("../../../manifests/crds", import.meta.url));
