/** One Pod: its volumes, its network, its containers, and what the API server is told of them. */
import { join } from "node:path";
import { type Api, unlessGone } from "../api.ts";
import { type OwnImage, ownImage } from "../images/mod.ts";
import { makePodNetwork, nodeAddress, ownPodAddress, type PodNetwork } from "../network.ts";
import { type Container, environmentOf, expand, type Pod } from "./pod.ts";
import { type ContainerState, podStatus } from "./pod_status.ts";
import { answersProbe } from "./probes.ts";
import { memoryLimitOf, type RunningProcess, startProcess } from "./process.ts";
import { programOf, type Programs } from "./programs.ts";
import { accountPath, writeServiceAccount } from "./service_account.ts";
import { Volumes } from "./volumes.ts";

/** What all Pods of a node share. */
export interface NodeContext {
  readonly api: Api;
  readonly programs: Programs;
  readonly folder: string;
  /** Folder of what containers write. */
  readonly logs: string;
  /** The environment of every container. */
  readonly env: Readonly<Record<string, string>>;
  /** PEM of who signs for the API server. */
  readonly authority: string;
}

interface RunningContainer extends ContainerState {
  process: RunningProcess | undefined;
  readonly log: Uint8Array[];
}

/** Runs a Pod until it is deleted. */
export class PodRunner {
  readonly pod: Pod;
  readonly #context: NodeContext;
  readonly #folder: string;
  readonly #stop = new AbortController();
  readonly #volumes: Volumes;
  readonly #states: readonly RunningContainer[];
  readonly #logs = new Map<string, Uint8Array[]>();
  readonly #own = new AsyncDisposableStack();
  readonly #startTime = new Date().toISOString();
  readonly #running: Promise<void>;
  #network: PodNetwork | undefined;
  #address = "";
  #told = "";
  #ending: Promise<void> | undefined;

  constructor(context: NodeContext, pod: Pod) {
    this.#context = context;
    this.pod = pod;
    this.#folder = join(context.folder, "pods", pod.metadata.uid);
    this.#volumes = new Volumes(context.api, this.#folder, pod);
    this.#states = pod.spec.containers.map((container) => {
      const log: Uint8Array[] = [];
      this.#logs.set(container.name, log);
      return { container, ready: false, restarts: 0, process: undefined, exit: undefined, log };
    });
    this.#running = this.#run().catch((error) => {
      if (!this.#stop.signal.aborted) console.error(`Pod ${pod.metadata.name}:`, error);
    });
  }

  /** Empty before there is one. */
  get address(): string {
    return this.#address;
  }

  get isEnding(): boolean {
    return this.#ending !== undefined;
  }

  /** Path of its network namespace; undefined for a Pod that lives in this process. */
  get network(): string | undefined {
    return this.#network?.path;
  }

  /** What a container has written. */
  log(container: string): Uint8Array {
    const parts = this.#logs.get(container) ?? [];
    const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  /** Ends it in order, with so much time, and takes it out of the API server. */
  end(graceSeconds: number): Promise<void> {
    return this.#ending ??= this.#end(graceSeconds);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    await Deno.mkdir(this.#folder, { recursive: true });
    const own = this.#states.map(({ container }) => ownImage(container.image));
    const isOwn = own.every((image) => image !== undefined);
    if (isOwn) this.#address = ownPodAddress();
    else {
      this.#network = await makePodNetwork();
      this.#address = this.#network.address;
    }
    await this.#volumes.make(signal);
    await this.#tell();
    if (isOwn) await this.#runOwn(own.filter((image) => image !== undefined));
    else await this.#runProcesses();
  }

  async #runOwn(images: readonly OwnImage[]): Promise<void> {
    for (const [at, image] of images.entries()) {
      const state = this.#states[at];
      if (state === undefined) continue;
      const { container } = state;
      const env = environmentOf(container, this.pod.metadata, this.#address);
      const mounts = this.#volumes.mounts(container);
      this.#own.use(
        await image({
          address: this.#address,
          env,
          args: (container.args ?? []).map((arg) => expand(arg, env)),
          read: (path) => {
            const [here, there] = mounts.find(([, there]) => path.startsWith(`${there}/`)) ?? [];
            if (here === undefined || there === undefined) throw new Error(`No volume has ${path}`);
            return Deno.readTextFile(join(here, path.slice(there.length)));
          },
        }),
      );
      state.ready = true;
    }
    await this.#tell();
  }

  async #runProcesses(): Promise<void> {
    const { signal } = this.#stop;
    await Deno.writeTextFile(join(this.#folder, "resolv.conf"), this.#resolvConf());
    for (const container of this.pod.spec.initContainers ?? []) {
      const log: Uint8Array[] = [];
      this.#logs.set(container.name, log);
      for (;;) {
        signal.throwIfAborted();
        const process = await this.#start(container, log, "init");
        const { code } = await process.status;
        if (code === 0) break;
        console.error(`${container.name} exits with ${code}: ${text(this.log(container.name))}`);
        await delay(1_000);
      }
    }
    const containers = this.#states.map((state) => this.#keepRunning(state));
    const probing = this.#probe();
    await Promise.all([...containers, probing]);
  }

  async #keepRunning(state: RunningContainer): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      state.process = await this.#start(state.container, state.log, String(state.restarts));
      if (signal.aborted) state.process.kill("SIGTERM");
      const { code, signal: by } = await state.process.status;
      state.process = undefined;
      state.ready = false;
      state.exit = { code };
      if (signal.aborted || this.#ending !== undefined) return;
      const { restartPolicy = "Always" } = this.pod.spec;
      if (restartPolicy === "Never" || (restartPolicy === "OnFailure" && code === 0)) {
        return await this.#tell();
      }
      console.error(
        `${this.pod.metadata.name}/${state.container.name} ended with ${by ?? code}: started again`,
      );
      state.restarts++;
      await this.#tell();
      await delay(1_000);
    }
  }

  async #probe(): Promise<void> {
    const { signal } = this.#stop;
    while (
      !signal.aborted &&
      this.#states.some(({ exit, restarts }) => exit === undefined || restarts > 0)
    ) {
      for (const state of this.#states) {
        const { container, process } = state;
        state.ready = process !== undefined && (container.readinessProbe === undefined ||
          await answersProbe(container.readinessProbe, this.#address, container));
      }
      await this.#tell();
      await delay(200);
    }
  }

  async #start(container: Container, log: Uint8Array[], turn: string): Promise<RunningProcess> {
    const { programs, env: common } = this.#context;
    const own = environmentOf(container, this.pod.metadata, this.#address);
    const asked = [...(container.command ?? []), ...(container.args ?? [])];
    const program = programOf(programs, container.image, asked.map((word) => expand(word, own)));
    const folder = join(this.#folder, "containers", `${container.name}-${turn}`);
    await Deno.mkdir(folder, { recursive: true });
    await Deno.copyFile(join(this.#folder, "resolv.conf"), join(folder, "resolv.conf"));
    const { api, authority } = this.#context;
    const account = await writeServiceAccount(
      api,
      authority,
      this.pod,
      join(this.#folder, "account"),
    );
    return startProcess(program.command, {
      network: this.#network?.path ?? "",
      hostname: this.pod.metadata.name,
      folder,
      mounts: [
        ...this.#volumes.mounts(container),
        ...(account === undefined ? [] : [[account, accountPath] as const]),
      ],
      env: { ...common, ...program.env, ...own },
      memoryLimit: memoryLimitOf(container),
    }, (bytes) => {
      log.push(bytes);
      const { namespace, name } = this.pod.metadata;
      const file = `${namespace}_${name}_${container.name}.log`;
      Deno.writeFileSync(join(this.#context.logs, file), bytes, { append: true });
    });
  }

  async #end(graceSeconds: number): Promise<void> {
    const end = performance.now() + graceSeconds * 1_000;
    await Promise.all(this.#states.map(async (state) => {
      const { container, process } = state;
      const preStop = container.lifecycle?.preStop;
      if (process === undefined) return;
      if (preStop !== undefined) {
        await Promise.race([
          this.#callPreStop(container, preStop),
          process.status,
          delay(end - performance.now()),
        ]);
      }
      process.kill("SIGTERM");
      await Promise.race([process.status, delay(Math.max(1_000, end - performance.now()))]);
      process.kill("SIGKILL");
      await process.status;
    }));
    this.#stop.abort();
    await this.#own.disposeAsync();
    const { metadata } = this.pod;
    await unlessGone(this.#context.api.request("DELETE", this.#path(), {
      apiVersion: "v1",
      kind: "DeleteOptions",
      gracePeriodSeconds: 0,
      preconditions: { uid: metadata.uid },
    }));
    await this.#running;
    await this.#network?.remove();
  }

  async #callPreStop(
    container: Container,
    { httpGet, exec }: NonNullable<Container["readinessProbe"]>,
  ) {
    try {
      if (exec !== undefined) {
        const stopping = { ...container, command: exec.command, args: [] };
        await (await this.#start(stopping, [], "stop")).status;
      }
      if (httpGet !== undefined) {
        const answer = await fetch(`http://${this.#address}:${httpGet.port}${httpGet.path ?? "/"}`);
        await answer.body?.cancel();
      }
    } catch {
      // It ends without.
    }
  }

  #path(): string {
    const { namespace, name } = this.pod.metadata;
    return `/api/v1/namespaces/${namespace}/pods/${name}`;
  }

  async #tell(): Promise<void> {
    const status = podStatus(this.#address, this.#startTime, this.#states);
    const text = JSON.stringify(status);
    if (text === this.#told || this.#stop.signal.aborted) return;
    this.#told = text;
    await unlessGone(this.#context.api.request("PATCH", `${this.#path()}/status`, {
      metadata: { uid: this.pod.metadata.uid },
      status,
    })).catch((error) => {
      // Another Pod may have the name by now.
      if (!/ is answered (409|422): /.test(String(error))) throw error;
    });
  }

  #resolvConf(): string {
    const domains = [`${this.pod.metadata.namespace}.svc`, "svc", ""]
      .map((part) => part === "" ? "cluster.local" : `${part}.cluster.local`);
    return `nameserver ${nodeAddress}\nsearch ${domains.join(" ")}\noptions ndots:5\n`;
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
