/**
 * An edge of a real cluster: an API server, controllers of our own as processes, Envoys that they
 * configure, and Pods that answer. Runs in a network of its own; see `testInPodNetwork`.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Backend, startBackend } from "../support/backend.ts";
import {
  type Cluster,
  type Manifest,
  readManifests,
  startCluster,
} from "../support/cluster/mod.ts";
import { type ContourProcess, startContour } from "../support/contour_process.ts";
import { type ListenPlace, listenPlace } from "../support/envoy.ts";
import { type HttpAnswer, send } from "../support/http_client.ts";
import { podAddress } from "../support/pod_network.ts";
import { eventually } from "../support/wait.ts";

/** Our CRDs. */
export const crds = fileURLToPath(new URL("../../manifests/crds", import.meta.url));

/** A cluster with our CRDs. */
export async function startEdgeCluster(
  options: Parameters<typeof startCluster>[0] = {},
): Promise<Cluster> {
  const cluster = await startCluster(options);
  try {
    await cluster.apply(await readManifests(crds));
    await cluster.apply([
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "projectcontour" } },
    ]);
    return cluster;
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}

/** A controller that runs, and where it listens. */
export interface Controller extends ContourProcess {
  readonly xdsPort: number;
  /** `http://127.0.0.1:…`, with metrics and health. */
  readonly http: string;
  readonly place: ListenPlace;
}

/** What makes one controller unlike another. */
export interface ControllerOptions {
  readonly cluster: Cluster;
  /** Where Envoys listen; one of its own when absent. */
  readonly place?: ListenPlace;
  /** Any free port when absent. */
  readonly xdsPort?: number;
  /** Default: `--insecure`. */
  readonly security?: readonly string[];
  readonly args?: readonly string[];
  readonly kubeconfig?: string;
}

/** Starts `contour serve` on a cluster, and waits until Envoys may come. */
export async function startController(options: ControllerOptions): Promise<Controller> {
  const { cluster, place = listenPlace(), xdsPort = 0, args = [] } = options;
  const { security = ["--insecure"], kubeconfig = cluster.kubeconfig } = options;
  const process = startContour([
    ...["serve", "--kubeconfig", kubeconfig, ...security, "--xds-port", `${xdsPort}`],
    ...["--http-address", "127.0.0.1", "--http-port", "0"],
    ...["--health-address", "127.0.0.1", "--health-port", "0", "--debug-http-port", "0"],
    ...["--envoy-service-http-address", place.address],
    ...["--envoy-service-http-port", `${place.http}`],
    ...["--envoy-service-https-address", place.address],
    ...["--envoy-service-https-port", `${place.https}`],
    ...["--stats-address", place.address, "--stats-port", "8002"],
    ...args,
  ]);
  try {
    const listening = await process.told("Listening");
    const xds = String(listening["xds"]);
    return Object.assign(process, {
      xdsPort: Number(xds.slice(xds.lastIndexOf(":") + 1)),
      http: new URL(String(listening["metrics"])).origin,
      place,
    });
  } catch (error) {
    await process[Symbol.asyncDispose]();
    throw error;
  }
}

/** A Pod with its Service: what a team runs. */
export async function startPod(
  name: string,
  options: { readonly number: number; readonly namespace?: string },
): Promise<Backend & { readonly manifests: readonly Manifest[] }> {
  const address = podAddress(options.number);
  const backend = await startBackend({ name, address });
  const { namespace = "default" } = options;
  return Object.assign(backend, {
    manifests: serviceAt({ namespace, name, address, port: backend.port }),
  });
}

/** A Service with port 80, and its one endpoint. */
export function serviceAt(
  { namespace, name, address, port }: {
    readonly namespace: string;
    readonly name: string;
    readonly address: string;
    readonly port: number;
  },
): readonly Manifest[] {
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { namespace, name },
      spec: { ports: [{ port: 80, targetPort: port }] },
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { namespace, name: `${name}-1`, labels: { "kubernetes.io/service-name": name } },
      addressType: "IPv4",
      ports: [{ port }],
      endpoints: [{ addresses: [address] }],
    },
  ];
}

/** A root with one route. */
export function rootProxy(
  name: string,
  { namespace = "default", service = name, fqdn = `${name}.test`, route = {} }: {
    readonly namespace?: string;
    readonly service?: string;
    readonly fqdn?: string;
    /** Further fields of the route. */
    readonly route?: Readonly<Record<string, unknown>>;
  } = {},
): Manifest {
  return {
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { namespace, name },
    spec: {
      virtualhost: { fqdn },
      routes: [{ services: [{ name: service, port: 80 }], ...route }],
    },
  };
}

/** Asks an Envoy. */
export function ask({ address, http }: ListenPlace, host: string, path = "/"): Promise<HttpAnswer> {
  return send({ address, port: http }, { host, path });
}

/** Waits until a host answers by a backend. */
export async function answers(place: ListenPlace, host: string, backend: string): Promise<void> {
  await eventually(`${host} is answered by ${backend}`, async () => {
    const { status, body } = await ask(place, host);
    if (status === 200 && JSON.parse(body).backend === backend) return true;
    throw new Error(`It was ${status} ${body}`);
  }, { withinMs: 20_000 });
}

/** The status of an object, once it is as wanted. */
export async function statusOf<Status>(
  cluster: Cluster,
  manifest: Manifest,
  isWanted: (status: Status | undefined) => boolean,
): Promise<Status | undefined> {
  const path = await cluster.pathOf(manifest);
  return await eventually(`${manifest.kind} ${manifest.metadata.name} has its status`, async () => {
    const { status } = await cluster.request("GET", path) as { readonly status?: Status };
    if (isWanted(status)) return { status };
    throw new Error(`It is ${JSON.stringify(status)}`);
  }, { withinMs: 20_000 }).then(({ status }) => status);
}

/** A page of a controller: the status and the text. */
export async function page(url: string): Promise<readonly [number, string]> {
  const response = await fetch(url);
  return [response.status, await response.text()];
}

/** A file that goes with the cluster. */
export function fileOf({ folder }: Cluster, name: string): string {
  return join(folder, name);
}
