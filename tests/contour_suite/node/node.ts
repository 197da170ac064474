/** The one node: it takes every Pod, runs it, and tells of it what kubelet and scheduler would. */
import { join } from "node:path";
import { nodeAddress } from "../network.ts";
import { passOn } from "../tcp.ts";
import { serveLogs } from "./logs.ts";
import type { Pod } from "./pod.ts";
import { type NodeContext, PodRunner } from "./runner.ts";

const name = "suite-node";

/** See above. */
export class Node {
  readonly #context: NodeContext;
  readonly #runners = new Map<string, PodRunner>();
  readonly #own = new DisposableStack();

  constructor(context: NodeContext) {
    this.#context = context;
  }

  /** Joins the cluster, and follows its Pods. */
  async join(): Promise<void> {
    const { api } = this.#context;
    const port = await serveLogs(
      nodeAddress,
      (namespace, pod, container) =>
        this.#latest((each) => each.namespace === namespace && each.name === pod)?.log(container),
    );
    await api.request("POST", "/api/v1/nodes", {
      metadata: { name, labels: { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux" } },
      spec: {},
    });
    const now = new Date().toISOString();
    await api.request("PATCH", `/api/v1/nodes/${name}/status`, {
      status: {
        capacity: { cpu: "64", memory: "256Gi", pods: "1000" },
        allocatable: { cpu: "64", memory: "256Gi", pods: "1000" },
        addresses: [{ type: "InternalIP", address: nodeAddress }],
        daemonEndpoints: { kubeletEndpoint: { Port: port } },
        conditions: [{
          type: "Ready",
          status: "True",
          reason: "Ready",
          message: "",
          lastHeartbeatTime: now,
          lastTransitionTime: now,
        }],
      },
    });
    await this.#renew();
    const timer = setInterval(() => this.#renew().catch(console.error), 5_000);
    this.#own.defer(() => clearInterval(timer));
    api.follow<Pod>("/api/v1/pods", (pod, state) => this.#see(pod, state));
    // What kind maps to the ports of a node that Pods ask for.
    for (const [port, hostPort] of [[9080, 80], [9443, 443], [8002, 8002]] as const) {
      this.#own.use(passOn({ hostname: "127.0.0.1", port }, () => this.#atHostPort(hostPort)));
    }
  }

  /** Ends all Pods at once. */
  async leave(): Promise<void> {
    this.#own.dispose();
    await Promise.allSettled([...this.#runners.values()].map((runner) => runner.end(0)));
  }

  #see(pod: Pod, state: "present" | "gone"): void {
    const { uid, namespace, deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
    const runner = this.#runners.get(uid);
    if (state === "gone") {
      void runner?.end(0).catch(console.error).finally(() => this.#runners.delete(uid));
    } else if (deletionTimestamp !== undefined) {
      const ending = (runner ?? new PodRunner(this.#context, pod)).end(
        deletionGracePeriodSeconds ?? 0,
      );
      void ending.catch(console.error);
    } else if (pod.spec.nodeName === undefined) {
      void this.#context.api.request(
        "POST",
        `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}/binding`,
        { metadata: { name: pod.metadata.name, uid }, target: { kind: "Node", name } },
      ).catch(() => {}); // gone, or bound a moment ago
    } else if (runner === undefined) {
      const started = new PodRunner(this.#context, pod);
      this.#runners.set(uid, started);
      void this.#note(started);
    }
  }

  /** Where the network of each Pod is, for the stand-in of kubectl. */
  async #note(runner: PodRunner): Promise<void> {
    while (runner.address === "") await new Promise((resolve) => setTimeout(resolve, 20));
    if (runner.network === undefined) return;
    const folder = join(this.#context.folder, "networks");
    await Deno.mkdir(folder, { recursive: true });
    const { namespace, name } = runner.pod.metadata;
    await Deno.writeTextFile(join(folder, `${namespace}_${name}`), runner.network);
  }

  #latest(matches: (metadata: Pod["metadata"]) => boolean): PodRunner | undefined {
    return [...this.#runners.values()].findLast(({ pod }) => matches(pod.metadata));
  }

  #atHostPort(hostPort: number): Promise<Deno.Conn> | undefined {
    for (const runner of [...this.#runners.values()].reverse()) {
      if (runner.address === "") continue;
      const ports = runner.pod.spec.containers.flatMap(({ ports }) => ports ?? []);
      const port = ports.find((each) => each.hostPort === hostPort)?.containerPort;
      if (port !== undefined) return Deno.connect({ hostname: runner.address, port });
    }
    return undefined;
  }

  async #renew(): Promise<void> {
    const path = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${name}`;
    await this.#context.api.request("PATCH", `${path}?fieldManager=node&force=true`, {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name, namespace: "kube-node-lease" },
      spec: {
        holderIdentity: name,
        leaseDurationSeconds: 40,
        renewTime: new Date().toISOString().replace("Z", "000Z"),
      },
    }, "application/apply-patch+yaml");
  }
}
