import { fileURLToPath } from "node:url";
import { Client } from "./client.ts";
import { type BenchWorld, fqdn } from "./world.ts";

/** The controller on a world of files, as a process of its own, with the Envoy it runs. */
export class Gateway implements AsyncDisposable {
  private constructor(
    readonly coldStartMs: number,
    readonly client: Client,
    readonly metricsPort: number,
    readonly process: Deno.ChildProcess,
    readonly log: Promise<string>,
  ) {}

  /** Starts it, and waits until Envoy answers for the last host. */
  static async start(world: BenchWorld, layout: string): Promise<Gateway> {
    const [http, https, stats, xds, metrics] = freePorts(5);
    if (http === undefined || metrics === undefined) throw new Error("No free ports");
    const begin = performance.now();
    const process = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        fileURLToPath(new URL("../../cli/main.ts", import.meta.url)),
        "serve",
        world.folder,
        "--envoy",
        `--xds-layout=${layout}`,
        `--xds-port=${xds}`,
        `--http-port=${metrics}`,
        `--stats-port=${stats}`,
        `--envoy-service-http-port=${http}`,
        `--envoy-service-https-port=${https}`,
      ],
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const log = new Response(process.stderr).text();
    const client = new Client(http);
    const deadline = begin + 120_000;
    const last = fqdn(world.hosts - 1);
    while ((await client.get(last)).status !== 200) {
      if (performance.now() < deadline) continue;
      process.kill();
      throw new Error(`The gateway did not answer:\n${await log}`);
    }
    return new Gateway(performance.now() - begin, client, metrics, process, log);
  }

  /** Values of metrics, each summed over its labels. */
  async metrics(): Promise<(name: string) => number> {
    const text = await (await fetch(`http://127.0.0.1:${this.metricsPort}/metrics`)).text();
    return (name) =>
      text.split("\n").filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
        .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
  }

  /** Time the controller was on a processor, in milliseconds, all threads together. */
  async controllerCpuMs(): Promise<number> {
    let nanoseconds = 0;
    for await (const { name } of Deno.readDir(`/proc/${this.process.pid}/task`)) {
      const path = `/proc/${this.process.pid}/task/${name}/schedstat`;
      const text = await Deno.readTextFile(path).catch(() => "0");
      nanoseconds += Number(text.split(" ")[0]);
    }
    return nanoseconds / 1e6;
  }

  /** Memory of the controller in RAM, in bytes. */
  controllerRss(): Promise<number> {
    return rss(this.process.pid);
  }

  /** Memory of its Envoy in RAM, in bytes. */
  async envoyRss(): Promise<number> {
    for await (const { name } of Deno.readDir("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      const stat = await Deno.readTextFile(`/proc/${name}/stat`).catch(() => "");
      const [, command, parent] = /\((.*)\) \S+ (\d+)/.exec(stat) ?? [];
      if (command?.startsWith("envoy") && Number(parent) === this.process.pid) {
        return await rss(Number(name));
      }
    }
    return NaN;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    this.process.kill("SIGTERM");
    await this.process.status;
    await this.log;
  }
}

async function rss(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1_024;
}

function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map(({ addr }) => addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}
