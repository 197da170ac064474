import { envoyBinary, envoyProcess } from "../../controller/data_plane/mod.ts";
import { eventually } from "../support/wait.ts";
import { Client } from "./client.ts";
import { type BenchGateway, cpuMs, type Metrics, metricsAt, rss } from "./gateway.ts";

/** A controller on a cluster, as a process of its own, and an Envoy beside it. */
export class KubeGateway implements BenchGateway, AsyncDisposable {
  readonly client = new Client(ports.http);

  private constructor(
    /** From the start of the controller until every host of a sample had answered. */
    readonly coldStartMs: number,
    private readonly controller: Deno.ChildProcess,
    private readonly envoy: { readonly pid: number; readonly end: () => Promise<void> },
    private readonly log: Promise<string>,
  ) {}

  /**
   * Starts both, and waits until Envoy answers for these hosts. The time is that of a sample of them,
   * as asking thousands takes seconds of its own; the others then have to answer at once.
   */
  static async start(
    [program = "", ...args]: readonly string[],
    { kubeconfig, hosts }: { readonly kubeconfig: string; readonly hosts: readonly string[] },
  ): Promise<KubeGateway> {
    const begin = performance.now();
    const controller = new Deno.Command(program, {
      args: [...args, "serve", `--kubeconfig=${kubeconfig}`, "--insecure", ...places],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const log = new Response(controller.stderr).text();
    const envoy = await startEnvoy();
    const gateway = new KubeGateway(NaN, controller, envoy, log);
    try {
      const isServed = async (host: string) => (await gateway.client.get(host)).status === 200;
      const step = Math.max(1, Math.floor(hosts.length / 100));
      for (const host of [...hosts.filter((_, i) => i % step === 0), ...hosts.slice(-1)]) {
        await eventually(`${host} is served`, () => isServed(host), { withinMs: 120_000 });
      }
      const coldStartMs = performance.now() - begin;
      for (const host of hosts) {
        if (!await isServed(host)) throw new Error(`${host} was later than the others`);
      }
      return Object.assign(gateway, { coldStartMs });
    } catch (error) {
      await gateway[Symbol.asyncDispose]();
      throw new Error(`The gateway does not answer:\n${(await log).slice(-5_000)}`, {
        cause: error,
      });
    }
  }

  metrics(): Promise<Metrics> {
    return metricsAt(`http://127.0.0.1:${ports.metrics}/metrics`);
  }

  /** As Envoy counts them, whatever the controller is. */
  async bytesSent(): Promise<number> {
    const stats = await (await fetch(`http://127.0.0.1:${ports.stats}/stats`)).text();
    const count = /^cluster\.projectcontour_contour_\d+\.upstream_cx_rx_bytes_total: (\d+)/m
      .exec(stats)?.[1];
    if (count === undefined) throw new Error("Envoy does not count what it is sent");
    return Number(count);
  }

  controllerCpuMs(): Promise<number> {
    return cpuMs(this.controller.pid);
  }

  controllerRss(): Promise<number> {
    return rss(this.controller.pid);
  }

  envoyRss(): Promise<number> {
    return rss(this.envoy.pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    try {
      this.controller.kill("SIGTERM");
    } catch {
      // It has ended by itself, and its log says why.
    }
    await this.controller.status;
    await this.envoy.end();
    await this.log;
  }
}

/** Nobody else is in our network. */
const ports = { http: 8080, https: 8443, stats: 8002, metrics: 8000, xds: 8001 };

const places = [
  ...["--xds-address=127.0.0.1", `--xds-port=${ports.xds}`],
  ...["--http-address=127.0.0.1", `--http-port=${ports.metrics}`],
  ...["--health-address=127.0.0.1", `--health-port=${ports.metrics}`],
  ...["--envoy-service-http-address=127.0.0.1", `--envoy-service-http-port=${ports.http}`],
  ...["--envoy-service-https-address=127.0.0.1", `--envoy-service-https-port=${ports.https}`],
  ...["--stats-address=127.0.0.1", `--stats-port=${ports.stats}`],
];

async function startEnvoy() {
  const stop = new AbortController();
  const started = Promise.withResolvers<number>();
  const process = await envoyProcess({
    binary: await envoyBinary(),
    bootstrap: {
      node: { id: "bench", cluster: "contour" },
      xds: { address: "127.0.0.1", port: ports.xds },
      namespace: "projectcontour",
    },
    concurrency: 1,
    signal: stop.signal,
    onEvent: (event) => {
      if (event.kind === "started") started.resolve(event.pid);
    },
  });
  const pid = await started.promise;
  return {
    pid,
    async end() {
      stop.abort();
      await process.done;
    },
  };
}
