import { Counter, Gauge, Histogram, Registry, Summary } from "prom-client";
import type { ObjectKey } from "../api/mod.ts";
import { proxyGauges } from "./proxy_gauges.ts";
import type { ProxyState } from "./proxy_gauges.ts";
import { statusMetrics, type StatusUpdateOutcome } from "./status_metrics.ts";

/**
 * The metrics of the running controller, in a registry of their own. Names that exist in Contour
 * (https://projectcontour.io/docs/main/guides/prometheus/) are kept, so dashboards go on working.
 */
export function controllerMetrics(build: BuildInfo): ControllerMetrics {
  const registry = new Registry();
  const registers = [registry];

  new Gauge({
    name: "contour_build_info",
    help: "Always 1; the build is in the labels.",
    labelNames: ["branch", "revision", "version"],
    registers,
  }).set({ branch: build.branch, revision: build.revision, version: build.version }, 1);

  const operations = new Counter({
    name: "contour_eventhandler_operation_total",
    help: "Objects received, by what happened to them.",
    labelNames: ["op", "kind"],
    registers,
  });
  const objects = new Gauge({
    name: "contour_dag_cache_object",
    help: "Objects held.",
    labelNames: ["kind"],
    registers,
  });
  const rebuilds = new Counter({
    name: "contour_dagrebuild_total",
    help: "Changes worked through, each a batch of objects.",
    registers,
  });
  const rebuildTime = new Gauge({
    name: "contour_dagrebuild_timestamp",
    help: "When the last change was worked through, in seconds since 1970.",
    registers,
  });
  const rebuildSeconds = new Summary({
    name: "contour_dagrebuild_seconds",
    help: "How long a change took to work through.",
    percentiles: [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1],
    registers,
  });
  const memos = new Gauge({
    name: "contour_engine_memos",
    help: "Derived values held by the incremental engine.",
    registers,
  });
  const visited = new Counter({
    name: "contour_engine_memos_visited_total",
    help: "Derived values that changes made the engine look at again.",
    registers,
  });
  const fileErrors = new Gauge({
    name: "contour_file_errors",
    help: "Errors in the files served, for which the last good form is kept.",
    registers,
  });
  const files = new Gauge({ name: "contour_files", help: "Files served.", registers });
  const followed = new Gauge({
    name: "contour_kubernetes_followed",
    help: "1 for a kind whose objects are followed, 0 while what was last known is served.",
    labelNames: ["kind"],
    registers,
  });
  const leading = new Gauge({
    name: "leader_election_master_status",
    help: "1 while this replica writes statuses, 0 otherwise.",
    labelNames: ["name"],
    registers,
  });
  const updates = statusMetrics(registry);
  const cacheUpdates = new Summary({
    name: "contour_cachehandler_onupdate_duration_seconds",
    help: "How long it took to bring what Envoys are served up to date.",
    percentiles: [0.5, 0.9, 0.99],
    registers,
  });
  const nodes = new Gauge({
    name: "contour_xds_connected_nodes",
    help: "Envoys with an open stream.",
    registers,
  });
  const nacks = new Counter({
    name: "contour_xds_nacks_total",
    help: "Responses that an Envoy refused.",
    labelNames: ["type"],
    registers,
  });
  let refusals: () => readonly RefusedResource[] = () => [];
  new Gauge({
    name: "contour_xds_refused",
    help:
      "Resources, or hosts in them, that are refused at present, by type and by the Envoy that said so last.",
    labelNames: ["type", "node"],
    registers,
    collect() {
      this.reset();
      for (const { typeUrl, node } of refusals()) this.inc({ type: typeName(typeUrl), node });
    },
  });
  const pushes = new Counter({
    name: "contour_xds_pushes_total",
    help: "Responses sent.",
    labelNames: ["type"],
    registers,
  });
  const pushedBytes = new Counter({
    name: "contour_xds_pushed_bytes_total",
    help: "Bytes of the resources sent.",
    labelNames: ["type"],
    registers,
  });
  const acknowledged = new Histogram({
    name: "contour_xds_ack_seconds",
    help: "From a change to its acknowledgement by an Envoy.",
    labelNames: ["type"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  processMetrics(registry);
  const proxies = proxyGauges(registry);

  return {
    registry,
    operation: (op, kind, count = 1) => operations.inc({ op, kind }, count),
    objects: (kind, count) => objects.set({ kind }, count),
    rebuilt({ at, seconds, publishSeconds, memosHeld, memosVisited }) {
      rebuilds.inc();
      cacheUpdates.observe(publishSeconds);
      rebuildTime.set(Math.floor(at.getTime() / 1000));
      rebuildSeconds.observe(seconds);
      memos.set(memosHeld);
      visited.inc(memosVisited);
    },
    proxy: proxies.update,
    leads(name, isLeading) {
      leading.set({ name }, isLeading ? 1 : 0);
      proxies.show(isLeading);
    },
    followed: (kind, isFollowed) => followed.set({ kind }, isFollowed ? 1 : 0),
    notServed: (kind) => followed.remove({ kind }),
    statusUpdate: updates,
    files(count, errors) {
      files.set(count);
      fileErrors.set(errors);
    },
    nodes: (count) => nodes.set(count),
    nack: (typeUrl) => nacks.inc({ type: typeName(typeUrl) }),
    refusals(current) {
      refusals = current;
    },
    pushed(typeUrl, bytes) {
      pushes.inc({ type: typeName(typeUrl) });
      pushedBytes.inc({ type: typeName(typeUrl) }, bytes);
    },
    acknowledged: (typeUrl, seconds) => acknowledged.observe({ type: typeName(typeUrl) }, seconds),
  };
}

/** What `contour version` says too. Unknown parts are empty. */
export interface BuildInfo {
  readonly version: string;
  readonly revision: string;
  readonly branch: string;
}

/** Told by the composition root what happens; read by `/metrics`. */
export interface ControllerMetrics {
  readonly registry: Registry;
  /** Objects were received. */
  operation(op: "add" | "update" | "delete", kind: ObjectKey["kind"], count?: number): void;
  /** So many objects of a kind are held now. */
  objects(kind: ObjectKey["kind"], count: number): void;
  /** A batch went through the engine. */
  rebuilt(run: EngineRun): void;
  /** The status of an HTTPProxy became this; `undefined` when the object went. */
  proxy(key: ObjectKey, state: ProxyState | undefined): void;
  /**
   * Whether we write statuses, under the name of the lease. As in Contour only the leader counts
   * HTTPProxies, so that a sum over replicas is right.
   */
  leads(name: string, isLeading: boolean): void;
  /** Whether the objects of a kind are followed at this moment. */
  followed(kind: ObjectKey["kind"], isFollowed: boolean): void;
  /** The API server has no such kind, so that there is nothing to follow. */
  notServed(kind: ObjectKey["kind"]): void;
  /** A status was to be written. */
  statusUpdate(kind: ObjectKey["kind"], outcome: StatusUpdateOutcome, seconds: number): void;
  /** So many files are served, and so many errors stand in them. */
  files(count: number, errors: number): void;
  /** So many Envoys are connected now. */
  nodes(count: number): void;
  /** An Envoy refused a response. */
  nack(typeUrl: string): void;
  /** What is refused is asked of `current` when somebody wants to know. */
  refusals(current: () => readonly RefusedResource[]): void;
  /** A response left, with so many bytes of resources. */
  pushed(typeUrl: string, bytes: number): void;
  /** An Envoy acknowledged what changed so many seconds ago. */
  acknowledged(typeUrl: string, seconds: number): void;
}

/** Something that an Envoy does not take. */
export interface RefusedResource {
  readonly typeUrl: string;
  /** The id of the Envoy. */
  readonly node: string;
}

/** One batch, seen from outside. */
export interface EngineRun {
  readonly at: Date;
  readonly seconds: number;
  /** Of these for handing over what came out of it. */
  readonly publishSeconds: number;
  readonly memosHeld: number;
  readonly memosVisited: number;
}

/** `type.googleapis.com/envoy.config.cluster.v3.Cluster` is `Cluster`: bounded, and readable. */
function typeName(typeUrl: string): string {
  return typeUrl.slice(typeUrl.lastIndexOf(".") + 1);
}

/** What every exporter tells of its process, under the names they all use. */
function processMetrics(registry: Registry): void {
  const started = Date.now() / 1000 - performance.now() / 1000;
  const registers = [registry];
  new Gauge({
    name: "process_start_time_seconds",
    help: "When the process started, in seconds since 1970.",
    registers,
  }).set(started);
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Memory of the process that is in RAM.",
    registers,
    collect() {
      this.set(Deno.memoryUsage().rss);
    },
  });
}
