import { isIP } from "node:net";
import { allWell, type Verdict } from "./admin/mod.ts";
import {
  codes,
  type Diagnostic,
  isPolicyKind,
  keyFromId,
  keyId,
  type ObjectKey,
  type PolicyKinds,
} from "./api/mod.ts";
import { type Configuration, settingsOf } from "./configuration/mod.ts";
import type { Refusal } from "./delivery.ts";
import {
  type DesiredStatus,
  EventWriter,
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
  tellOfLeader,
  type Warning,
  watchCluster,
} from "./kube/mod.ts";
import type { ObjectBatch, ObjectSource } from "./object_source.ts";
import type { Observer } from "./observer.ts";
import type { ClusterOptions } from "./serve_options.ts";
import { secretNamespaces } from "./store/mod.ts";
import type { TranslationDelta } from "./translation/mod.ts";
import { unreadStatus } from "./unread_status.ts";
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
  /** Kinds that plugins add. */
  readonly policyKinds: PolicyKinds;
  /** Whether plugins look at Namespaces. */
  readonly needsNamespaces: boolean;
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
  readonly #events: EventWriter;
  readonly #identity = `${Deno.hostname()}_${crypto.randomUUID()}`;
  /** Whose addresses go into statuses; absent when the addresses are configured. */
  readonly #envoy: ObjectKey | undefined;
  /** What is to be said of objects as they are served, by {@link keyId}. */
  readonly #verdicts = new Map<string, DesiredStatus>();
  /** What is to be told in Events, by {@link keyId}. */
  readonly #warnings = new Map<string, readonly Warning[]>();
  /** Objects that were told that they cannot be read. */
  readonly #unread = new Set<string>();
  #election: Promise<void> | undefined;
  #isLeading = false;

  constructor(client: KubeClient & Disposable, surroundings: Surroundings) {
    this.#client = client;
    this.#surroundings = surroundings;
    const { options, configuration, policyKinds, needsNamespaces, observer, signal } = surroundings;
    const common = { client, clock: systemClock, random: Math.random, signal };
    const { statusAddresses, envoy } = configuration;
    this.#envoy = statusAddresses.length > 0 ? undefined : { kind: "Service", ...envoy.service };
    this.#source = watchCluster({
      ...common,
      kinds: [
        ...routingKinds.filter((kind) => !options.disabledKinds.includes(kind)),
        ...(needsNamespaces ? ["Namespace" as const] : []),
      ],
      policyKinds,
      watchNamespaces: options.watchNamespaces,
      secretNamespaces: secretNamespaces(settingsOf(configuration)),
      statusesOf: this.#envoy === undefined ? [] : [this.#envoy],
      notify: (event) => observer().followed(event),
    });
    this.#writer = new StatusWriter({
      ...common,
      policyKinds,
      statusOf: (key) => this.#source.statusOf(key),
      notify: (event) => observer().wrote(event),
    });
    this.#events = new EventWriter({
      client,
      clock: systemClock,
      instance: this.#identity,
      uidOf: (key) => this.#source.statusOf(key)?.uid,
      signal,
      notify: (failure) => observer().eventLost(failure),
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
          this.#noteUnread(batch);
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
    for (const { key, status, extensionStatus, policyStatus, diagnostics } of changed) {
      this.#warn(key, diagnostics);
      if (isWritten(key)) this.#want(key, status ?? extensionStatus ?? policyStatus ?? {});
    }
    for (const key of removed.map(keyFromId)) {
      this.#warn(key, []);
      if (isWritten(key)) this.#want(key, undefined);
    }
  }

  refused({ objects, message }: Refusal): void {
    const note = `Envoy refused it: ${message.trim()}`;
    for (const object of objects) {
      if (isHeardOf(object)) this.#events.warn({ key: object, reason: "EnvoyRefused", note });
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

  /** The verdict on what is served; that an object cannot be read comes first. */
  #want(key: ObjectKey, status: DesiredStatus | undefined): void {
    const id = keyId(key);
    if (status === undefined) this.#verdicts.delete(id);
    else this.#verdicts.set(id, status);
    if (!this.#unread.has(id)) this.#writer.want(key, status);
  }

  /** Tells objects that they cannot be read, or can again. */
  #noteUnread({ diagnostics, mended }: KubeBatch): void {
    const { ingressClassNames } = settingsOf(this.#surroundings.configuration);
    const touched = [...diagnostics.map(({ object }) => object), ...mended];
    for (const key of touched) {
      if (key === undefined) continue;
      const id = keyId(key);
      const unread = this.#source.unread(key);
      const status = unread && unreadStatus(key, unread, ingressClassNames);
      if (status !== undefined) {
        this.#unread.add(id);
        this.#writer.want(key, status);
      } else if (this.#unread.delete(id)) this.#writer.want(key, this.#verdicts.get(id));
    }
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

  /** What is wrong with what has no status that could say it is told in Events. */
  #warn(key: ObjectKey, diagnostics: readonly Diagnostic[]): void {
    if (!isHeardOf(key)) return;
    const warnings = diagnostics.filter(({ severity }) => severity !== "info")
      .map(({ code, message }) => ({
        key,
        reason: codes[code].name.replace(/^.*\//, ""),
        note: message,
      }));
    if (warnings.length === 0) {
      this.#warnings.delete(keyId(key));
      this.#events.rest(key);
    } else this.#warnings.set(keyId(key), warnings);
    for (const warning of warnings) this.#events.warn(warning);
  }

  /** The first statuses of thousands of objects would compete with the first load of Envoys. */
  #lead(): void {
    this.#isLeading = true;
    void this.#surroundings.served.then(() => {
      if (!this.#isLeading) return;
      this.#writer.lead();
      this.#events.lead();
      for (const warnings of this.#warnings.values()) {
        for (const warning of warnings) this.#events.warn(warning);
      }
    });
  }

  #follow(): void {
    this.#isLeading = false;
    this.#writer.follow();
    this.#events.follow();
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
      identity: this.#identity,
      timing,
      clock: systemClock,
      random: Math.random,
      signal,
      notify: (event) => {
        if (event.kind === "started") this.#lead();
        if (event.kind === "stopped") this.#follow();
        observer().election(name, event);
        if (event.kind === "started") this.#tell("became leader", { namespace, name });
        if (event.kind === "stopped") this.#tell("stopped leading", { namespace, name });
      },
    });
  }

  /** Whoever watches the lease hears who leads; that nobody hears it harms nothing. */
  #tell(
    news: Parameters<typeof tellOfLeader>[0],
    lease: { readonly namespace: string; readonly name: string },
  ): void {
    const { observer, signal } = this.#surroundings;
    if (signal.aborted) return;
    const told = { client: this.#client, identity: this.#identity, clock: systemClock, ...lease };
    tellOfLeader(news, told, signal).catch((error) => {
      if (signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      observer().eventLost({ key: { kind: "Lease", ...lease }, message });
    });
  }
}

/** Of other kinds the log tells what is wrong. */
const written: ReadonlySet<ObjectKey["kind"]> = new Set<ObjectKey["kind"]>([
  "HTTPProxy",
  "Ingress",
  "ExtensionService",
]);

function isWritten({ kind }: ObjectKey): boolean {
  return isPolicyKind(kind) || written.has(kind);
}

/** Whether an object hears what is wrong with it by Events. */
function isHeardOf(key: ObjectKey): key is Warning["key"] {
  return key.kind === "Ingress" || key.kind === "Service" || key.kind === "Secret";
}

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
