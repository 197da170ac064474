import type { ControllerMetrics, Logger } from "./admin/mod.ts";
import {
  type Diagnostic,
  keyFromId,
  keyId,
  keyOf,
  kinds,
  type ObjectKey,
  type Position,
} from "./api/mod.ts";
import type { EnvoyEvent } from "./data_plane/mod.ts";
import { envoyLogReader } from "./envoy_log.ts";
import type { TlsFilesEvent } from "./certs/mod.ts";
import type {
  Clock,
  ElectionEvent,
  KubeBatch,
  KubeSource,
  KubeSourceEvent,
  StatusEvent,
} from "./kube/mod.ts";
import type { FileBatch, FileEvent, FileSource } from "./files/mod.ts";
import type { ObjectStatus } from "./status/mod.ts";
import type { Translation, TranslationDelta } from "./translation/mod.ts";
import { Moderation } from "./moderation.ts";
import { Silence } from "./silence.ts";
import { CLUSTER, type XdsEvent } from "./xds/mod.ts";

/** What a controller tells the outside of what happens: log lines and metrics, nothing else. */
export interface Observer {
  readonly registry: ControllerMetrics["registry"];
  /** Files changed, or what is wrong with them. Called before the change is in force. */
  files(batch: FileBatch, source: FileSource, isHeld: (key: ObjectKey) => boolean): void;
  /** The cluster changed, or what is wrong with its objects. */
  cluster(batch: KubeBatch, source: KubeSource): void;
  /** A part of the cluster can be followed no more, or can again. */
  followed(event: KubeSourceEvent): void;
  /** A status was to be written. */
  wrote(event: StatusEvent): void;
  /** An Event about an object could not be written. */
  eventLost(failure: {
    readonly key: Readonly<Record<"kind" | "namespace" | "name", string>>;
    readonly message: string;
  }): void;
  /** Whether we write statuses. */
  leads(lease: string, isLeading: boolean): void;
  /** Something happened to the lease. */
  election(lease: string, event: ElectionEvent): void;
  /** Something happened to the certificates of one of our servers. */
  certificates(server: string, event: TlsFilesEvent): void;
  /** Something about files that is neither a change nor a mistake in one. */
  noticed(event: FileEvent): void;
  /** The engine worked a batch through. */
  settled(translation: Translation, delta: TranslationDelta, run: Run): void;
  /** Something happened between us and an Envoy. */
  xds(event: XdsEvent): void;
  /** An Envoy refused what comes of these objects. */
  refused(refusal: Refused): void;
  /** What is refused is asked of `current` whenever somebody wants to know. */
  refusals(current: () => readonly Pick<Refused, "typeUrl" | "node">[]): void;
  /** Something happened to the Envoy that we run. */
  envoy(event: EnvoyEvent): void;
}

/** What one settle took. */
export interface Run {
  readonly seconds: number;
  /** Of these for handing over what came out of it. */
  readonly publishSeconds: number;
  /** Memos looked at. */
  readonly visits: number;
}

/** A refusal with the objects behind it. */
export interface Refused {
  readonly objects: readonly ObjectKey[];
  readonly typeUrl: string;
  readonly resource: string;
  /** The Envoy that said so last; "": none by itself. */
  readonly node: string;
  /** Envoy's words. */
  readonly message: string;
}

/** See {@link Observer}. */
export function observe({ log, metrics, locate, clock, signal }: {
  readonly log: Logger;
  readonly metrics: ControllerMetrics;
  readonly locate: (key: ObjectKey, path: string) => Position | undefined;
  readonly clock: Pick<Clock, "monotonic" | "after">;
  /** What is still to be told when it aborts is not. */
  readonly signal: AbortSignal;
}): Observer {
  const connected = new Map<string, number>();
  const silence = new Silence();
  const moderation = new Moderation(clock, signal);
  const readEnvoyLine = envoyLogReader();
  const publishedAt = new Map<string, number>();
  /** Events of the API server counted so far. */
  const operations = new Map<string, number>();
  /** Why parts of the cluster are not followed. */
  const troubles = new Map<string, string>();
  const hasTrouble = (kind: ObjectKey["kind"]) =>
    troubles.entries().some(([id, trouble]) => trouble !== "absent" && id.startsWith(`${kind}/`));
  const place = (diagnostic: Diagnostic): string | undefined => {
    const { object, path } = diagnostic;
    return positionText(
      diagnostic.position ?? (object === undefined ? undefined : locate(object, path)),
    );
  };
  /** What is wrong with an object, by its key; nothing stands here of one that is well. */
  const wrong = new Map<string, Findings>();
  /** The same as far as it was told: nothing is told twice. */
  const told = new Map<string, Findings>();
  const write = (diagnostic: Diagnostic, unsaid: number) => {
    const { code, severity, object, path, message, hint } = diagnostic;
    const level = severity === "error" ? "error" : severity === "warning" ? "warn" : "debug";
    log[level](shortened(message), {
      ...(unsaid === 0 ? {} : { unsaid }),
      at: place(diagnostic),
      code,
      kind: object?.kind,
      namespace: object?.namespace,
      name: object?.name,
      path: path === "" ? undefined : path,
      hint,
    });
  };
  /** Tells what was found when something was read; later only what still is so. */
  const tellRead = (
    found: readonly Diagnostic[],
    current?: () => readonly Diagnostic[],
  ) => {
    for (const [topic, diagnostics] of Map.groupBy(found, readingTopic)) {
      let isLate = false;
      moderation.tell(topic, (unsaid) => {
        const still = isLate && current !== undefined ? among(current(), diagnostics) : diagnostics;
        for (const [i, diagnostic] of still.entries()) write(diagnostic, i === 0 ? unsaid : 0);
      }, diagnostics.length);
      isLate = true;
    }
  };
  /** What there is to tell of an object that is not told yet. */
  const newsOf = (id: string) => {
    const now = wrong.get(id) ?? nothing;
    const before = told.get(id) ?? nothing;
    return {
      now,
      found: [...now].flatMap(([text, diagnostic]) => before.has(text) ? [] : [diagnostic]),
      isWell: hasError(before.values()) && !hasError(now.values()),
    };
  };
  const tellNews = (key: ObjectKey, diagnostics: readonly Diagnostic[]) => {
    const id = keyId(key);
    const now = new Map(diagnostics.map((diagnostic) => [JSON.stringify(diagnostic), diagnostic]));
    setOrDelete(wrong, id, now);
    const { found, isWell } = newsOf(id);
    if (found.length === 0 && !isWell) {
      // What is wrong no more may be told when it comes again.
      setOrDelete(told, id, now);
      return moderation.takeBack(id);
    }
    moderation.tell(id, (unsaid) => {
      const { now, found, isWell } = newsOf(id);
      setOrDelete(told, id, now);
      for (const [i, diagnostic] of found.entries()) write(diagnostic, i === 0 ? unsaid : 0);
      if (!isWell) return;
      const { kind, namespace, name } = key;
      const at = positionText(locate(key, ""));
      const more = unsaid > 0 && found.length === 0 ? { unsaid } : {};
      log.info(`${kind} is valid again`, { ...more, at, namespace, name });
    }, found.length + (isWell ? 1 : 0));
  };
  /** An Envoy may have a stream for each type: it came with the first and went with the last. */
  const connection = (id: string, step: 1 | -1) => {
    const before = connected.get(id) ?? 0;
    const now = before + step;
    if (now === 0) connected.delete(id);
    else connected.set(id, now);
    metrics.nodes(connected.size);
    if (before === 0) log.info("Envoy connected", { node: id });
    if (now > 0) return;
    silence.end(id);
    log.info("Envoy disconnected", { node: id });
  };
  const unanswered = ({ node, typeUrl, names }: Extract<XdsEvent, { kind: "unanswered" }>) => {
    const spell = silence.goOn(node.id, typeUrl, performance.now());
    if (spell === "known") return;
    const [first, ...others] = names;
    const fields = {
      node: node.id,
      type: typeUrl,
      first,
      others: others.length,
    };
    if (typeUrl !== CLUSTER) log.warn("Envoy does not answer; going on without", fields);
    else if (spell === "new") {
      log.warn(
        "Envoy does not answer about clusters, as it does while one of them waits for its endpoints or health checks; going on without",
        fields,
      );
    } else {
      log.error(
        "Envoy does not answer about clusters for so long that it never will, as when it cannot build a load balancer: changes of clusters may have no effect until it is restarted",
        fields,
      );
    }
  };
  const status = ({ key, status: state, diagnostics }: ObjectStatus, fqdn: string | undefined) => {
    tellNews(key, diagnostics);
    if (state === undefined) return;
    metrics.proxy(key, {
      status: state.currentStatus,
      ...(fqdn === undefined ? {} : { vhost: fqdn }),
    });
  };

  return {
    registry: metrics.registry,

    files(batch, source, isHeld) {
      tellRead(batch.diagnostics, () => source.diagnostics());
      for (const file of batch.mended) log.info("File is usable again", { file });
      for (const object of batch.applied) {
        metrics.operation(isHeld(keyOf(object)) ? "update" : "add", object.kind);
      }
      for (const { kind } of batch.deleted) metrics.operation("delete", kind);
      const errors = source.diagnostics().filter(({ severity }) => severity === "error").length;
      metrics.files(source.fileCount, errors);
    },

    noticed(event) {
      switch (event.kind) {
        case "skipped":
          log.debug("Passed over", { file: event.path, reason: event.reason });
          return;
        case "watch-failed":
          log.warn("Cannot be told of changes by the system: looking for them every second", {
            error: event.message,
          });
          return;
      }
    },

    cluster(batch, source) {
      for (const key of batch.deleted) moderation.takeBack(`read ${keyId(key)}`);
      tellRead(batch.diagnostics);
      for (const key of batch.mended) {
        const { kind, namespace, name } = key;
        moderation.tell(`read ${keyId(key)}`, (unsaid) => {
          const more = unsaid === 0 ? {} : { unsaid };
          log.info(`${kind} can be read again`, { ...more, namespace, name });
        });
      }
      for (const { kind, op, count } of source.counters().operations) {
        const id = `${op} ${kind}`;
        metrics.operation(op, kind, count - (operations.get(id) ?? 0));
        operations.set(id, count);
      }
    },

    followed({ kind, namespace, state }) {
      const id = `${kind}/${namespace ?? ""}`;
      const before = troubles.get(id);
      switch (state.kind) {
        case "listing":
          return;
        case "watching":
          troubles.delete(id);
          metrics.followed(kind, !hasTrouble(kind));
          if (before !== undefined) log.info(`${kind} is followed again`, { namespace });
          return;
        case "absent":
          if (before === state.kind) return;
          troubles.set(id, state.kind);
          metrics.notServed(kind);
          log.info(`${kind} is not served by the API server yet`, { error: state.message });
          return;
        case "forbidden":
        case "failing":
          metrics.followed(kind, false);
          if (before === state.kind) return;
          troubles.set(id, state.kind);
          log.error(`${kind} cannot be followed; what was last known is served`, {
            namespace,
            error: state.message,
          });
          return;
      }
    },

    wrote({ key: { kind, namespace, name }, outcome, seconds, message }) {
      metrics.statusUpdate(kind, outcome, seconds);
      const fields = { kind, namespace, name, error: message };
      if (outcome === "failed") log.warn("Cannot write a status; trying again", fields);
      else log.debug("Status", { ...fields, outcome });
    },

    eventLost({ key: { kind, namespace, name }, message }) {
      moderation.tell("events", (unsaid) => {
        const more = unsaid === 0 ? {} : { unsaid };
        log.warn("Cannot write an Event", { ...more, kind, namespace, name, error: message });
      });
    },

    leads: (lease, isLeading) => metrics.leads(lease, isLeading),

    election(lease, event) {
      switch (event.kind) {
        case "started":
          metrics.leads(lease, true);
          return log.info("Leading: statuses are written by this replica", { lease });
        case "stopped":
          metrics.leads(lease, false);
          return log.info("Not leading any more", { lease });
        case "leader":
          return log.info("The leader is known", { lease, leader: event.identity });
        case "failure":
          return log.warn("Cannot take part in the election", { lease, error: event.message });
      }
    },

    certificates(server, event) {
      switch (event.kind) {
        case "loaded":
          return log.info("Certificate is in use", {
            server,
            notAfter: event.notAfter.toISOString(),
          });
        case "kept":
          return log.error("Certificate cannot be used; the one before stays in use", {
            server,
            error: event.message,
          });
      }
    },

    settled(translation, delta, { seconds, publishSeconds, visits }) {
      const now = performance.now();
      for (const { typeUrl, name } of delta.resources.changed) {
        publishedAt.set(`${typeUrl} ${name}`, now);
      }
      for (const { typeUrl, name } of delta.resources.removed) {
        publishedAt.delete(`${typeUrl} ${name}`);
      }
      for (const changed of delta.statuses.changed) {
        const object = translation.store.get(changed.key);
        const fqdn = object?.kind === "HTTPProxy" ? object.spec.virtualhost?.fqdn : undefined;
        status(changed, fqdn);
      }
      for (const id of delta.statuses.removed) {
        told.delete(id);
        wrong.delete(id);
        moderation.takeBack(id);
        const key = keyFromId(id);
        if (key.kind === "HTTPProxy") metrics.proxy(key, undefined);
      }
      const counts = translation.store.counts();
      for (const kind of kinds) metrics.objects(kind, counts.get(kind) ?? 0);
      metrics.rebuilt({
        at: new Date(),
        seconds,
        publishSeconds,
        memosHeld: translation.statistics().memos,
        memosVisited: visits,
      });
      log.debug("Settled", {
        resources: delta.resources.changed.length,
        removed: delta.resources.removed.length,
        visits,
        ms: Math.round(seconds * 1e6) / 1e3,
      });
    },

    xds(event) {
      switch (event.kind) {
        case "connected":
          connection(event.node.id, 1);
          return;
        case "disconnected":
          connection(event.node.id, -1);
          return;
        case "sent":
          metrics.pushed(event.typeUrl, event.bytes);
          return;
        case "acknowledged":
          if (silence.end(event.node.id, event.typeUrl)) {
            log.info("Envoy answers again", { node: event.node.id, type: event.typeUrl });
          }
          for (const { name } of event.resources) {
            const id = `${event.typeUrl} ${name}`;
            const since = publishedAt.get(id);
            publishedAt.delete(id);
            if (since !== undefined) {
              metrics.acknowledged(event.typeUrl, (performance.now() - since) / 1_000);
            }
          }
          return;
        case "refused":
          silence.end(event.node.id, event.ref.typeUrl);
          metrics.nack(event.ref.typeUrl);
          return;
        case "recovered":
          moderation.tell(`${event.node.id} ${event.ref.name}`, (unsaid) => {
            const { node: { id: node }, ref: { name: resource } } = event;
            const more = unsaid === 0 ? {} : { unsaid };
            log.info("Envoy takes it again", { ...more, node, resource });
          });
          return;
        case "held-too-long":
          log.warn("Sent without waiting any longer for what it needs", {
            node: event.node.id,
            resource: event.ref.name,
            missing: event.waitingFor.map(({ name }) => name).join(","),
          });
          return;
        case "unanswered":
          unanswered(event);
          return;
        case "unknown-type":
          log.debug("Envoy asked for a type that is not served", { type: event.typeUrl });
          return;
        case "stream-failed":
          log.warn("Stream of an Envoy broke", { node: event.node?.id, error: event.message });
          return;
      }
    },

    refused({ objects, resource, node, message }) {
      const ids = objects.map(keyId);
      moderation.tell(
        `refused ${ids.length === 0 ? resource : ids.join(",")}`,
        (unsaid) =>
          log.error("Envoy refused a configuration; what it took last stays in force", {
            ...(unsaid === 0 ? {} : { unsaid }),
            objects: ids.length === 0 ? undefined : shortened(ids.join(",")),
            resource,
            node: node === "" ? undefined : node,
            error: shortened(message.trim()),
          }),
      );
    },

    refusals: (current) => metrics.refusals(current),

    envoy(event) {
      switch (event.kind) {
        case "started":
          log.info("Envoy started", { pid: event.pid });
          return;
        case "line": {
          if (event.stream === "stdout") return log.debug("Envoy access", { line: event.text });
          const { level, component, message } = readEnvoyLine(event.text);
          if (message === "") return;
          return log[level]("Envoy", { component, line: message });
        }
        case "died":
          log.error("Envoy ended and is started again", {
            how: event.how,
            inMs: event.restartInMs,
          });
          return;
        case "stopped":
          log.info("Envoy stopped");
          return;
      }
    },
  };
}

/** Envoy quotes what it refuses, at length. */
function shortened(text: string): string {
  return text.length <= mostWords
    ? text
    : `${text.slice(0, mostWords)}… (${text.length} characters)`;
}

const mostWords = 500;

function hasError(diagnostics: Iterable<Diagnostic> = []): boolean {
  return Array.from(diagnostics).some(({ severity }) => severity === "error");
}

/** Words about what was read are apart from those about what it comes to. */
function readingTopic({ object, code, path, position }: Diagnostic): string {
  return object === undefined ? `${code} ${position?.file ?? ""} ${path}` : `read ${keyId(object)}`;
}

function among(all: readonly Diagnostic[], some: readonly Diagnostic[]): readonly Diagnostic[] {
  const texts = new Set(all.map((diagnostic) => JSON.stringify(diagnostic)));
  return some.filter((diagnostic) => texts.has(JSON.stringify(diagnostic)));
}

/** Diagnostics by all there is about them. */
type Findings = ReadonlyMap<string, Diagnostic>;

const nothing: Findings = new Map();

function setOrDelete(map: Map<string, Findings>, id: string, findings: Findings): void {
  if (findings.size === 0) map.delete(id);
  else map.set(id, findings);
}

function positionText(position: Position | undefined): string | undefined {
  return position === undefined
    ? undefined
    : `${position.file}:${position.line}:${position.column}`;
}
