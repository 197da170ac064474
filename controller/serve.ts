import {
  allWell,
  controllerMetrics,
  healthPages,
  metricsPages,
  type Verdict,
} from "./admin/mod.ts";
import type { Diagnostic } from "./api/mod.ts";
import type { TlsFilesEvent } from "./certs/mod.ts";
import { clusterSource } from "./cluster_source.ts";
import {
  type Configuration,
  type Endpoint,
  envoyOptionsOf,
  settingsOf,
} from "./configuration/mod.ts";
import { debugPages } from "./debug_pages.ts";
import { envoyReach } from "./envoy_reach.ts";
import { deliver } from "./delivery.ts";
import type { EnvoyOptions } from "./envoy/mod.ts";
import { provideEnvoy } from "./envoy_beside.ts";
import { explain } from "./explanation.ts";
import { EventQueue } from "./event_queue.ts";
import { filesSource } from "./files_source.ts";
import { takeFreePorts } from "./free_ports.ts";
import { systemClock } from "./kube/mod.ts";
import type { ObjectBatch, ObjectSource } from "./object_source.ts";
import { observe, type Observer } from "./observer.ts";
import { type OperatorServers, serveOperators } from "./operator_servers.ts";
import { type RunningPlugins, runPlugins } from "./running_plugins.ts";
import { inSlices } from "./slices.ts";
import type { ServeContext, ServeHandle, ServeOptions, Started } from "./serve_options.ts";
import type { Settings } from "./store/mod.ts";
import { Translation, type TranslationDelta } from "./translation/mod.ts";
import { version } from "./version.ts";
import {
  LISTENER,
  type NodeReport,
  ResourceCache,
  serveXds,
  type XdsEvent,
  type XdsServer,
} from "./xds/mod.ts";

/**
 * Runs the controller until the signal ends it: follows the objects of files or of a cluster, serves
 * xDS and metrics, and runs an Envoy where that is asked for. The composition root: every part is
 * made here and knows only what it is handed.
 */
export function serve(options: ServeOptions, context: ServeContext): ServeHandle {
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const started = Promise.withResolvers<Started>();
  const ready = Promise.withResolvers<void>();
  let controller: Controller | undefined;
  let plugins: RunningPlugins | undefined;
  const run = async () => {
    const fixed = takeFreePorts(options);
    const envoys = envoyReach(fixed);
    plugins = await runPlugins(options.plugins, { log: context.log, signal, envoys });
    controller = new Controller(fixed, { ...context, signal }, plugins, ready.resolve);
    started.resolve(await controller.start());
    await controller.run();
  };
  const done = run().catch((error) => {
    started.reject(error);
    throw error;
  }).finally(async () => {
    stop.abort();
    ready.reject(new Error("The controller ended before it was ready"));
    await controller?.ended();
    await plugins?.ended();
  });
  // Whoever awaits none of them still hears of a failure through `done`.
  started.promise.catch(() => {});
  ready.promise.catch(() => {});
  return {
    started: started.promise,
    ready: ready.promise,
    done,
    explain: (request) => controller?.explain(request),
  };
}

/** Everything that can make the controller act. */
type ControllerEvent =
  | { readonly kind: "objects"; readonly batch: ObjectBatch }
  | { readonly kind: "xds"; readonly event: XdsEvent }
  /** Time to look at the clock: certificates age. */
  | { readonly kind: "hour" };

class Controller {
  readonly #options: ServeOptions;
  readonly #context: ServeContext;
  readonly #plugins: RunningPlugins;
  readonly #onReady: () => void;
  readonly #events = new EventQueue<ControllerEvent>();
  readonly #cache = new ResourceCache();
  readonly #translation: Translation;
  readonly #delivery: ReturnType<typeof deliver>;
  readonly #observer: Observer;
  readonly #tasks: Promise<unknown>[] = [];
  #source: ObjectSource | undefined;
  #operators: OperatorServers | undefined;
  #xds: XdsServer | undefined;
  /** Envoys run by the first configuration, or there are none. */
  readonly #served = Promise.withResolvers<void>();
  #isServed = false;
  #ready = false;

  constructor(
    options: ServeOptions,
    context: ServeContext,
    plugins: RunningPlugins,
    onReady: () => void,
  ) {
    const { log } = context;
    this.#options = options;
    this.#plugins = plugins;
    this.#context = context;
    this.#onReady = onReady;
    this.#translation = new Translation({
      settings: settingsNow(options.configuration),
      envoy: { ...envoyOptions(options), ...plugins.envoy },
      plugins: plugins.set,
      layout: options.layout,
      onFailure: (family, key, error) =>
        log.error("Cannot compute an output; what it was stays in force", {
          family,
          key,
          error: error instanceof Error ? error.stack ?? error.message : String(error),
        }),
    });
    this.#observer = observe({
      log,
      metrics: controllerMetrics({ version, revision: "", branch: "" }),
      locate: (key, path) => this.#source?.locate(key, path),
      clock: systemClock,
      signal: context.signal,
    });
    this.#delivery = deliver({
      translation: this.#translation,
      cache: this.#cache,
      onRefused: (refusal) => {
        this.#observer.refused(refusal);
        this.#source?.refused?.(refusal);
      },
    });
    this.#observer.refusals(() => this.#delivery.refusals());
  }

  /** Builds the first configuration, then serves it, so that no Envoy ever gets a part of it. */
  async start(): Promise<Started> {
    const { signal } = this.#context;
    this.#operators = await this.#serveOperators();
    this.#tasks.push(this.#operators.finished);
    this.#source = await this.#openSource();
    const batches = this.#source.batches();
    const first = await batches.next();
    if (!first.done) await this.#take([{ kind: "objects", batch: first.value }]);
    this.#tasks.push(this.#follow(batches));
    signal.addEventListener("abort", () => this.#events.close(), { once: true });
    const hourly = setInterval(() => this.#events.push({ kind: "hour" }), 3_600_000);
    Deno.unrefTimer(hourly);
    signal.addEventListener("abort", () => clearInterval(hourly), { once: true });
    const { xds: { address } } = this.#options.configuration;
    this.#xds = await this.#serveXds();
    const nobodyCame = setTimeout(() => this.#begin(), firstLoadMs);
    Deno.unrefTimer(nobodyCame);
    signal.addEventListener("abort", () => clearTimeout(nobodyCame), { once: true });
    const xds = { address, port: this.#xds.port };
    const envoy = await this.#envoy(xds);
    this.#checkReady();
    return this.#started(xds, envoy);
  }

  /** The loop: one place where everything that happens is acted upon. */
  async run(): Promise<void> {
    for await (const batch of this.#events.batches()) {
      await this.#take(batch);
      this.#checkReady();
    }
  }

  /** Resolves when everything that was started has ended. */
  async ended(): Promise<void> {
    this.#events.close();
    await this.#xds?.close();
    await Promise.allSettled(this.#tasks);
    await this.#source?.ended();
  }

  explain(request: Parameters<ServeHandle["explain"]>[0]): ReturnType<ServeHandle["explain"]> {
    return explain(this.#translation, request, (key, path) => this.#source?.locate(key, path));
  }

  async #take(events: readonly ControllerEvent[]): Promise<void> {
    let changed = false;
    for (const event of events) {
      switch (event.kind) {
        case "objects":
          event.batch.tell((key) => this.#translation.store.get(key) !== undefined);
          changed = this.#translation.apply(event.batch) > 0 || changed;
          break;
        case "xds":
          changed = this.#delivery.handle(event.event) || changed;
          break;
        case "hour":
          this.#translation.configure(settingsNow(this.#options.configuration));
          changed = true;
          break;
      }
    }
    if (changed) await this.#settle();
  }

  async #settle(): Promise<void> {
    const before = this.#translation.statistics().visits;
    const begin = performance.now();
    let isNewsAhead = false;
    // Whatever hosts are worked on, endpoints go on changing.
    await inSlices(this.#translation.prepare(), () => {
      isNewsAhead = this.#serveEndpoints() || isNewsAhead;
    });
    const delta: TranslationDelta = await inSlices(this.#translation.settle());
    const settled = performance.now();
    const isNews = this.#delivery.publish(delta) || isNewsAhead;
    this.#source?.publish(delta.statuses);
    this.#plugins.feed(delta.feeds);
    const end = performance.now();
    this.#observer.settled(this.#translation, delta, {
      seconds: (end - begin) / 1_000,
      publishSeconds: (end - settled) / 1_000,
      visits: this.#translation.statistics().visits - before,
    });
    // A new form ends the refusal of the old one, which the status of its object has to say.
    if (isNews) await this.#settle();
  }

  /**
   * Serves the changes of endpoints that have come, where hosts take long, and says whether statuses
   * changed by that.
   */
  #serveEndpoints(): boolean {
    for (const { batch } of this.#events.takeAhead(isOfEndpoints)) {
      batch.tell((key) => this.#translation.store.get(key) !== undefined);
      this.#translation.apply(batch);
    }
    const steps = this.#translation.settleEndpoints();
    let step = steps.next();
    while (!step.done) step = steps.next();
    const isNews = this.#delivery.publish(step.value);
    this.#source?.publish(step.value.statuses);
    return isNews;
  }

  async #follow(batches: AsyncIterator<ObjectBatch>): Promise<void> {
    for (;;) {
      const next = await batches.next();
      if (next.done) return;
      this.#events.push({ kind: "objects", batch: next.value });
    }
  }

  #openSource(): Promise<ObjectSource> {
    const { source, configuration } = this.#options;
    const { signal } = this.#context;
    const { policyKinds, needsNamespaces } = this.#plugins;
    const observer = () => this.#observer;
    switch (source.kind) {
      case "files":
        return Promise.resolve(filesSource(source, { observer, policyKinds, signal }));
      case "cluster":
        return clusterSource(source, {
          configuration,
          policyKinds,
          needsNamespaces,
          observer,
          served: this.#served.promise,
          signal,
        });
    }
  }

  #serveOperators(): Promise<OperatorServers> {
    const { configuration } = this.#options;
    return serveOperators({
      configuration,
      pages: {
        metrics: metricsPages(this.#observer.registry, this.#plugins.metrics),
        health: healthPages({
          health: async () => this.#plugins.health(await this.#source?.health() ?? allWell),
          readiness: () => this.#readiness(),
        }),
        debug: debugPages({
          translation: this.#translation,
          cache: this.#cache,
          nodes: () => this.#xds?.nodes() ?? [],
          locate: (key, path) => this.#source?.locate(key, path),
        }),
      },
      onTlsEvent: (event) => this.#observer.certificates("metrics", event),
      signal: this.#context.signal,
    });
  }

  async #serveXds(): Promise<XdsServer> {
    const { xds: { address, port, insecure, tls } } = this.#options.configuration;
    const { signal } = this.#context;
    const onEvent = (event: TlsFilesEvent) => this.#observer.certificates("xDS", event);
    return await serveXds({
      address,
      port,
      ...(insecure ? {} : { tls: { ...tls, onEvent, signal } }),
      cache: this.#cache,
      clock: systemClock,
      signal,
      onEvent: (event) => {
        this.#observer.xds(event);
        this.#events.push({ kind: "xds", event });
      },
    });
  }

  #started(xds: Started["addresses"]["xds"], envoy: Started["envoy"]): Started {
    const { configuration } = this.#options;
    const { fileCount, objectCount = 0 } = this.#source ?? {};
    return {
      addresses: {
        xds,
        ...this.#operators?.addresses ?? {
          http: configuration.metrics,
          health: configuration.health,
          debug: configuration.debug,
        },
        envoyHttp: configuration.envoy.http,
        envoyHttps: configuration.envoy.https,
        stats: configuration.envoy.metrics,
      },
      ...(fileCount === undefined ? {} : { files: fileCount }),
      objects: objectCount,
      diagnostics: this.#diagnostics(),
      envoy,
    };
  }

  #readiness(): Verdict {
    if (this.#xds === undefined) {
      return { ok: false, reasons: ["The first configuration is not built yet"] };
    }
    if (this.#options.envoy.kind === "external" || this.#hasEnvoy(this.#xds)) return allWell;
    return { ok: false, reasons: ["Envoy does not run by the first configuration yet"] };
  }

  /** Whether an Envoy runs by all there is. */
  #hasEnvoy(xds: XdsServer): boolean {
    // Without hosts there is no listener to wait for.
    const isListening = ({ streams }: NodeReport) =>
      this.#cache.ofType(LISTENER).size === 0 ||
      streams.some(({ types }) =>
        types.some(({ typeUrl, acknowledged }) => typeUrl === LISTENER && acknowledged > 0)
      );
    return xds.nodes().some((node) => node.isSynced && isListening(node));
  }

  #checkReady(): void {
    if (!this.#isServed && this.#xds !== undefined && this.#hasEnvoy(this.#xds)) this.#begin();
    if (this.#ready || !this.#readiness().ok) return;
    this.#ready = true;
    this.#onReady();
  }

  /** The first load is over: what had to wait for it begins. */
  #begin(): void {
    this.#isServed = true;
    this.#served.resolve();
  }

  async #envoy(xds: Endpoint): Promise<Started["envoy"]> {
    const { log, signal } = this.#context;
    let starts = 0;
    const { started, finished } = await provideEnvoy(this.#options, {
      xds,
      log,
      signal,
      onEvent: (event) => {
        this.#observer.envoy(event);
        // What it refused may have been its own fault: a port in use, a lack of memory.
        if (event.kind === "started" && starts++ > 0) this.#xds?.forgive();
      },
    });
    this.#tasks.push(finished);
    return started;
  }

  /** What is wrong with files and objects, each with its place. */
  #diagnostics(): readonly Diagnostic[] {
    const placed = (diagnostic: Diagnostic): Diagnostic => {
      const { object, path } = diagnostic;
      const position = object && this.#source?.locate(object, path);
      return position === undefined ? diagnostic : { ...diagnostic, position };
    };
    const objects = [...this.#translation.statuses.values()];
    return [
      ...this.#plugins.diagnostics,
      ...this.#source?.diagnostics() ?? [],
      ...objects.flatMap(({ diagnostics }) => diagnostics.map(placed)),
    ];
  }
}

/** Whether an event changes endpoints, and nothing else. */
function isOfEndpoints(
  event: ControllerEvent,
): event is Extract<ControllerEvent, { kind: "objects" }> {
  if (event.kind !== "objects") return false;
  const { applied, deleted } = event.batch;
  return [...applied, ...deleted].every(({ kind }) => kind === "EndpointSlice");
}

/** So long the first statuses wait for an Envoy to come, and to have what it needs. */
const firstLoadMs = 5_000;

function settingsNow(configuration: Configuration): Settings {
  return { ...settingsOf(configuration), nowMs: Date.now() };
}

/**
 * What Envoys are told of all hosts. With files the admin interface is where its flag says, and not
 * at a port besides.
 */
function envoyOptions({ source, configuration }: ServeOptions): EnvoyOptions {
  const options = envoyOptionsOf(configuration);
  if (source.kind === "cluster" || options.watch === undefined) return options;
  const { adminPort: _, ...watch } = options.watch;
  return { ...options, watch };
}
