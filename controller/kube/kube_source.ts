import { type Diagnostic, keyId, type Kind, type ObjectKey } from "../api/mod.ts";
import type { KubeClient } from "./client.ts";
import type { Clock } from "./clock.ts";
import {
  type KubeBatch,
  ObjectTable,
  type ObservedStatus,
  type Operation,
  type Scope,
} from "./object_table.ts";
import {
  reflect,
  type ReflectorState,
  type ReflectorStep,
  type ReflectorTiming,
} from "./reflector.ts";
import { resources } from "./resources.ts";

/**
 * The objects of a cluster, followed until the signal aborts. The first batch is all there is, once
 * every kind that the server serves was listed; each later one is what changed. While the server
 * cannot be reached the last state stands.
 */
export function watchCluster(options: KubeSourceOptions): KubeSource {
  return new Source(options);
}

/** See {@link watchCluster}. */
export interface KubeSourceOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** At least 0, below 1. */
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** The kinds to follow; {@link routingKinds} when not given. */
  readonly kinds?: readonly Kind[];
  /** `--watch-namespaces`; all when empty or not given. */
  readonly watchNamespaces?: readonly string[];
  /**
   * Where Secrets are seen: with `--root-namespaces` those and the ones of the fallback and the
   * client certificate. As `watchNamespaces` when empty or not given.
   */
  readonly secretNamespaces?: readonly string[];
  /** Objects whose status matters wherever they are: the Service of Envoy. */
  readonly statusesOf?: readonly ObjectKey[];
  /** Told when a part of the cluster can be followed no more, or can again. */
  readonly notify?: (event: KubeSourceEvent) => void;
  /** Other times than usual, for tests. */
  readonly timing?: Partial<ReflectorTiming>;
}

/** What routing without Gateway API is made of. */
export const routingKinds: readonly Kind[] = [
  "HTTPProxy",
  "TLSCertificateDelegation",
  "ExtensionService",
  "Service",
  "EndpointSlice",
  "Secret",
  "Ingress",
];

/** A change of how a kind is followed. */
export interface KubeSourceEvent {
  readonly kind: Kind;
  /** All when not given. */
  readonly namespace?: string;
  readonly state: ReflectorState;
}

/** Batches, in order, for one reader. What is not fetched yet is merged. */
export interface KubeSource extends AsyncIterable<KubeBatch> {
  /** The status of an object as the server has it now, also before its batch was fetched. */
  statusOf(key: ObjectKey): ObservedStatus | undefined;
  /** Everything the objects have wrong at present. */
  diagnostics(): readonly Diagnostic[];
  /** Whether every kind that the server serves has been listed. */
  readonly isSynced: boolean;
  health(): SourceHealth;
  /** For metrics. */
  counters(): SourceCounters;
}

/** How well the cluster is followed. */
export interface SourceHealth {
  /** Whether all that the server serves is followed at this moment. */
  readonly healthy: boolean;
  /** Since when it is not, in milliseconds since the epoch. */
  readonly lostSince?: number;
  /** Why not: a sentence for each kind of trouble. */
  readonly reasons: readonly string[];
  /** Kinds whose CustomResourceDefinition is missing: waited for, and no trouble. */
  readonly absent: readonly Kind[];
}

/** Counts since the start. */
export interface SourceCounters {
  readonly operations: readonly Operation[];
  readonly steps: readonly {
    readonly kind: Kind;
    readonly step: ReflectorStep;
    readonly count: number;
  }[];
  /** Different objects known. */
  readonly objects: number;
}

class Source implements KubeSource {
  readonly #options: KubeSourceOptions;
  readonly #table = new ObjectTable();
  readonly #parts: Part[];
  readonly #steps = new Map<string, { kind: Kind; step: ReflectorStep; count: number }>();
  #changed = Promise.withResolvers<void>();
  #started = false;

  constructor(options: KubeSourceOptions) {
    this.#options = options;
    const since = options.clock.now();
    this.#parts = scopesOf(options).map((scope) => ({
      scope,
      state: { kind: "listing" },
      since,
      wasListed: false,
    }));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<KubeBatch> {
    if (this.#started) throw new Error("The cluster is followed by somebody already");
    this.#started = true;
    const { signal } = this.#options;
    if (signal.aborted) return;
    const wake = () => this.#changed.resolve();
    signal.addEventListener("abort", wake, { once: true });
    const reflectors = Promise.all(this.#parts.map((part) => this.#follow(part)));
    try {
      for (let first = true;;) {
        await this.#changed.promise;
        if (signal.aborted) return;
        this.#changed = Promise.withResolvers();
        if (!this.isSynced || (!first && this.#table.isQuiet)) continue;
        first = false;
        yield this.#table.drain();
        if (signal.aborted) return;
        if (!this.#table.isQuiet) this.#changed.resolve();
      }
    } finally {
      signal.removeEventListener("abort", wake);
      if (signal.aborted) await reflectors;
    }
  }

  get isSynced(): boolean {
    return this.#parts.every(({ wasListed, state }) => wasListed || state.kind === "absent");
  }

  statusOf(key: ObjectKey): ObservedStatus | undefined {
    return this.#table.statusOf(key);
  }

  diagnostics(): readonly Diagnostic[] {
    return this.#table.diagnostics();
  }

  health(): SourceHealth {
    const reasons = new Set<string>();
    const absent = new Set<Kind>();
    let lostSince = Number.POSITIVE_INFINITY;
    for (const { scope, state, since } of this.#parts) {
      if (state.kind === "absent") absent.add(scope.resource.kind);
      else if (state.kind === "failing" || state.kind === "forbidden") {
        reasons.add(state.message);
        lostSince = Math.min(lostSince, since);
      }
    }
    return {
      healthy: reasons.size === 0,
      ...(reasons.size === 0 ? {} : { lostSince }),
      reasons: [...reasons],
      absent: [...absent],
    };
  }

  counters(): SourceCounters {
    return {
      operations: this.#table.operations(),
      steps: [...this.#steps.values()],
      objects: this.#table.size,
    };
  }

  #follow(part: Part): Promise<void> {
    const { client, clock, random, signal, timing, notify } = this.#options;
    const { scope } = part;
    const { kind } = scope.resource;
    return reflect({
      scope,
      client,
      clock,
      random,
      signal,
      ...(timing === undefined ? {} : { timing }),
      sink: {
        put: (value) => this.#table.put(scope, value),
        remove: (value) => this.#table.remove(scope, value),
        retain: (ids) => {
          this.#table.retain(scope, ids);
          part.wasListed = true;
        },
        // Before all is known nobody waits for a part of it.
        flush: () => this.isSynced && this.#changed.resolve(),
        state: (state) => {
          if (isWell(part.state) || isWell(state)) part.since = clock.now();
          part.state = state;
          const { namespace } = scope;
          notify?.({ kind, ...(namespace === undefined ? {} : { namespace }), state });
          if (this.isSynced) this.#changed.resolve();
        },
        count: (step) => {
          const id = `${kind}/${step}`;
          this.#steps.set(id, { kind, step, count: (this.#steps.get(id)?.count ?? 0) + 1 });
        },
      },
    });
  }
}

/** A scope and how it stands. */
interface Part {
  readonly scope: Scope;
  state: ReflectorState;
  /** When it became well or unwell, in milliseconds since the epoch. */
  since: number;
  wasListed: boolean;
}

function isWell({ kind }: ReflectorState): boolean {
  return kind === "listing" || kind === "watching" || kind === "absent";
}

function scopesOf(options: KubeSourceOptions): Scope[] {
  const { kinds = routingKinds, watchNamespaces = [], secretNamespaces = [] } = options;
  const scopes = kinds.flatMap((kind): Scope[] => {
    const resource = resources[kind];
    const named = kind === "Secret" && secretNamespaces.length > 0
      ? secretNamespaces
      : watchNamespaces;
    if (!resource.namespaced || named.length === 0) return [{ resource }];
    return [...new Set(named)].map((namespace) => ({ resource, namespace }));
  });
  const aside = (options.statusesOf ?? []).filter((key) =>
    !scopes.some((scope) => holds(scope, key))
  );
  const wanted = new Map(aside.map((key) => [keyId(key), key]));
  return [
    ...scopes,
    ...wanted.values().map(({ kind, namespace, name }) => ({
      resource: resources[kind],
      namespace,
      name,
      aside: true,
    })),
  ];
}

function holds({ resource, namespace }: Scope, key: ObjectKey): boolean {
  return resource.kind === key.kind && (namespace === undefined || namespace === key.namespace);
}
