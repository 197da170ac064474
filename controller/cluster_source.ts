import { isIP } from "node:net";
import { allWell, type Verdict } from "./admin/mod.ts";
import { keyFromId, type Kind, type ObjectKey } from "./api/mod.ts";
import { type Configuration, settingsOf } from "./configuration/mod.ts";
import {
  type KubeBatch,
  type KubeClient,
  kubeClient,
  type KubeSource,
  loadAccess,
  type LoadBalancer,
  routingKinds,
  standForElection,
  StatusWriter,
  systemClock,
  watchCluster,
} from "./kube/mod.ts";
import type { ObjectBatch, ObjectSource } from "./object_source.ts";
import type { Observer } from "./observer.ts";
import type { ClusterOptions } from "./serve_options.ts";
import { secretNamespaces } from "./store/mod.ts";
import type { TranslationDelta } from "./translation/mod.ts";
import { version } from "./version.ts";

/**
 * Objects from a cluster, to which the verdicts go back while we lead. Rejects when it is not said
 * how to reach the cluster; one that does not answer is waited for.
 */
export async function clusterSource(
  options: ClusterOptions,
  surroundings: Omit<Surroundings, "options">,
): Promise<ObjectSource> {
  const { inCluster, kubeconfig, limit } = options.access;
  const access = await loadAccess({
    inCluster,
    env: environment(),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
  });
  const client = kubeClient({
    access,
    clock: systemClock,
    userAgent: `contour/${version}`,
    limit,
  });
  return new ClusterSource(client, { ...surroundings, options });
}

/** What it takes to find the API server; read one by one, so that no more need be allowed. */
function environment(): Readonly<Record<string, string | undefined>> {
  const names = ["KUBECONFIG", "HOME", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"];
  return Object.fromEntries(names.map((name) => [name, Deno.env.get(name)]));
}

/** What a source is given besides the cluster. */
export interface Surroundings {
  readonly options: ClusterOptions;
  readonly configuration: Configuration;
  readonly observer: () => Observer;
  /** Resolves when Envoys have what they need to begin with; statuses can wait until then. */
  readonly served: Promise<void>;
  readonly signal: AbortSignal;
}

class ClusterSource implements ObjectSource {
  readonly #client: KubeClient & Disposable;
  readonly #surroundings: Surroundings;
  readonly #source: KubeSource;
  readonly #writer: StatusWriter;
  /** Whose addresses go into statuses; absent when the addresses are configured. */
  readonly #envoy: ObjectKey | undefined;
  #election: Promise<void> | undefined;
  #isLeading = false;

  constructor(client: KubeClient & Disposable, surroundings: Surroundings) {
    this.#client = client;
    this.#surroundings = surroundings;
    const { options, configuration, observer, signal } = surroundings;
    const common = { client, clock: systemClock, random: Math.random, signal };
    const { statusAddresses, envoy } = configuration;
    this.#envoy = statusAddresses.length > 0 ? undefined : { kind: "Service", ...envoy.service };
    this.#source = watchCluster({
      ...common,
      kinds: routingKinds.filter((kind) => !options.disabledKinds.includes(kind)),
      watchNamespaces: options.watchNamespaces,
      secretNamespaces: secretNamespaces(settingsOf(configuration)),
      statusesOf: this.#envoy === undefined ? [] : [this.#envoy],
      notify: (event) => observer().followed(event),
    });
    this.#writer = new StatusWriter({
      ...common,
      statusOf: (key) => this.#source.statusOf(key),
      notify: (event) => observer().wrote(event),
    });
    if (statusAddresses.length > 0) {
      const ingress = statusAddresses.map((text) => isIP(text) ? { ip: text } : { hostname: text });
      this.#writer.setLoadBalancer({ ingress });
    }
  }

  async *batches(): AsyncGenerator<ObjectBatch> {
    let isFirst = true;
    for await (const batch of this.#source) {
      const { applied, deleted } = batch;
      yield {
        applied,
        deleted,
        tell: () => {
          this.#surroundings.observer().cluster(batch, this.#source);
          this.#noteStatuses(batch);
        },
      };
      // Who has seen nothing of the cluster yet has nothing to say about it.
      if (isFirst) this.#stand();
      isFirst = false;
    }
  }

  locate(): undefined {
    return undefined;
  }

  diagnostics(): ReturnType<ObjectSource["diagnostics"]> {
    return this.#source.diagnostics();
  }

  get objectCount(): number {
    return this.#source.counters().objects;
  }

  publish({ changed, removed }: TranslationDelta["statuses"]): void {
    for (const { key, status, extensionStatus } of changed) {
      if (!written.has(key.kind)) continue;
      this.#writer.want(key, status ?? extensionStatus ?? {});
    }
    for (const key of removed.map(keyFromId)) {
      if (written.has(key.kind)) this.#writer.want(key, undefined);
    }
  }

  async health(): Promise<Verdict> {
    try {
      const request = { method: "GET", path: "/version", urgent: true, timeoutMs: 2_000 } as const;
      await this.#client.request(request, this.#surroundings.signal);
      return allWell;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { ok: false, reasons: [`The last known configuration is served: ${reason}`] };
    }
  }

  async ended(): Promise<void> {
    await this.#election;
    this.#client[Symbol.dispose]();
  }

  #noteStatuses({ statuses }: KubeBatch): void {
    this.#writer.observed(statuses);
    const envoy = this.#envoy;
    if (envoy === undefined) return;
    const isEnvoy = ({ kind, namespace, name }: ObjectKey) =>
      kind === envoy.kind && namespace === envoy.namespace && name === envoy.name;
    if (!statuses.some(isEnvoy)) return;
    this.#writer.setLoadBalancer(loadBalancerIn(this.#source.statusOf(envoy)?.status));
  }

  /** The first statuses of thousands of objects would compete with the first load of Envoys. */
  #lead(): void {
    this.#isLeading = true;
    void this.#surroundings.served.then(() => {
      if (this.#isLeading) this.#writer.lead();
    });
  }

  #follow(): void {
    this.#isLeading = false;
    this.#writer.follow();
  }

  /** Leads at once where there is no election, else stands for it. */
  #stand(): void {
    const { options: { election }, observer, signal } = this.#surroundings;
    if (election === undefined) return this.#lead();
    const { namespace, name, timing } = election;
    observer().leads(name, false);
    this.#election = standForElection({
      client: this.#client,
      namespace,
      name,
      identity: `${Deno.hostname()}_${crypto.randomUUID()}`,
      timing,
      clock: systemClock,
      random: Math.random,
      signal,
      notify: (event) => {
        if (event.kind === "started") this.#lead();
        if (event.kind === "stopped") this.#follow();
        observer().election(name, event);
      },
    });
  }
}

/** Of other kinds the log tells what is wrong. */
const written: ReadonlySet<Kind> = new Set<Kind>(["HTTPProxy", "Ingress", "ExtensionService"]);

/** As the Service of Envoy has it: nothing while it has none. */
function loadBalancerIn(status: unknown): LoadBalancer | undefined {
  if (typeof status !== "object" || status === null || !("loadBalancer" in status)) {
    return undefined;
  }
  const { loadBalancer } = status;
  if (typeof loadBalancer !== "object" || loadBalancer === null) return undefined;
  if (!("ingress" in loadBalancer) || !Array.isArray(loadBalancer.ingress)) return undefined;
  return { ingress: loadBalancer.ingress };
}
