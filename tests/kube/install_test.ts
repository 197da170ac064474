/**
 * The installation in a real control plane, controllers included: what they make of it is admitted
 * by the policies it is meant for, and finds itself. There are no nodes that would run anything.
 */
import assert from "node:assert/strict";
import {
  type Cluster,
  type Manifest,
  readManifests,
  startCluster,
} from "../support/cluster/mod.ts";
import { eventually } from "../support/wait.ts";
import { contourBefore } from "./contour_before.ts";
import { installed, installedDeployment, manifestsAt } from "./installed.ts";

const here = "/api/v1/namespaces/projectcontour";
const apps = "/apis/apps/v1/namespaces/projectcontour";
const nodes = ["node-1", "node-2", "node-3"];
const workloads = installed.filter(({ kind }) => /^(Deployment|DaemonSet)$/.test(kind));

Deno.test("the installation in a control plane with its controllers", async (t) => {
  await using cluster = await startCluster({
    controllerManager: true,
    // As clusters have it: Pods get the token of their ServiceAccount, where they want one.
    apiserverArgs: { "disable-admission-plugins": "StorageObjectInUseProtection" },
  });

  await t.step("with Envoy as a Deployment everything is allowed to be restricted", async () => {
    await cluster.apply(installedDeployment);
    assert.equal(await policyOf(cluster), "restricted");
    const pods = await podsOf(cluster, { contour: 2, envoy: 2, "contour-certgen": 1 });
    for (const { spec, metadata } of pods) {
      const hasToken = spec.volumes.some(({ projected }) => projected !== undefined);
      assert.equal(hasToken, metadata.labels["app"] !== "envoy", metadata.name);
    }
    assert.deepEqual(await refusals(cluster), []);
  });

  await t.step("the Job goes when it is done, and comes again", async () => {
    await eventually("the Job is gone", async () => {
      for (const pod of await pods(cluster)) {
        if (pod.metadata.labels["app"] === "contour-certgen") {
          await setStatus(cluster, pod, { phase: "Succeeded" });
        }
      }
      return (await jobs(cluster)).length === 0;
    }, { withinMs: 60_000 });
    await cluster.apply(installedDeployment.filter(({ kind }) => kind === "Job"));
    assert.equal((await jobs(cluster)).length, 1);
  });

  await t.step("Services find the Pods, at the ports they listen on", async () => {
    let number = 0;
    for (const name of nodes) {
      await cluster.apply([{ apiVersion: "v1", kind: "Node", metadata: { name } }]);
    }
    for (const pod of await pods(cluster)) {
      const podIP = `10.1.0.${++number}`;
      await bind(cluster, pod, nodes[number % nodes.length] ?? "");
      await setStatus(cluster, pod, {
        phase: "Running",
        podIP,
        podIPs: [{ ip: podIP }],
        conditions: [{ type: "Ready", status: "True" }],
      });
    }
    assert.deepEqual(await endpoints(cluster, "contour", 2), { xds: 8001, "rate-limits": 8003 });
    assert.deepEqual(await endpoints(cluster, "envoy", 2), { http: 8080, https: 8443 });
  });

  await t.step("one Pod of each may be away", async () => {
    for (const name of ["contour", "envoy"]) {
      const path = `/apis/policy/v1/namespaces/projectcontour/poddisruptionbudgets/${name}`;
      await eventually(`the budget of ${name} is known`, async () => {
        const { status } = await cluster.request("GET", path) as {
          readonly status?: {
            readonly expectedPods?: number;
            readonly disruptionsAllowed?: number;
          };
        };
        return status?.expectedPods === 2 && status.disruptionsAllowed === 1;
      }, { withinMs: 60_000 });
    }
  });

  await t.step("with Envoy as a DaemonSet every node has one, at ports of the node", async () => {
    await cluster.request("DELETE", `${apps}/deployments/envoy`);
    await cluster.apply(installed);
    assert.equal(await policyOf(cluster), "privileged");
    const found = await podsOf(cluster, { contour: 2, envoy: 3, "contour-certgen": 1 });
    const hostPorts = found.flatMap(({ spec }) =>
      spec.containers.flatMap(({ ports = [] }) => ports.flatMap(({ hostPort }) => hostPort ?? []))
    );
    assert.deepEqual([...new Set(hostPorts)].sort(), [443, 80]);
    assert.deepEqual(await refusals(cluster), []);
  });

  await t.step("applying it again changes nothing", async () => {
    // Services and the Job are completed by the server and its controllers.
    const before = await versions(cluster, installed);
    await cluster.apply(installed);
    assert.deepEqual(await versions(cluster, installed), before);
  });

  await t.step("Contour's own Pods are replaced, and nothing of them is left", async () => {
    const fresh = await specs(cluster, workloads);
    for (const workload of workloads) {
      await cluster.request("DELETE", await cluster.pathOf(workload));
    }
    await eventually(
      "the Pods are gone",
      async () =>
        (await pods(cluster)).every(({ metadata }) => metadata.labels["app"] === "contour-certgen"),
      { withinMs: 60_000 },
    );
    await cluster.apply(contourBefore);
    const before = await podsOf(cluster, { contour: 2, envoy: 3 });
    await cluster.apply(installed);
    assert.deepEqual(await specs(cluster, workloads), fresh);
    await eventually("there is a Pod of ours", async () => {
      const known = new Set(before.map(({ metadata }) => metadata.name));
      return (await pods(cluster)).some(({ metadata }) =>
        metadata.labels["app"] === "contour" && !known.has(metadata.name)
      );
    }, { withinMs: 60_000 });
    assert.deepEqual(await refusals(cluster), []);
  });

  await t.step("every other file of the installation is accepted, too", async () => {
    for (const path of ["install/base", "install/daemonset", "install/deployment", "crds"]) {
      const objects = await readManifests(manifestsAt(path));
      assert.ok(objects.length > 0, path);
      await cluster.apply(objects);
    }
  });
});

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly volumes: readonly { readonly projected?: unknown }[];
    readonly containers: readonly { readonly ports?: readonly { readonly hostPort?: number }[] }[];
  };
}

interface ListOf<Item> {
  readonly items: readonly Item[];
}

async function pods(cluster: Cluster): Promise<readonly Pod[]> {
  const { items } = await cluster.request("GET", `${here}/pods`) as ListOf<Pod>;
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/** The Pods, once there are as many of each app as wanted. */
async function podsOf(
  cluster: Cluster,
  wanted: Readonly<Record<string, number>>,
): Promise<readonly Pod[]> {
  return await eventually(`there are Pods ${JSON.stringify(wanted)}`, async () => {
    const found = await pods(cluster);
    const counts = Object.groupBy(found, ({ metadata }) => metadata.labels["app"] ?? "");
    const isThere = ([app, count]: [string, number]) => counts[app]?.length === count;
    if (Object.entries(wanted).every(isThere)) return found;
    throw new Error(`${found.map(({ metadata }) => metadata.name)} ${await refusals(cluster)}`);
  }, { withinMs: 60_000 });
}

/** What controllers say of Pods that they were not allowed to make. */
async function refusals(cluster: Cluster): Promise<readonly string[]> {
  const { items } = await cluster.request("GET", `${here}/events`) as ListOf<
    { readonly reason: string; readonly message: string }
  >;
  return items.filter(({ reason }) => reason === "FailedCreate").map(({ message }) => message);
}

async function jobs(cluster: Cluster): Promise<readonly unknown[]> {
  const path = "/apis/batch/v1/namespaces/projectcontour/jobs";
  return (await cluster.request("GET", path) as ListOf<unknown>).items;
}

async function setStatus(cluster: Cluster, { metadata }: Pod, status: unknown): Promise<void> {
  await cluster.request("PATCH", `${here}/pods/${metadata.name}/status`, { status });
}

/** Gives a Pod its node, which is the scheduler's to do. */
async function bind(cluster: Cluster, { metadata: { name } }: Pod, node: string): Promise<void> {
  await cluster.request("POST", `${here}/pods/${name}/binding`, {
    apiVersion: "v1",
    kind: "Binding",
    metadata: { name },
    target: { apiVersion: "v1", kind: "Node", name: node },
  });
}

async function policyOf(cluster: Cluster): Promise<unknown> {
  const { metadata } = await cluster.request("GET", here) as Manifest;
  return (metadata["labels"] as Record<string, string>)["pod-security.kubernetes.io/enforce"];
}

/** The ports at which a Service finds so many endpoints. */
async function endpoints(
  cluster: Cluster,
  service: string,
  count: number,
): Promise<Readonly<Record<string, number>>> {
  const selector = encodeURIComponent(`kubernetes.io/service-name=${service}`);
  const path = "/apis/discovery.k8s.io/v1/namespaces/projectcontour/endpointslices";
  return await eventually(`${service} has ${count} endpoints`, async () => {
    const { items } = await cluster.request("GET", `${path}?labelSelector=${selector}`) as ListOf<{
      readonly endpoints?: readonly { readonly conditions: { readonly ready?: boolean } }[];
      readonly ports?: readonly { readonly name: string; readonly port: number }[];
    }>;
    const [slice] = items;
    const ready = slice?.endpoints?.filter(({ conditions }) => conditions.ready) ?? [];
    if (ready.length !== count) return undefined;
    return Object.fromEntries((slice?.ports ?? []).map(({ name, port }) => [name, port]));
  }, { withinMs: 60_000 });
}

/** The generation of each object that has one: it counts the changes of what is asked for. */
async function versions(cluster: Cluster, objects: readonly Manifest[]): Promise<unknown> {
  return await Promise.all(objects.map(async (object) => {
    const { metadata } = await cluster.request("GET", await cluster.pathOf(object)) as Manifest;
    return [object.kind, metadata.name, metadata["uid"], metadata["generation"]];
  }));
}

/** What is asked for by each object, as the server completed it. */
async function specs(cluster: Cluster, objects: readonly Manifest[]): Promise<readonly unknown[]> {
  return await Promise.all(objects.map(async (object) => {
    const { spec } = await cluster.request("GET", await cluster.pathOf(object)) as Manifest;
    return spec;
  }));
}
