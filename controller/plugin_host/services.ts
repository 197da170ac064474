import {
  type EnvoyReach,
  type FeedChange,
  type Json,
  type LogFields,
  type RunningPlugin,
  type ServiceAddress,
  serviceStartMs,
  type ServiceSurroundings,
} from "../plugin/mod.ts";
import { FeedQueue } from "./feed_queue.ts";
import type { LoadedPlugins } from "./loading.ts";
import type { StartService } from "./start_service.ts";

/** The services of all plugins, running. */
export interface RunningServices {
  /** Where they listen, by plugin and service. */
  readonly addresses: ReadonlyMap<string, Readonly<Record<string, ServiceAddress>>>;
  /** Tells services of changes, by plugin. */
  readonly feed: (changes: ReadonlyMap<string, FeedChange>) => void;
  /** Metrics of all, in the text format of Prometheus. */
  readonly metrics: () => Promise<string>;
  /** What is not well; empty: all is. */
  readonly troubles: () => readonly string[];
  /** Resolves when all have ended after the signal. */
  readonly ended: Promise<unknown>;
}

/** A line for the log. */
export type ServiceLog = (
  level: "debug" | "info" | "warn" | "error",
  message: string,
  fields: LogFields,
) => void;

/**
 * Starts the services of plugins, and starts again what fails. Resolves when each has started, or has
 * had time enough for it.
 */
export async function startServices(
  { plugins, startService }: Pick<LoadedPlugins, "plugins" | "startService">,
  { log, signal, envoys = { kind: "beside" } }: {
    readonly log: ServiceLog;
    readonly signal: AbortSignal;
    /** Default: on this machine. */
    readonly envoys?: EnvoyReach;
  },
): Promise<RunningServices> {
  const keepers = plugins.flatMap(({ plugin, settings }) => {
    const wanted = plugin.call("services", { settings });
    if (!wanted.ok) {
      log("error", "Cannot ask a plugin for its services", {
        plugin: plugin.facts.name,
        error: wanted.message,
      });
      return [];
    }
    return wanted.value.map((service) =>
      new Keeper(
        { plugin, service, settings, envoys },
        startService(plugin, service),
        log,
        signal,
      )
    );
  });
  await Promise.all(keepers.map((keeper) => keeper.begun()));
  const addresses = new Map<string, Record<string, ServiceAddress>>();
  for (const { plugin, service, address } of keepers) {
    const known = addresses.get(plugin.facts.name) ?? {};
    addresses.set(plugin.facts.name, known);
    // Until it is there, Envoy finds nobody.
    known[service] = address ?? { address: "127.0.0.1", port: 1 };
  }
  return {
    addresses,
    feed: (changes) => {
      for (const keeper of keepers) {
        const change = changes.get(keeper.plugin.facts.name);
        if (change !== undefined) keeper.feed(change);
      }
    },
    metrics: async () => (await Promise.all(keepers.map((keeper) => keeper.metrics()))).join(""),
    troubles: () => keepers.flatMap((keeper) => keeper.trouble ?? []),
    ended: Promise.all(keepers.map(({ ended }) => ended)),
  };
}

/** What is kept running, and by what. */
interface KeptService extends Pick<ServiceSurroundings, "settings" | "envoys"> {
  readonly plugin: RunningPlugin;
  readonly service: string;
}

/** Keeps one service running. */
class Keeper {
  readonly plugin: RunningPlugin;
  readonly service: string;
  readonly ended: Promise<void>;
  address: ServiceAddress | undefined;
  trouble: string | undefined;
  readonly #given: Pick<ServiceSurroundings, "settings" | "envoys">;
  readonly #start: StartService;
  readonly #log: ServiceLog;
  readonly #signal: AbortSignal;
  readonly #begun = Promise.withResolvers<void>();
  /** All that was fed so far, for one that starts again. */
  readonly #fed = new Map<string, Json>();
  #feed: FeedQueue | undefined;
  #metrics: (() => string | Promise<string>) | undefined;

  constructor(
    { plugin, service, settings, envoys }: KeptService,
    start: StartService,
    log: ServiceLog,
    signal: AbortSignal,
  ) {
    this.plugin = plugin;
    this.service = service;
    this.#given = { settings, envoys };
    this.#start = start;
    this.#log = (level, message, fields) =>
      log(level, message, { plugin: plugin.facts.name, service, ...fields });
    this.#signal = signal;
    this.ended = this.#keep();
  }

  /** Resolves when it has started, or has had the time for it. */
  async begun(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, serviceStartMs));
    await Promise.race([this.#begun.promise, late]);
    clearTimeout(timer);
  }

  feed(change: FeedChange): void {
    for (const key of change.removed) this.#fed.delete(key);
    for (const [key, value] of change.changed) this.#fed.set(key, value);
    this.#feed?.push(change);
  }

  async metrics(): Promise<string> {
    try {
      const text = await this.#metrics?.() ?? "";
      return text === "" || text.endsWith("\n") ? text : `${text}\n`;
    } catch (error) {
      this.#log("warn", "Cannot read the metrics of a service", { error: words(error) });
      return "";
    }
  }

  async #keep(): Promise<void> {
    for (let failures = 0; !this.#signal.aborted; failures++) {
      const since = performance.now();
      try {
        await this.#run();
        if (this.#signal.aborted) return;
        throw new Error("it ended by itself");
      } catch (error) {
        if (this.#signal.aborted) return;
        if (performance.now() - since > calmMs) failures = 0;
        const inMs = Math.min(100 * 2 ** failures, mostRestMs);
        this.trouble = `Service "${this.service}" of plugin "${this.plugin.facts.name}": ${
          words(error)
        }`;
        this.#log("error", "A service failed, and is started again", { error: words(error), inMs });
        await rest(inMs, this.#signal);
      }
    }
  }

  async #run(): Promise<void> {
    const attempt = new AbortController();
    const signal = AbortSignal.any([this.#signal, attempt.signal]);
    const feed = new FeedQueue(signal);
    if (this.#fed.size > 0) feed.push({ changed: new Map(this.#fed), removed: [] });
    this.#feed = feed;
    try {
      const { address, done } = await this.#start({
        ...this.#given,
        signal,
        log: (level, message, fields = {}) => this.#log(level, message, fields),
        metrics: (text) => this.#metrics = text,
        health: (reason) => this.trouble = reason,
        feed,
        ...(this.address === undefined ? {} : { previous: this.address }),
      });
      this.trouble = undefined;
      this.#noteAddress(address);
      this.#log("debug", "A service runs", {
        address: address && `${address.address}:${address.port}`,
      });
      this.#begun.resolve();
      await done;
    } finally {
      attempt.abort();
      this.#metrics = undefined;
    }
  }

  #noteAddress(address: ServiceAddress | undefined): void {
    const before = this.address;
    if (
      before !== undefined && address !== undefined &&
      (before.port !== address.port || before.address !== address.address)
    ) {
      this.#log("error", "A service moved, and Envoy looks for it where it was", {
        was: `${before.address}:${before.port}`,
        is: `${address.address}:${address.port}`,
      });
    } else this.address = address ?? before;
  }
}

/** A service that ran for so long starts with a clean slate. */
const calmMs = 60_000;
const mostRestMs = 10_000;

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
