import {
  isPolicyKind,
  keyId,
  noPolicyKinds,
  type ObjectKey,
  type PolicyKinds,
} from "../api/mod.ts";
import { ApiError } from "./api_error.ts";
import { Backoff } from "./backoff.ts";
import type { KubeClient, KubeRequest } from "./client.ts";
import { type Clock, Linked } from "./clock.ts";
import type { ObservedStatus } from "./object_table.ts";
import { objectPath, type Resource, resourceOf } from "./resources.ts";
import { type DesiredStatus, type LoadBalancer, mergeStatus } from "./status_merge.ts";

/**
 * Brings statuses in the cluster to what they should be, while we lead: only those that differ, a
 * few at once, each object by its newest wish. What cannot be written is tried again; what was not
 * written when we ceased to lead is written when we lead again. Ends with the signal.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #slots = new Map<string, Slot>();
  /** Those to look at, oldest first. */
  readonly #queue = new Map<string, Slot>();
  readonly #running = new Set<Promise<void>>();
  /** How often the server failed us as a whole. */
  readonly #outage: Backoff;
  #loadBalancer: LoadBalancer | undefined;
  #leading: Linked | undefined;
  #resume: (() => void) | undefined;
  #idle = Promise.withResolvers<void>();

  constructor(options: StatusWriterOptions) {
    this.#options = options;
    this.#outage = new Backoff({ firstMs: 100, mostMs: 5_000, random: options.random });
    this.#idle.resolve();
    options.signal.addEventListener("abort", () => this.follow(), { once: true });
  }

  /**
   * What an object of our class should say: without conditions only where Envoy can be reached.
   * `undefined` when the object is gone or not ours: what stands there is left alone.
   */
  want(key: ObjectKey, status: DesiredStatus | undefined): void {
    const id = keyId(key);
    const slot = this.#slots.get(id) ?? newSlot(key, this.#options);
    slot.cancelRetry();
    if (status === undefined) {
      this.#slots.delete(id);
      this.#queue.delete(id);
      return;
    }
    slot.desired = status;
    slot.contests = 0;
    slot.backoff.reset();
    this.#slots.set(id, slot);
    this.#enqueue(slot);
  }

  /** Where Envoy can be reached, for all HTTPProxies and Ingresses; nothing is no change. */
  setLoadBalancer(loadBalancer: LoadBalancer | undefined): void {
    this.#loadBalancer = loadBalancer;
    this.#enqueueAll();
  }

  /** The status of these objects in the cluster is another one now, by our doing or another's. */
  observed(keys: readonly ObjectKey[]): void {
    for (const key of keys) {
      const slot = this.#slots.get(keyId(key));
      if (slot === undefined) continue;
      // Somebody who keeps writing the opposite is answered ever more slowly.
      if (slot.contests < toleratedContests) this.#enqueue(slot);
      else if (!slot.isPutOff) this.#later(slot, slot.backoff.next());
    }
  }

  /** From now on statuses are ours to write. */
  lead(): void {
    if (this.#leading !== undefined || this.#options.signal.aborted) return;
    this.#leading = new Linked(this.#options.signal);
    this.#enqueueAll();
  }

  /** From now on they are not; what is on its way is broken off. */
  follow(): void {
    this.#leading?.abort(new DOMException("Somebody else leads", "AbortError"));
    this.#leading?.[Symbol.dispose]();
    this.#leading = undefined;
    this.#resume?.();
    this.#resume = undefined;
    for (const slot of this.#slots.values()) slot.cancelRetry();
    this.#queue.clear();
    if (this.#running.size === 0) this.#idle.resolve();
  }

  /** Resolves when nothing is left to look at for now, and when we do not lead. */
  async idle(): Promise<void> {
    await this.#idle.promise;
  }

  /** Objects that wait for their turn, or that are being written. */
  get pending(): number {
    return this.#queue.size + this.#running.size;
  }

  #enqueueAll(): void {
    for (const slot of this.#slots.values()) this.#enqueue(slot);
  }

  #enqueue(slot: Slot): void {
    // Whoever begins to lead looks at everything anyway.
    if (this.#leading === undefined) return;
    slot.cancelRetry();
    if (slot.isBusy) {
      slot.isStale = true;
      return;
    }
    if (this.pending === 0) this.#idle = Promise.withResolvers();
    this.#queue.set(keyId(slot.key), slot);
    this.#pump();
  }

  #later(slot: Slot, waitMs: number): void {
    slot.cancelRetry();
    const cancel = this.#options.clock.after(waitMs, () => this.#enqueue(slot));
    slot.isPutOff = true;
    slot.cancelRetry = () => {
      slot.isPutOff = false;
      cancel();
    };
  }

  /** Begins with as many as may be written at once. */
  #pump(): void {
    const { concurrency = 8 } = this.#options;
    const leading = this.#leading;
    if (leading === undefined || this.#resume !== undefined) return;
    for (const [id, slot] of this.#queue) {
      if (this.#running.size >= concurrency) return;
      this.#queue.delete(id);
      const running = this.#handle(slot, leading.signal).finally(() => {
        this.#running.delete(running);
        this.#pump();
        if (this.pending === 0) this.#idle.resolve();
      });
      this.#running.add(running);
    }
  }

  /** Looks at one object; never rejects. */
  async #handle(slot: Slot, signal: AbortSignal): Promise<void> {
    slot.isBusy = true;
    slot.isStale = false;
    const error = await this.#write(slot, signal);
    slot.isBusy = false;
    // After an abort somebody may already have asked for it again.
    if (this.#slots.get(keyId(slot.key)) !== slot) return;
    if (slot.isStale) this.#enqueue(slot);
    else if (error !== undefined && !signal.aborted) this.#tryAgain(slot, error);
  }

  #tryAgain(slot: Slot, error: unknown): void {
    const { status = 0, retryAfterMs = 0 } = error instanceof ApiError ? error : {};
    const isOutage = !(error instanceof ApiError) || status >= 500 || status === 429 ||
      status === 401;
    if (isOutage) {
      this.#pause(Math.max(this.#outage.next(), retryAfterMs));
      this.#enqueue(slot);
    } else if (status === 403 || status === 409) this.#later(slot, slot.backoff.next());
    // Else the server will not have it, however often we say it: until it, or our word, changes.
  }

  /** The server is in trouble: everything waits, not each by itself. */
  #pause(waitMs: number): void {
    if (this.#resume !== undefined) return;
    this.#resume = this.#options.clock.after(waitMs, () => {
      this.#resume = undefined;
      this.#pump();
    });
  }

  /** Writes one status if it differs; returns the error when that failed. */
  async #write(slot: Slot, signal: AbortSignal): Promise<unknown> {
    const { clock, notify } = this.#options;
    const begin = clock.monotonic();
    const report = (outcome: StatusOutcome, message?: string) => {
      const seconds = (clock.monotonic() - begin) / 1_000;
      notify?.({ key: slot.key, outcome, seconds, ...(message === undefined ? {} : { message }) });
    };
    try {
      let current = this.#current(slot);
      for (let conflicts = 0;; conflicts++) {
        const status = current &&
          mergeStatus(current.status, this.#desired(slot), new Date(clock.now()));
        if (current === undefined || status === undefined) {
          report("unchanged");
          return undefined;
        }
        try {
          await this.#put(slot, current, status, signal);
          this.#outage.reset();
          slot.contests++;
          report("written");
          return undefined;
        } catch (error) {
          const isConflict = error instanceof ApiError && error.status === 409;
          if (!isConflict || conflicts >= mostConflicts) throw error;
          report("conflict");
          current = await this.#get(slot, signal);
        }
      }
    } catch (error) {
      if (signal.aborted) return error;
      if (error instanceof ApiError && error.status === 404) {
        // Gone, of which the watch will tell.
        report("unchanged");
        return undefined;
      }
      report("failed", error instanceof Error ? error.message : String(error));
      return error;
    }
  }

  #desired({ key, desired }: Slot): DesiredStatus {
    const hasAddress = key.kind === "HTTPProxy" || key.kind === "Ingress";
    const loadBalancer = hasAddress ? this.#loadBalancer : undefined;
    return loadBalancer === undefined ? desired : { ...desired, loadBalancer };
  }

  /** What stands in the cluster: what we wrote last, until the watch brings something newer. */
  #current(slot: Slot): ObservedStatus | undefined {
    const observed = this.#options.statusOf(slot.key);
    if (observed === undefined || slot.own === undefined) return observed;
    return observed.resourceVersion === slot.own.instead ? slot.own.current : observed;
  }

  async #put(
    slot: Slot,
    current: ObservedStatus,
    status: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<void> {
    const { kind, namespace, name } = slot.key;
    const { resourceVersion } = current;
    const resource = this.#resource(kind);
    const path = `${objectPath(resource, namespace, name)}/status`;
    // The server takes nothing but the status of a custom resource; of its own kinds it takes
    // labels and annotations too, so those are sent back as they are.
    const whole = isCustom(kind) ? {} : await this.#whole(slot, resourceVersion, signal);
    const metadata = { ...whole.metadata, namespace, name, resourceVersion };
    const answer = await this.#send({
      method: "PUT",
      path,
      body: {
        ...whole,
        apiVersion: resource.apiVersion,
        kind: resource.name,
        metadata,
        status,
      },
    }, signal);
    slot.own = {
      current: observedIn(answer),
      instead: this.#options.statusOf(slot.key)?.resourceVersion ?? "",
    };
  }

  async #get(slot: Slot, signal: AbortSignal): Promise<ObservedStatus> {
    const { kind, namespace, name } = slot.key;
    const path = objectPath(this.#resource(kind), namespace, name);
    return observedIn(await this.#send({ method: "GET", path }, signal));
  }

  async #whole(slot: Slot, version: string, signal: AbortSignal): Promise<WholeObject> {
    const { kind, namespace, name } = slot.key;
    const path = objectPath(this.#resource(kind), namespace, name);
    const object = await this.#send({ method: "GET", path }, signal) as WholeObject;
    if (object.metadata?.resourceVersion === version) return object;
    throw new ApiError(`Cannot write the status of ${keyId(slot.key)}`, {
      status: 409,
      reason: "Conflict",
    });
  }

  #resource(kind: ObjectKey["kind"]): Resource {
    return resourceOf(kind, this.#options.policyKinds ?? noPolicyKinds);
  }

  #send(request: KubeRequest, signal: AbortSignal): Promise<unknown> {
    return this.#options.client.request(request, signal);
  }
}

/** See {@link StatusWriter}. */
export interface StatusWriterOptions {
  readonly client: KubeClient;
  /** Kinds that plugins add; none if left out. */
  readonly policyKinds?: PolicyKinds;
  /** What stands in the cluster; see `KubeSource.statusOf`. */
  readonly statusOf: (key: ObjectKey) => ObservedStatus | undefined;
  readonly clock: Clock;
  /** At least 0, below 1. */
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Requests at once; 8 when not given. */
  readonly concurrency?: number;
  /** Told of every attempt, for metrics and the log. */
  readonly notify?: (event: StatusEvent) => void;
}

/** What came of looking at one object. */
export interface StatusEvent {
  readonly key: ObjectKey;
  readonly outcome: StatusOutcome;
  readonly seconds: number;
  /** Why it failed. */
  readonly message?: string;
}

/** `conflict`: somebody else wrote in between, and it is tried again at once. */
export type StatusOutcome = "written" | "unchanged" | "conflict" | "failed";

const customKinds = new Set<ObjectKey["kind"]>([
  "HTTPProxy",
  "ExtensionService",
  "TLSCertificateDelegation",
]);

function isCustom(kind: ObjectKey["kind"]): boolean {
  return isPolicyKind(kind) || customKinds.has(kind);
}

/** In a row, before it is put off. */
const mostConflicts = 5;

/** Writes of one wish: the first, and some against others, before these are answered slowly. */
const toleratedContests = 4;

interface Slot {
  readonly key: ObjectKey;
  readonly backoff: Backoff;
  desired: DesiredStatus;
  /** How often this wish was written. */
  contests: number;
  isBusy: boolean;
  /** Something happened while it was busy. */
  isStale: boolean;
  /** What we wrote, and the version the watch had then. */
  own: { readonly current: ObservedStatus; readonly instead: string } | undefined;
  /** It will be looked at later. */
  isPutOff: boolean;
  /** Takes back what was put off. */
  cancelRetry: () => void;
}

function newSlot(key: ObjectKey, { random }: StatusWriterOptions): Slot {
  return {
    key,
    backoff: new Backoff({ firstMs: 500, mostMs: 30_000, random }),
    desired: {},
    contests: 0,
    isBusy: false,
    isStale: false,
    own: undefined,
    isPutOff: false,
    cancelRetry: () => {},
  };
}

interface WholeObject {
  readonly metadata?: { readonly resourceVersion?: string };
}

function observedIn(answer: unknown): ObservedStatus {
  const { metadata, status } = answer as WholeObject & { readonly status?: unknown };
  return { resourceVersion: metadata?.resourceVersion ?? "", status };
}
