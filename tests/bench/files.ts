import { parseArgs } from "node:util";
import { benchWorld } from "./world.ts";
import { Gateway } from "./gateway.ts";
import { measureEdits, type Measurement } from "./edits.ts";
import { machine } from "./machine.ts";
import { markdownTable } from "./table.ts";

/**
 * What one change costs, from the write of a file to a different answer of Envoy, at several numbers
 * of hosts; and what a start costs. `deno task bench [--hosts 100,1000] [--edits 200]
 * [--layout scoped|flat] [--save NAME]`; saved tables stand in `results/`.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      hosts: { type: "string", default: "100,1000,10000" },
      edits: { type: "string", default: "200" },
      layout: { type: "string", default: "scoped" },
      save: { type: "string" },
    },
  });
  const edits = Number(values.edits);
  const starts: string[][] = [];
  const costs: string[][] = [];
  for (const hosts of values.hosts.split(",").map(Number)) {
    await using world = await benchWorld(hosts);
    await using gateway = await Gateway.start(world, values.layout);
    starts.push([
      hosts.toLocaleString("en"),
      `${(gateway.coldStartMs / 1_000).toFixed(1)} s`,
      mebibytes(await gateway.controllerRss()),
      mebibytes(await gateway.envoyRss()),
    ]);
    for (const measurement of await measureEdits(world, gateway, edits)) {
      costs.push(costRow(hosts, measurement));
    }
  }
  const text = [
    `# What one change costs (layout \`${values.layout}\`)`,
    await machine(),
    `Each line is ${edits} changes, one after the other: a file is written, and requests are made until Envoy answers differently. Every host has three routes, a Service and an EndpointSlice, and a file of its own.`,
    markdownTable(
      [
        "hosts",
        "change",
        "seen after, p50",
        "p95",
        "memos visited",
        "controller CPU",
        "bytes sent",
      ],
      costs,
    ),
    "# What a start costs",
    "From the start of the process to the first right answer of Envoy; memory at that time.",
    markdownTable(["hosts", "cold start", "controller RSS", "Envoy RSS"], starts),
  ].join("\n\n") + "\n";
  console.log(text);
  if (values.save !== undefined) {
    await Deno.writeTextFile(new URL(`results/${values.save}.md`, import.meta.url), text);
  }
}

function costRow(hosts: number, measurement: Measurement): string[] {
  const { change, seenMs, memosVisited, cpuMs, bytes } = measurement;
  return [
    hosts.toLocaleString("en"),
    change,
    `${quantile(seenMs, 0.5).toFixed(1)} ms`,
    `${quantile(seenMs, 0.95).toFixed(1)} ms`,
    memosVisited.toFixed(1),
    `${cpuMs.toFixed(1)} ms`,
    `${Math.round(bytes)} B`,
  ];
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

await main();
