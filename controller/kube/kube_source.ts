import {
  type Diagnostic,
  keyId,
  type Kind,
  noPolicyKinds,
  type ObjectKey,
  type PolicyKinds,
} from "../api/mod.ts";
import { ApiError } from "./api_error.ts";
import type { KubeClient } from "./client.ts";
import { type Clock, sleep } from "./clock.ts";
import {
  type KubeBatch,
  ObjectTable,
  type ObservedStatus,
  type Operation,
  type Scope,
  type UnreadObject,
} from "./object_table.ts";
import {
  reflect,
  type ReflectorState,
  type ReflectorStep,
  type ReflectorTiming,
} from "./reflector.ts";
import { policyResource, resourceOf, resources } from "./resources.ts";

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
  /** Kinds that plugins add, which are followed too; none if left out. */
  readonly policyKinds?: PolicyKinds;
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
  readonly kind: ObjectKey["kind"];
  /** All when not given. */
  readonly namespace?: string;
  readonly state: ReflectorState;
}

/** Batches, in order, for one reader. What is not fetched yet is merged. */
export interface KubeSource extends AsyncIterable<KubeBatch> {
  /** The status of an object as the server has it now, also before its batch was fetched. */
  statusOf(key: ObjectKey): ObservedStatus | undefined;
  /** What is known of an object that cannot be read; see {@link ObjectTable.unread}. */
  unread(key: ObjectKey): UnreadObject | undefined;
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
  readonly absent: readonly ObjectKey["kind"][];
}

/** Counts since the start. */
export interface SourceCounters {
  readonly operations: readonly Operation[];
  readonly steps: readonly {
    readonly kind: ObjectKey["kind"];
    readonly step: ReflectorStep;
    readonly count: number;
  }[];
  /** Different objects known. */
  readonly objects: number;
}

class Source implements KubeSource {
  readonly #options: KubeSourceOptions;
  readonly #table: ObjectTable;
  readonly #parts: Part[];
  readonly #steps = new Map<
    string,
    { kind: ObjectKey["kind"]; step: ReflectorStep; count: number }
  >();
  #changed = Promise.withResolvers<void>();
  #started = false;

  constructor(options: KubeSourceOptions) {
    this.#options = options;
    this.#table = new ObjectTable(options.policyKinds);
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
    return this.#parts.every(({ wasListed, state, scope }) =>
      wasListed || state.kind === "absent" ||
      (scope.resource.optional === true && state.kind === "forbidden")
    );
  }

  statusOf(key: ObjectKey): ObservedStatus | undefined {
    return this.#table.statusOf(key);
  }

  unread(key: ObjectKey): UnreadObject | undefined {
    return this.#table.unread(key);
  }

  diagnostics(): readonly Diagnostic[] {
    return this.#table.diagnostics();
  }

  health(): SourceHealth {
    const reasons = new Set<string>();
    const absent = new Set<ObjectKey["kind"]>();
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

  async #follow(part: Part): Promise<void> {
    if (part.scope.resource.optional) await this.#untilServed(part);
    if (!this.#options.signal.aborted) await this.#reflect(part);
  }

  /** Who may not see a kind that is not there either would be told that it is forbidden. */
  async #untilServed(part: Part): Promise<void> {
    const { client, clock, signal } = this.#options;
    const { apiVersion, plural, name } = part.scope.resource;
    while (!signal.aborted) {
      try {
        const path = `/apis/${apiVersion}`;
        if (names(await client.request({ method: "GET", path }, signal)).has(plural)) return;
        this.#note(part, { kind: "absent", message: `${apiVersion} has no ${name}` });
      } catch (error) {
        if (signal.aborted) return;
        const message = error instanceof Error ? error.message : String(error);
        const isAbsent = error instanceof ApiError && error.status === 404;
        this.#note(part, { kind: isAbsent ? "absent" : "failing", message });
      }
      await sleep(clock, part.state.kind === "absent" ? absentMs : failingMs, signal);
    }
  }

  #note(part: Part, state: ReflectorState): void {
    const { clock, notify } = this.#options;
    const { resource: { kind }, namespace } = part.scope;
    if (isWell(part.state) || isWell(state)) part.since = clock.now();
    part.state = state;
    notify?.({ kind, ...(namespace === undefined ? {} : { namespace }), state });
    if (this.isSynced) this.#changed.resolve();
  }

  #reflect(part: Part): Promise<void> {
    const { client, clock, random, signal, timing } = this.#options;
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
        state: (state) => this.#note(part, state),
        count: (step) => {
          const id = `${kind}/${step}`;
          this.#steps.set(id, { kind, step, count: (this.#steps.get(id)?.count ?? 0) + 1 });
        },
      },
    });
  }
}

/** How often is asked whether a kind is served that was not. */
const absentMs = 10_000;
const failingMs = 1_000;

/** The names in paths that a group serves. */
function names(answer: unknown): ReadonlySet<string> {
  if (typeof answer !== "object" || answer === null || !("resources" in answer)) return new Set();
  const { resources } = answer;
  if (!Array.isArray(resources)) return new Set();
  return new Set(resources.map(({ name }: { readonly name?: unknown }) => String(name)));
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
  const { policyKinds = noPolicyKinds } = options;
  const followed = [
    ...kinds.map((kind) => resources[kind]),
    ...policyKinds.values().map(policyResource),
  ];
  const scopes = followed.flatMap((resource): Scope[] => {
    const named = resource.kind === "Secret" && secretNamespaces.length > 0
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
      resource: resourceOf(kind, policyKinds),
      namespace,
      name,
      aside: true,
    })),
  ];
}

function holds({ resource, namespace }: Scope, key: ObjectKey): boolean {
  return resource.kind === key.kind && (namespace === undefined || namespace === key.namespace);
}
