import { parseArgs } from "node:util";
import { measureEdits } from "./edits.ts";
import { FilesGateway } from "./files_gateway.ts";
import { filesWorld } from "./files_world.ts";
import { machine } from "./machine.ts";
import { publish } from "./publish.ts";
import { costRow, costTitles, markdownTable, mebibytes } from "./table.ts";

/**
 * What one change costs, from the write of a file to a different answer of Envoy, at several numbers
 * of hosts; and what a start costs: `--hosts 100,1000 --edits 200 --layout scoped|flat --save NAME`.
 */
export async function benchFiles(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
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
    await using world = await filesWorld(hosts);
    await using gateway = await FilesGateway.start(world, values.layout);
    starts.push([
      hosts.toLocaleString("en"),
      `${(gateway.coldStartMs / 1_000).toFixed(1)} s`,
      mebibytes(await gateway.controllerRss()),
      mebibytes(await gateway.envoyRss()),
    ]);
    for (const measurement of await measureEdits(world, gateway, edits)) {
      costs.push([hosts.toLocaleString("en"), ...costRow(measurement)]);
    }
  }
  const text = [
    `# What one change costs (layout \`${values.layout}\`)`,
    await machine(),
    `Each line is ${edits} changes, one after the other: a file is written, and requests are made until Envoy answers differently. Every host has three routes, a Service and an EndpointSlice, and a file of its own.`,
    markdownTable(["hosts", ...costTitles], costs),
    "# What a start costs",
    "From the start of the process to the first right answer of Envoy; memory at that time.",
    markdownTable(["hosts", "cold start", "controller RSS", "Envoy RSS"], starts),
  ].join("\n\n") + "\n";
  await publish(text, values.save);
}
