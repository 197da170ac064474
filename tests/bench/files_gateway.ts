import { fileURLToPath } from "node:url";
import { Client } from "./client.ts";
import type { FilesWorld } from "./files_world.ts";
import { type BenchGateway, cpuMs, type Metrics, metricsAt, rss } from "./gateway.ts";
import { fqdn } from "./world.ts";

/** The controller on a world of files, as a process of its own, with the Envoy it runs. */
export class FilesGateway implements BenchGateway, AsyncDisposable {
  private constructor(
    readonly coldStartMs: number,
    readonly client: Client,
    readonly metricsPort: number,
    readonly process: Deno.ChildProcess,
    readonly log: Promise<string>,
  ) {}

  /** Starts it, and waits until Envoy answers for the last host. */
  static async start(world: FilesWorld, layout: string): Promise<FilesGateway> {
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
    return new FilesGateway(performance.now() - begin, client, metrics, process, log);
  }

  metrics(): Promise<Metrics> {
    return metricsAt(`http://127.0.0.1:${this.metricsPort}/metrics`);
  }

  async bytesSent(): Promise<number> {
    return (await this.metrics())("contour_xds_pushed_bytes_total");
  }

  controllerCpuMs(): Promise<number> {
    return cpuMs(this.process.pid);
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

function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map(({ addr }) => addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}
