import { join } from "node:path";
import { controllerMetrics, serveAdmin } from "./admin/mod.ts";
import type { Diagnostic, ObjectKey } from "./api/mod.ts";
import {
  type Address,
  bootstrapJson,
  type BootstrapOptions,
  envoyBinary,
  envoyCommand,
  envoyProcess,
} from "./data_plane/mod.ts";
import { deliver } from "./delivery.ts";
import { explain } from "./explanation.ts";
import { EventQueue } from "./event_queue.ts";
import { type FileBatch, type FileSource, watchFiles } from "./files/mod.ts";
import { takeFreePorts } from "./free_ports.ts";
import { observe, type Observer } from "./observer.ts";
import { inSlices } from "./slices.ts";
import type { ServeContext, ServeHandle, ServeOptions, Started } from "./serve_options.ts";
import { defaultSettings, type Settings } from "./store/mod.ts";
import { Translation, type TranslationDelta } from "./translation/mod.ts";
import { version } from "./version.ts";
import {
  LISTENER,
  type NodeReport,
  ResourceCache,
  serveXds,
  systemClock,
  type XdsEvent,
  type XdsServer,
} from "./xds/mod.ts";

/**
 * Runs the controller on files until the signal ends it: reads and follows them, serves xDS and
 * metrics, and runs an Envoy where that is asked for. The composition root: every part is made here
 * and knows only what it is handed.
 */
export function serve(options: ServeOptions, context: ServeContext): ServeHandle {
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const started = Promise.withResolvers<Started>();
  const ready = Promise.withResolvers<void>();
  let controller: Controller | undefined;
  const run = async () => {
    const fixed = takeFreePorts(options);
    controller = new Controller(fixed, { ...context, signal }, ready.resolve);
    started.resolve(await controller.start());
    await controller.run();
  };
  const done = run().catch((error) => {
    started.reject(error);
    throw error;
  }).finally(() => {
    stop.abort();
    ready.reject(new Error("The controller ended before it was ready"));
    return controller?.ended();
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
  | { readonly kind: "files"; readonly batch: FileBatch }
  | { readonly kind: "xds"; readonly event: XdsEvent }
  /** Time to look at the clock: certificates age. */
  | { readonly kind: "hour" };

class Controller {
  readonly #options: ServeOptions;
  readonly #context: ServeContext;
  readonly #onReady: () => void;
  readonly #events = new EventQueue<ControllerEvent>();
  readonly #cache = new ResourceCache();
  readonly #translation: Translation;
  readonly #delivery: ReturnType<typeof deliver>;
  readonly #observer: Observer;
  readonly #source: FileSource;
  readonly #tasks: Promise<unknown>[] = [];
  #xds: XdsServer | undefined;
  #ready = false;

  constructor(options: ServeOptions, context: ServeContext, onReady: () => void) {
    const { log, signal } = context;
    this.#options = options;
    this.#context = context;
    this.#onReady = onReady;
    this.#translation = new Translation({
      settings: settingsOf(options),
      envoy: {
        http: { ...options.envoyHttp, accessLog: { path: "/dev/stdout" } },
        https: { ...options.envoyHttps, accessLog: { path: "/dev/stdout" } },
        connectionIdleTimeout: { kind: "explicit", ms: 60_000 },
      },
      layout: options.layout,
      onFailure: (family, key, error) =>
        log.error("Cannot compute an output; what it was stays in force", {
          family,
          key,
          error: error instanceof Error ? error.stack ?? error.message : String(error),
        }),
    });
    this.#source = watchFiles({
      paths: options.paths,
      namespace: options.namespace,
      signal,
      notify: (event) => this.#observer.noticed(event),
    });
    this.#observer = observe({
      log,
      metrics: controllerMetrics({ version, revision: "", branch: "" }),
      locate: (key, path) => this.#source.locate(key, path),
    });
    this.#delivery = deliver({
      translation: this.#translation,
      cache: this.#cache,
      onRefused: (refusal) => this.#observer.refused(refusal),
    });
  }

  /** Builds the first configuration, then listens, so that no Envoy ever gets a part of it. */
  async start(): Promise<Started> {
    const { signal } = this.#context;
    const batches = this.#source[Symbol.asyncIterator]();
    const first = await batches.next();
    if (!first.done) await this.#take([{ kind: "files", batch: first.value }]);
    this.#tasks.push(this.#follow(batches));
    signal.addEventListener("abort", () => this.#events.close(), { once: true });
    const hourly = setInterval(() => this.#events.push({ kind: "hour" }), 3_600_000);
    Deno.unrefTimer(hourly);
    signal.addEventListener("abort", () => clearInterval(hourly), { once: true });
    this.#xds = await serveXds({
      ...this.#options.xds,
      cache: this.#cache,
      clock: systemClock,
      signal,
      onEvent: (event) => {
        this.#observer.xds(event);
        this.#events.push({ kind: "xds", event });
      },
    });
    const admin = serveAdmin({
      ...this.#options.http,
      readiness: () => this.#readiness(),
      health: () => ({ healthy: true, reasons: [] }),
      metrics: this.#observer.registry,
      signal,
    });
    this.#tasks.push(admin.finished);
    const xds = { address: this.#options.xds.address, port: this.#xds.port };
    const envoy = await this.#envoy(xds);
    this.#checkReady();
    const { envoyHttp, envoyHttps, stats } = this.#options;
    return {
      addresses: {
        xds,
        http: { address: this.#options.http.address, port: admin.port },
        envoyHttp,
        envoyHttps,
        stats,
      },
      files: this.#source.fileCount,
      objects: this.#source.objectCount,
      diagnostics: this.#diagnostics(),
      envoy,
    };
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
  }

  explain(request: Parameters<ServeHandle["explain"]>[0]): ReturnType<ServeHandle["explain"]> {
    return explain(this.#translation, request, (key, path) => this.#source.locate(key, path));
  }

  async #take(events: readonly ControllerEvent[]): Promise<void> {
    let changed = false;
    for (const event of events) {
      switch (event.kind) {
        case "files":
          this.#observer.files(
            event.batch,
            this.#source,
            (key) => this.#translation.store.get(key) !== undefined,
          );
          changed = this.#translation.apply(event.batch) > 0 || changed;
          break;
        case "xds":
          changed = this.#delivery.handle(event.event) || changed;
          break;
        case "hour":
          this.#translation.configure(settingsOf(this.#options));
          changed = true;
          break;
      }
    }
    if (changed) await this.#settle();
  }

  async #settle(): Promise<void> {
    const before = this.#translation.statistics().visits;
    const begin = performance.now();
    const delta: TranslationDelta = await inSlices(this.#translation.settle());
    const isNews = this.#delivery.publish(delta);
    this.#observer.settled(this.#translation, delta, {
      seconds: (performance.now() - begin) / 1_000,
      visits: this.#translation.statistics().visits - before,
    });
    // A new form ends the refusal of the old one, which the status of its object has to say.
    if (isNews) await this.#settle();
  }

  async #follow(batches: AsyncIterator<FileBatch>): Promise<void> {
    for (;;) {
      const next = await batches.next();
      if (next.done) return;
      this.#events.push({ kind: "files", batch: next.value });
    }
  }

  #readiness(): { readonly ready: boolean; readonly reasons: readonly string[] } {
    if (this.#options.envoy.kind === "external") return { ready: true, reasons: [] };
    // Without hosts there is no listener to wait for.
    const isListening = ({ streams }: NodeReport) =>
      this.#cache.ofType(LISTENER).size === 0 ||
      streams.some(({ types }) =>
        types.some(({ typeUrl, acknowledged }) => typeUrl === LISTENER && acknowledged > 0)
      );
    const nodes = this.#xds?.nodes() ?? [];
    return nodes.some((node) => node.isSynced && isListening(node))
      ? { ready: true, reasons: [] }
      : { ready: false, reasons: ["Envoy does not run by the first configuration yet"] };
  }

  #checkReady(): void {
    if (this.#ready || !this.#readiness().ready) return;
    this.#ready = true;
    this.#onReady();
  }

  async #envoy(
    xds: { readonly address: string; readonly port: number },
  ): Promise<Started["envoy"]> {
    const { envoy, envoyAdmin, stats } = this.#options;
    const { signal } = this.#context;
    const bootstrap = {
      node: { id: "envoy", cluster: "contour" },
      xds: { ...xds, address: reachable(xds.address) },
      stats,
      ...(envoyAdmin === undefined ? {} : { admin: envoyAdmin }),
    };
    if (envoy.kind === "external") return await this.#externalEnvoy(bootstrap);
    const binary = await envoyBinary({
      ...(envoy.path === undefined ? {} : { path: envoy.path }),
      onProgress: (message) => this.#context.log.info(message),
      signal,
    });
    let starts = 0;
    const process = await envoyProcess({
      binary,
      bootstrap,
      signal,
      onEvent: (event) => {
        this.#observer.envoy(event);
        // What it refused may have been its own fault: a port in use, a lack of memory.
        if (event.kind === "started" && starts++ > 0) this.#xds?.forgive();
      },
    });
    this.#tasks.push(process.done);
    return { kind: "managed", binary };
  }

  async #externalEnvoy(
    bootstrap: Omit<BootstrapOptions, "admin"> & { readonly admin?: Address },
  ): Promise<Started["envoy"]> {
    const folder = await Deno.makeTempDir({ prefix: "contour-" });
    const bootstrapFile = join(folder, "bootstrap.json");
    const admin = bootstrap.admin ?? { path: join(folder, "admin.sock") };
    await Deno.writeTextFile(bootstrapFile, bootstrapJson({ ...bootstrap, admin }));
    this.#context.signal.addEventListener("abort", () => {
      this.#tasks.push(Deno.remove(folder, { recursive: true }));
    }, { once: true });
    return {
      kind: "external",
      bootstrapFile,
      command: envoyCommand({ binary: "envoy" }, bootstrapFile),
    };
  }

  /** What is wrong with files and objects, each with its place. */
  #diagnostics(): readonly Diagnostic[] {
    const placed = (diagnostic: Diagnostic): Diagnostic => {
      const { object, path } = diagnostic;
      const position = object === undefined ? undefined : this.#locate(object, path);
      return position === undefined ? diagnostic : { ...diagnostic, position };
    };
    const objects = [...this.#translation.statuses.values()];
    return [
      ...this.#source.diagnostics(),
      ...objects.flatMap(({ diagnostics }) => diagnostics.map(placed)),
    ];
  }

  #locate(key: ObjectKey, path: string) {
    return this.#source.locate(key, path);
  }
}

function settingsOf(options: ServeOptions): Settings {
  return {
    ...defaultSettings,
    ingressClassNames: options.ingressClassNames,
    rootNamespaces: options.rootNamespaces,
    nowMs: Date.now(),
  };
}

/** Where an Envoy on this machine reaches an address that was listened on. */
function reachable(address: string): string {
  if (address === "0.0.0.0") return "127.0.0.1";
  return address === "::" ? "::1" : address;
}
