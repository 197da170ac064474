import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readManifests, startCluster } from "../support/cluster/mod.ts";
import { inParallel } from "../support/in_parallel.ts";
import { commandInPodNetwork } from "../support/pod_network.ts";
import { eventually } from "../support/wait.ts";
import { measureEdits } from "./edits.ts";
import { KubeGateway } from "./kube_gateway.ts";
import { kubeWorld } from "./kube_world.ts";
import { machine } from "./machine.ts";
import { publish } from "./publish.ts";
import { costRow, costTitles, markdownTable, mebibytes } from "./table.ts";
import { fqdn } from "./world.ts";

/**
 * What one change costs in a cluster, from the request to a real API server to a different answer of
 * Envoy; what a start costs; and how fast statuses are written. `CONTOUR_BIN` names another controller
 * with the same flags, which then does the same work on a cluster of its own.
 * `--hosts 5000 --edits 200 --statuses 2000 --save NAME`.
 */
export async function benchKube(args: readonly string[]): Promise<void> {
  // Endpoints may not have loopback addresses, so everything has a network of its own.
  if (Deno.env.get(inside) === undefined) return await again(args);
  const { values } = parseArgs({
    args: [...args],
    options: {
      hosts: { type: "string", default: "5000" },
      edits: { type: "string", default: "200" },
      statuses: { type: "string", default: "2000" },
      save: { type: "string" },
    },
  });
  const [hosts = 0, edits = 0, statuses = 0] = [values.hosts, values.edits, values.statuses]
    .map(Number);
  const found: Findings[] = [];
  for (const contender of contenders()) {
    found.push(await measure(contender, { hosts, edits, statuses }));
  }
  const rows = (pick: (findings: Findings) => readonly (readonly string[])[]) =>
    found.flatMap((findings) => pick(findings).map((row) => [findings.name, ...row]));
  const text = [
    `# What one change costs in a cluster`,
    await machine(),
    `${
      hosts.toLocaleString("en")
    } hosts. Each line is ${edits} changes, one after the other: a request to the API server, then requests to Envoy until it answers differently. Every host has three routes, a Service and an EndpointSlice; etcd, API server, controller, Envoy, backends and the clients share the machine. "Bytes sent" are those Envoy received.`,
    markdownTable(["controller", ...costTitles], rows(({ costs }) => costs)),
    "# What a start costs",
    "From the start of the process until Envoy answered for a sample of 100 hosts, each of the others then at once; memory at that time.",
    markdownTable(
      ["controller", "cold start", "controller RSS", "Envoy RSS"],
      rows(({ start }) => [start]),
    ),
    "# Statuses",
    markdownTable(["controller", "what", "result"], rows(({ statuses }) => statuses)),
  ].join("\n\n") + "\n";
  await publish(text, values.save);
}

/** A controller to measure, and how to start it. */
interface Contender {
  readonly name: string;
  readonly command: readonly string[];
}

/** Ours from source, and the one that `CONTOUR_BIN` names. */
function contenders(): readonly Contender[] {
  const source = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
  const ours = { name: "ours", command: [Deno.execPath(), "run", "-A", "--no-check", source] };
  const binary = Deno.env.get("CONTOUR_BIN");
  return binary ? [ours, { name: basename(binary), command: [binary] }] : [ours];
}

/** Rows of the three tables. */
interface Findings {
  readonly name: string;
  readonly costs: readonly (readonly string[])[];
  readonly start: readonly string[];
  readonly statuses: readonly (readonly string[])[];
}

async function measure(
  { name, command }: Contender,
  { hosts, edits, statuses }: {
    readonly hosts: number;
    readonly edits: number;
    readonly statuses: number;
  },
): Promise<Findings> {
  await using cluster = await startCluster();
  const { kubeconfig } = cluster;
  await cluster.apply(await readManifests(fileURLToPath(crds)));
  await cluster.request("POST", "/api/v1/namespaces", { metadata: { name: "projectcontour" } });
  await using world = await kubeWorld(cluster, hosts);
  const all = Array.from({ length: hosts }, (_, host) => fqdn(host));
  const first = await (async () => {
    await using gateway = await KubeGateway.start(command, { kubeconfig, hosts: all });
    const start = [
      `${(gateway.coldStartMs / 1_000).toFixed(1)} s`,
      mebibytes(await gateway.controllerRss()),
      mebibytes(await gateway.envoyRss()),
    ];
    await statusesAreWritten(cluster, hosts);
    const costs = (await measureEdits(world, gateway, edits)).map(costRow);
    return { start, costs, statuses: await measureStatuses(cluster, statuses) };
  })();
  await using gateway = await KubeGateway.start(command, { kubeconfig, hosts: all.slice(-1) });
  const metrics = await settledMetrics(gateway);
  const written = metrics("contour_status_update_total") -
    metrics("contour_status_update_noop_total");
  return { name, ...first, statuses: [...first.statuses, ["written by a restart", `${written}`]] };
}

const inside = "CONTOUR_BENCH_IN_POD_NETWORK";
const crds = new URL("../../manifests/crds", import.meta.url);

type Cluster = Awaited<ReturnType<typeof startCluster>>;

async function again(args: readonly string[]): Promise<void> {
  const main = fileURLToPath(new URL("./main.ts", import.meta.url));
  const command = [Deno.execPath(), "run", "-A", "--no-check", main, "kube", ...args];
  const [program = "", ...rest] = await commandInPodNetwork(command);
  const child = new Deno.Command(program, { args: rest, env: { [inside]: "1" } }).spawn();
  const { code } = await child.status;
  if (code !== 0) Deno.exit(code);
}

async function statusesAreWritten(cluster: Cluster, count: number): Promise<void> {
  await eventually(`${count} statuses are written`, async () => {
    const { items } = await cluster.request("GET", "/apis/projectcontour.io/v1/httpproxies") as {
      readonly items: readonly { readonly status?: { readonly currentStatus?: string } }[];
    };
    return items.filter(({ status }) => status?.currentStatus === "valid").length >= count;
  }, { withinMs: 120_000 });
}

/** How long until that many new HTTPProxies have their status, from the first request. */
async function measureStatuses(cluster: Cluster, count: number): Promise<string[][]> {
  const path = "/apis/projectcontour.io/v1/namespaces/default/httpproxies";
  const numbers = Array.from({ length: count }, (_, number) => number);
  const begin = performance.now();
  await inParallel(numbers, 16, (number) =>
    cluster.request("POST", path, {
      apiVersion: "projectcontour.io/v1",
      kind: "HTTPProxy",
      metadata: { name: `new-${number}` },
      spec: {
        virtualhost: { fqdn: `new-${number}.example.com` },
        routes: [{ directResponsePolicy: { statusCode: 200, body: "new" } }],
      },
    }));
  const created = performance.now();
  await eventually("all have a status", async () => {
    const { items } = await cluster.request("GET", path) as {
      readonly items: readonly { readonly status?: { readonly currentStatus?: string } }[];
    };
    return items.every(({ status }) => status?.currentStatus === "valid");
  }, { withinMs: 120_000 });
  const end = performance.now();
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  return [
    [`${count.toLocaleString("en")} HTTPProxies created, 16 at once`, seconds(created - begin)],
    ["all of them have their status, from the first request", seconds(end - begin)],
    ["the same, from the last request", seconds(end - created)],
  ];
}

/** Metrics once nothing was written for a while. */
async function settledMetrics(gateway: KubeGateway) {
  for (let before = NaN;;) {
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const metrics = await gateway.metrics();
    const now = metrics("contour_status_update_total");
    if (now === before && metrics("leader_election_master_status") === 1) return metrics;
    before = now;
  }
}
