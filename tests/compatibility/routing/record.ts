/**
 * Asks the Contour of `CONTOUR_BIN` and writes down what comes back:
 *
 *     CONTOUR_BIN=/path/to/contour deno run -A tests/compatibility/routing/record.ts
 *
 * @module
 */
import { loadAll } from "js-yaml";
import { fileURLToPath } from "node:url";
import {
  type Cluster,
  type Manifest,
  readManifests,
  startCluster,
} from "../../support/cluster/mod.ts";
import { inParallel } from "../../support/in_parallel.ts";
import { commandInPodNetwork, podAddress } from "../../support/pod_network.ts";
import { Random } from "../../support/world/random.ts";
import { type Answered, ask, type Asked } from "./ask.ts";
import { canonical } from "./canonical.ts";
import { requests } from "./generator/requests.ts";
import { randomWorld } from "./generator/world.ts";
import { create, startRealEdge } from "./real_edge.ts";
import { type RecordedWorld, writeRecording } from "./recording.ts";
import { setWideStage, type WideStage } from "./stage.ts";
import { type Variant, variants } from "./variants.ts";

const address = podAddress(10);
const seed = 4_000;

/** Records a variant on an API server of its own. */
async function record(variant: Variant, firstSeed: number): Promise<void> {
  await using stage = await setWideStage(address);
  await using cluster = await startFilledCluster(stage);
  const worlds = Array.from({ length: variant.worlds }, (_, at) =>
    randomWorld(firstSeed + at, {
      name: `w${firstSeed + at}`,
      hasFallback: variant.configuration.includes("fallback-certificate"),
    }));
  const objects = [...variant.more, ...worlds.flatMap(({ objects }) => objects)];
  const refused = await create(cluster, inCluster(objects.map(toText).join("\n---\n")));
  if (refused.size > 0) throw new Error([...refused.values()].join("\n"));
  await using edge = await startRealEdge(cluster, variant.configuration);
  await edge.settled().catch((cause) => {
    throw new Error(`Contour says: ${edge.log()}`, { cause });
  });
  const recorded: RecordedWorld[] = [];
  await inParallel(worlds.entries(), 6, async ([at, world]) => {
    const exchanges: (readonly [Asked, Answered])[] = [];
    for (const asked of requests(new Random(firstSeed + at), world, variant.requests)) {
      const [answer, again] = [
        await ask(edge.place, asked, stage.certificates),
        await ask(edge.place, asked, stage.certificates),
      ];
      // What chance decides says nothing about anybody.
      if (canonical(answer) === canonical(again)) exchanges.push([asked, answer]);
    }
    recorded[at] = { name: world.name, objects: world.objects, exchanges };
  });
  const { configuration, more } = variant;
  await writeRecording(variant.name, { configuration, more, worlds: recorded });
}

async function startFilledCluster(stage: WideStage): Promise<Cluster> {
  const cluster = await startCluster();
  const crds = fileURLToPath(new URL("../../../manifests/crds", import.meta.url));
  await cluster.apply((await readManifests(crds)).filter(({ kind }) => kind !== "Namespace"));
  await cluster.apply(["team", "projectcontour"].map((name) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name },
  })));
  await create(cluster, inCluster(stage.surroundings));
  return cluster;
}

/** Objects as a cluster takes them: with the addresses of Pods. */
function inCluster(text: string): Manifest[] {
  const objects = loadAll(text) as Manifest[];
  return objects.filter(Boolean).map((object) => {
    const namespaced = { ...object, metadata: { namespace: "default", ...object.metadata } };
    if (object.kind !== "EndpointSlice") return namespaced;
    return JSON.parse(JSON.stringify(namespaced).replaceAll("127.0.0.1", address));
  });
}

function toText(object: object): string {
  return JSON.stringify(object);
}

if (Deno.env.has("IN_POD_NETWORK")) {
  const names = Deno.args.length > 0 ? Deno.args : variants.map(({ name }) => name);
  for (const [at, variant] of variants.entries()) {
    if (names.includes(variant.name)) await record(variant, seed + at * 1_000);
  }
  // Envoy may hold connections of clients that are gone.
  Deno.exit(0);
} else {
  const [program = "", ...args] = await commandInPodNetwork([
    ...["sh", "-c", '"$@"; exit $?', "sh"],
    ...[Deno.execPath(), "run", "-A", fileURLToPath(import.meta.url), ...Deno.args],
  ], ["--pid", "--fork", "--kill-child"]);
  const env = { IN_POD_NETWORK: "1" };
  const { code } = await new Deno.Command(program, { args, env, stdin: "null" }).spawn().status;
  Deno.exit(code);
}
