import { parseArgs } from "node:util";
import { eventually } from "../support/wait.ts";
import { contourCommand, startContour } from "../support/contour_process.ts";
import { Crowd } from "./crowd.ts";
import { filesWorld } from "./files_world.ts";
import { cpuMs, metricsAt, rss } from "./gateway.ts";
import { machine } from "./machine.ts";
import { publish } from "./publish.ts";
import { markdownTable, mebibytes, quantile } from "./table.ts";
import { fqdn } from "./world.ts";

/**
 * What many Envoys cost a controller: memory, the way of one edit to all of them, and all coming back
 * at once: `--hosts 5000 --clients 200 --edits 50 --save NAME`. The clients speak the protocol and are
 * no Envoys, so that the machine can hold them.
 */
export async function benchClients(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      hosts: { type: "string", default: "5000" },
      clients: { type: "string", default: "200" },
      edits: { type: "string", default: "50" },
      save: { type: "string" },
    },
  });
  const [hosts, clients, edits] = [values.hosts, values.clients, values.edits].map(Number);
  if (hosts === undefined || clients === undefined || edits === undefined) throw new TypeError();
  await using world = await filesWorld(hosts);
  await using controller = startContour([
    ...["serve", world.folder, "--xds-port", "0", "--http-port", "0", "--stats-port", "0"],
    ...["--envoy-service-http-port", "18080", "--envoy-service-https-port", "18443"],
  ], exposingCollector(contourCommand));
  const listening = await controller.told("Listening");
  const port = Number(String(listening["xds"]).split(":").at(-1));
  const metricsUrl = String(listening["metrics"]);
  const sent = async () => (await metricsAt(metricsUrl))("contour_xds_pushed_bytes_total");

  // A first one shows what all must come to, and has the controller do what it does once.
  const first = new Crowd(port, 1);
  first.connect();
  const all = async (crowd: Crowd, count: number) => {
    for (const type of [scopes, endpoints, clusters]) {
      await eventually(
        `${count} clients have all of ${type}`,
        () => crowd.having(hosts, type) === count,
        { withinMs: 300_000 },
      );
    }
  };
  await all(first, 1);
  const bytesOfOne = await sent();
  const memoryUrl = new URL("/debug/memory", String(listening["debug"])).href;
  const inUse = async () => (await (await fetch(memoryUrl)).json()).heapUsed as number;
  const heapBefore = await inUse();
  const memoryBefore = await rss(controller.pid);

  const crowd = new Crowd(port, clients);
  const begin = performance.now();
  crowd.connect();
  await all(crowd, clients);
  const loadMs = performance.now() - begin;
  await idle(sent);
  const memoryAfter = await rss(controller.pid);
  const heapAfter = await inUse();

  const [left] = world.backends;
  const delays: number[] = [];
  const cpuBefore = await cpuMs(controller.pid);
  for (let edit = 1; edit <= edits; edit++) {
    crowd.forget();
    const host = (edit * 37) % hosts;
    const start = performance.now();
    await world.write(host, { revision: edit, backend: left });
    const scope = `http/${fqdn(host)}`;
    const seen = await eventually(
      "all clients have the edit",
      () => {
        const times = crowd.seenAt(scope).filter((time) => time !== undefined);
        return times.length === clients && times;
      },
      { withinMs: 30_000 },
    );
    delays.push(...seen.map((time) => time - start));
  }
  const cpu = (await cpuMs(controller.pid) - cpuBefore) / edits;
  const bytesBefore = await sent();
  const back = performance.now();
  crowd.reconnect();
  await eventually(
    "all are back",
    async () => (await metricsAt(metricsUrl))("contour_xds_connected_nodes") === clients,
    {
      withinMs: 60_000,
    },
  );
  await idle(sent);
  const bytesOfReturn = await sent() - bytesBefore;
  const returnMs = performance.now() - back;
  crowd.close();
  first.close();

  const perClient = (bytes: number) => `${(bytes / clients / 2 ** 20).toFixed(2)} MiB`;
  const text = [
    "# What many Envoys cost",
    await machine(),
    `${clients} clients, each with a connection and a node of its own, on ${
      hosts.toLocaleString("en")
    } hosts; an edit is the write of a file, and counts for each client when its response has arrived. The clients are one process and share the machine.`,
    markdownTable(["what", "result"], [
      ["one client's first load", mebibytes(bytesOfOne)],
      ["first load of all at once", `${(loadMs / 1_000).toFixed(1)} s`],
      ["memory in use for a client", perClient(heapAfter - heapBefore)],
      ["RSS for a client, right after all came at once", perClient(memoryAfter - memoryBefore)],
      ["RSS with all", mebibytes(memoryAfter)],
      ["one edit at a client, p50", `${quantile(delays, 0.5).toFixed(1)} ms`],
      ["one edit at a client, p99", `${quantile(delays, 0.99).toFixed(1)} ms`],
      ["controller CPU for an edit", `${cpu.toFixed(1)} ms`],
      ["bytes sent when all come back at once", `${bytesOfReturn}`],
      ["until all are back, and 300 ms of silence", `${(returnMs / 1_000).toFixed(1)} s`],
    ]),
  ].join("\n\n") + "\n";
  await publish(text, values.save);
}

const clusters = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
const endpoints = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
const scopes = "type.googleapis.com/envoy.config.route.v3.ScopedRouteConfiguration";

/** The same command with a V8 that can be told to tidy up. */
function exposingCollector([program = "", verb = "", ...rest]: readonly string[]): string[] {
  return [program, verb, "--v8-flags=--expose-gc", ...rest];
}

/** Resolves when nothing was sent for a while. */
async function idle(sent: () => Promise<number>): Promise<void> {
  for (let before = NaN;;) {
    const now = await sent();
    if (now === before) return;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
