import { Answers } from "./answers.ts";
import { type Batch, nextBatch } from "./batch.ts";
import type { XdsEvent } from "./event.ts";
import type { NodeState } from "./node_state.ts";
import {
  CLUSTER_LOAD_ASSIGNMENT,
  PARTIALLY_REMEMBERED_TYPE_URLS,
  type Resource,
  type ResourceRef,
  TYPE_URLS,
  WILDCARD_TYPE_URLS,
} from "./resource.ts";
import type { ResourceCache, ResourceView } from "./resource_cache.ts";
import type { Cursor } from "./change_log.ts";
import type { StreamReport, StreamRequest, StreamResponse } from "./stream_message.ts";
import { withMember } from "./small_set.ts";
import { isForm, type Subscription, type Tracked } from "./subscription.ts";
import { Tracking } from "./tracking.ts";
import { Judge } from "./verdict.ts";

/**
 * One incremental xDS stream, without the network: requests go in by `receive`, and what is to be
 * written comes out of `pump`, which is called after every request, every change of the cache, and
 * when `deadline` has passed.
 * https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#incremental-xds
 *
 * - At most one response of a type is under way; it holds about {@linkcode MAX_RESPONSE_BYTES}. One
 *   that is not answered for seconds keeps the next ones back no longer.
 * - A resource is sent when all it needs is active, a removal when nobody needs it any more; either
 *   after `maxHoldMs` at the latest, which is then reported.
 * - A refused response is divided until it is known which resources are to blame. Where the Envoy
 *   remembers a part of it, that is taken back before.
 */
export class Stream {
  readonly node: NodeState;
  readonly connectedSince: number;
  readonly #cache: ResourceView;
  readonly #emit: (event: XdsEvent) => void;
  readonly #maxHoldMs: number;
  readonly #maxResponseBytes: () => number;
  readonly #tracking: Tracking;
  readonly #judge: Judge;
  readonly #answers: Answers;
  readonly #cursor: Cursor;
  /** Since when each is held, in milliseconds since the epoch; the first is held longest. */
  readonly #held = new Map<Tracked, number>();
  /** Until when at least nothing is dropped; set when the Envoy came with resources. */
  #keepUntil: number | undefined;
  #responses = 0;

  constructor(options: StreamOptions) {
    this.node = options.node;
    this.connectedSince = options.now;
    this.#cache = options.cache.viewOf(options.node.node);
    this.#emit = options.emit;
    this.#maxHoldMs = options.maxHoldMs ?? MAX_HOLD_MS;
    this.#maxResponseBytes = options.maxResponseBytes ?? (() => MAX_RESPONSE_BYTES);
    this.#tracking = new Tracking(this.#cache, this.node);
    this.node.attach(this.#tracking);
    this.#judge = new Judge(this.#cache, this.node, this.#tracking);
    this.#answers = new Answers(this.#cache, this.node, this.#tracking, this.#emit);
    this.#cursor = this.#cache.cursor();
    for (const ref of this.node.prune(this.#cache)) this.#answers.recovered(ref, undefined);
  }

  /** Takes a request. It never fails: what makes no sense is ignored. */
  receive(request: StreamRequest, now: number): void {
    const subscription = this.#subscriptionOf(request.typeUrl);
    if (subscription === undefined) return;
    const isFirst = !subscription.requested;
    subscription.requested = true;
    this.#judge.unwanted.delete(subscription.typeUrl);
    const flight = request.responseNonce === ""
      ? undefined
      : subscription.answered(request.responseNonce);
    if (flight !== undefined) {
      if (request.error === undefined) this.#answers.accepted(subscription, flight);
      else this.#answers.refused(subscription, flight, request.error, now);
    }
    for (const name of request.unsubscribe) this.#unsubscribe(subscription, name);
    for (const name of request.subscribe) this.#subscribe(subscription, name, isFirst);
    if (isFirst) this.#begin(subscription, request, now);
  }

  /** What is to be written now, in this order. */
  pump(now: number): StreamResponse[] {
    this.#readChanges();
    this.#expire(now);
    this.#endKeeping(now);
    const responses: StreamResponse[] = [];
    for (const subscription of this.#tracking.subscriptions) {
      this.#giveUpWaiting(subscription, now);
      if (!subscription.requested || subscription.inFlight !== undefined) continue;
      const batch = nextBatch(subscription, {
        judge: this.#judge,
        node: this.node,
        maxBytes: this.#maxResponseBytes(),
        settled: (tracked) => this.#settled(tracked),
        held: (tracked, blockers) => this.#hold(tracked, blockers, now),
      });
      if (batch.entries.size > 0 || this.#mustSayNone(subscription)) {
        responses.push(this.#dispatch(subscription, batch, now));
      }
    }
    return responses;
  }

  /** An Envoy that starts waits for a first answer about all clusters and all listeners. */
  #mustSayNone({ typeUrl, wildcard, isAnswered }: Subscription): boolean {
    return wildcard && !isAnswered && this.#cache.ofType(typeUrl).size === 0;
  }

  /** When `pump` must be called though nothing happens; undefined when nothing is waited for. */
  deadline(): number | undefined {
    let earliest = Number.POSITIVE_INFINITY;
    for (const since of this.#held.values()) {
      earliest = since + this.#maxHoldMs;
      if (this.#judge.isKeeping) earliest = Math.min(earliest, this.#keepUntil ?? earliest);
      break;
    }
    for (const subscription of this.#tracking.subscriptions) {
      earliest = Math.min(earliest, subscription.answerDue);
    }
    return Number.isFinite(earliest) ? earliest : undefined;
  }

  /** Ends the stream. What the node took and refused stays with the node. */
  close(): void {
    this.#cursor.close();
    this.node.detach(this.#tracking);
    for (
      const { entries, size, isRepair } of this.#tracking.subscriptions.flatMap((one) =>
        one.flights
      )
    ) {
      // What was to be taken back still is.
      if (isRepair) continue;
      // Nobody will tell what became of these.
      for (const [tracked, resource] of entries) {
        this.node.suspect(tracked, resource?.version ?? "", size);
      }
    }
  }

  report(): StreamReport {
    const held = new Map<string, ResourceRef[]>();
    for (const { typeUrl, name } of this.#held.keys()) {
      const refs = held.get(typeUrl);
      if (refs === undefined) held.set(typeUrl, [{ typeUrl, name }]);
      else refs.push({ typeUrl, name });
    }
    const requested = this.#tracking.subscriptions.filter((one) => one.requested);
    return {
      connectedSince: this.connectedSince,
      isSynced: held.size === 0 && requested.every((one) => one.isIdle),
      types: requested.map((one) => ({
        typeUrl: one.typeUrl,
        isWildcard: one.wildcard,
        named: one.named,
        acknowledged: one.acknowledged,
        inFlight: one.inFlight?.entries.size ?? 0,
        pending: one.pending,
        held: held.get(one.typeUrl) ?? [],
      })),
    };
  }

  /** Has everything looked at again: what this node refused may be tried once more. */
  reconsider(): void {
    for (const subscription of this.#tracking.subscriptions) this.#markAll(subscription);
  }

  #subscriptionOf(typeUrl: string): Subscription | undefined {
    const known = this.#tracking.peek(typeUrl);
    if (known?.requested) return known;
    if (typeUrl === "" || this.#tracking.subscriptions.length >= MAX_TYPES) return known;
    if (!TYPE_URLS.includes(typeUrl) && this.#cache.ofType(typeUrl).size === 0) {
      this.#emit({ kind: "unknown-type", node: this.node.node, typeUrl });
    }
    return this.#tracking.subscription(typeUrl);
  }

  /** What only the first request of a type says. */
  #begin(subscription: Subscription, request: StreamRequest, now: number): void {
    const { typeUrl } = subscription;
    const isLegacyWildcard = request.subscribe.length === 0 && WILDCARD_TYPE_URLS.has(typeUrl);
    if (isLegacyWildcard) this.#subscribe(subscription, WILDCARD, true);
    this.#suspectMemory(subscription, request);
    const resources: { readonly name: string; readonly version: string }[] = [];
    for (const [name, version] of Object.entries(request.initialVersions)) {
      if (this.#resume(subscription, name, version, now)) resources.push({ name, version });
    }
    if (resources.length > 0) {
      this.#emit({ kind: "acknowledged", node: this.node.node, typeUrl, resources, removed: [] });
    }
    for (const ref of this.node.uncertain(typeUrl)) {
      // Of a refused response some may have been applied, though the Envoy does not say so.
      const tracked = this.#tracking.track(ref);
      if (tracked.isSubscribed) tracked.owed = "due";
      else if (this.#cache.get(ref) === undefined) this.node.drop(ref);
      this.#tracking.mark(tracked);
      this.#tracking.release(tracked);
    }
    this.node.dropOthers(
      typeUrl,
      (ref) => subscription.tracked.has(ref.name) || this.#cache.get(ref) !== undefined,
    );
  }

  /**
   * An Envoy that was served by another process may have refused something just then, of which it
   * remembers a part. It says what it runs on, so the others can be taken back at no cost.
   */
  #suspectMemory({ typeUrl, wildcard }: Subscription, { initialVersions }: StreamRequest): void {
    if (!PARTIALLY_REMEMBERED_TYPE_URLS.has(typeUrl) || !wildcard) return;
    if (this.node.knows(typeUrl) || Object.keys(initialVersions).length === 0) return;
    for (const resource of this.#cache.ofType(typeUrl).values()) {
      if (Object.hasOwn(initialVersions, resource.name)) continue;
      this.node.suspect(resource, resource.version, Number.POSITIVE_INFINITY);
    }
  }

  #subscribe(subscription: Subscription, name: string, isFirst: boolean): void {
    if (name === WILDCARD) {
      subscription.wildcard = true;
      this.#markAll(subscription);
      return;
    }
    const tracked = this.#tracking.track({ typeUrl: subscription.typeUrl, name });
    // Who asks again for what it has may have lost it.
    const asksAgain = tracked.isNamed || tracked.acknowledged !== undefined ||
      tracked.sent !== undefined;
    if (asksAgain && !isFirst) tracked.owed = "due";
    if (!tracked.isNamed) subscription.named++;
    tracked.isNamed = true;
    this.#tracking.mark(tracked);
  }

  #unsubscribe(subscription: Subscription, name: string): void {
    if (name === WILDCARD) {
      if (!subscription.wildcard) return;
      subscription.wildcard = false;
      for (const tracked of [...subscription.tracked.values()]) {
        if (!tracked.isNamed) this.#forget(tracked);
      }
      return;
    }
    const tracked = subscription.tracked.get(name);
    if (tracked === undefined || !tracked.isNamed) return;
    tracked.isNamed = false;
    subscription.named--;
    if (!subscription.wildcard) return this.#forget(tracked);
    // The client cannot know whether the wildcard covers it, and waits to be told.
    tracked.owed = "due";
    this.#tracking.mark(tracked);
  }

  #forget(tracked: Tracked): void {
    this.#held.delete(tracked);
    this.#tracking.forget(tracked);
    if (this.#cache.get(tracked) === undefined) this.node.drop(tracked);
  }

  /**
   * The client comes with this version of an earlier stream, ours or a replica's. Says whether it
   * is one that we know, and that it has for certain.
   */
  #resume(subscription: Subscription, name: string, version: string, now: number): boolean {
    const ref = { typeUrl: subscription.typeUrl, name };
    if (!subscription.wildcard && !subscription.tracked.get(name)?.isNamed) return false;
    const known = [this.#cache.get(ref), this.node.accepted(ref)]
      .find((resource) => resource?.version === version);
    const tracked = this.#tracking.track(ref);
    const isReplaced = this.#cache.get(ref) !== undefined;
    const foreign = isReplaced ? { version, isForeign: true } as const : { version };
    this.#tracking.setForms(tracked, known ?? foreign, undefined);
    const isCertain = known !== undefined && !this.node.isUncertain(ref);
    // When it may have another, it is sent again in any case.
    if (known !== undefined) {
      if (isCertain) this.node.accept(known);
      else if (PARTIALLY_REMEMBERED_TYPE_URLS.has(ref.typeUrl)) this.node.resume(known);
    }
    this.#tracking.mark(tracked);
    this.#tracking.wake(tracked);
    // What other types it has, and so what of this one is in use, is known when it asked for them.
    this.#keepUntil ??= now + KEEP_MS;
    this.#judge.isKeeping = true;
    return isCertain;
  }

  #readChanges(): void {
    const changes = this.#cursor.read();
    if (changes === "behind") {
      for (const subscription of this.#tracking.subscriptions) this.#markAll(subscription);
      for (const ref of this.node.prune(this.#cache)) this.#answers.recovered(ref, undefined);
      return;
    }
    for (const ref of changes) {
      const subscription = this.#tracking.peek(ref.typeUrl);
      const isGone = this.#cache.get(ref) === undefined;
      if (isGone && this.node.recover(ref)) this.#answers.recovered(ref, undefined);
      const tracked = subscription?.requested && subscription.wildcard
        ? this.#tracking.track(ref)
        : subscription?.tracked.get(ref.name);
      if (tracked === undefined) {
        if (isGone) this.node.drop(ref);
        continue;
      }
      if (isGone) this.#noLongerForeign(tracked);
      this.#tracking.mark(tracked);
      this.#tracking.wake(tracked);
    }
  }

  #markAll(subscription: Subscription): void {
    const { typeUrl } = subscription;
    if (subscription.wildcard) {
      for (const name of this.#cache.ofType(typeUrl).keys()) {
        this.#tracking.track({ typeUrl, name });
      }
    }
    for (const tracked of subscription.tracked.values()) {
      this.#tracking.mark(tracked);
      this.#tracking.wake(tracked);
    }
  }

  #settled(tracked: Tracked): void {
    this.#noLongerForeign(tracked);
    this.#answers.raise(tracked);
    this.#held.delete(tracked);
    tracked.isOverdue = false;
    this.#tracking.release(tracked);
  }

  /** Nothing of ours will come in its place, so nothing more is to be found out about it. */
  #noLongerForeign(tracked: Tracked): void {
    const { acknowledged, sent } = tracked;
    if (!isForm(acknowledged) || !acknowledged.isForeign) return;
    this.#tracking.setForms(tracked, { version: acknowledged.version }, sent);
  }

  #hold(tracked: Tracked, blockers: readonly Tracked[], now: number): void {
    for (const blocker of blockers) blocker.waiters = withMember(blocker.waiters, tracked);
    if (tracked.isOverdue) this.#held.delete(tracked);
    tracked.isOverdue = false;
    if (!this.#held.has(tracked)) this.#held.set(tracked, now);
  }

  #expire(now: number): void {
    for (const [tracked, since] of this.#held) {
      if (since + this.#maxHoldMs > now) return;
      this.#held.delete(tracked);
      tracked.isOverdue = true;
      this.#tracking.mark(tracked);
    }
  }

  /** A response that is not answered must not keep the Envoy from all later changes. */
  #giveUpWaiting(subscription: Subscription, now: number): void {
    const { inFlight, typeUrl } = subscription;
    if (inFlight === undefined || now < subscription.answerDue) return;
    subscription.giveUpWaiting(now);
    const names = [...inFlight.entries.keys()].map(({ name }) => name);
    this.#emit({ kind: "unanswered", node: this.node.node, typeUrl, names });
    for (const tracked of inFlight.entries.keys()) {
      this.#tracking.wake(tracked);
      // What follows is read after it, answered or not.
      if (inFlight.isRepair) this.#answers.repaired(tracked);
    }
  }

  #endKeeping(now: number): void {
    if (!this.#judge.isKeeping || this.#keepUntil === undefined || now < this.#keepUntil) return;
    // Forms that are not ours may need anything, and are about to be replaced.
    if (this.#tracking.foreign > 0) {
      this.#keepUntil = now + KEEP_MS;
      return;
    }
    this.#judge.isKeeping = false;
    for (const tracked of this.#held.keys()) this.#tracking.mark(tracked);
  }

  #dispatch(subscription: Subscription, batch: Batch, now: number): StreamResponse {
    const { entries, forced, isRepair } = batch;
    const resources: Resource[] = [];
    const removed: string[] = [];
    for (const [tracked, resource] of entries) {
      this.#answers.raise(tracked);
      this.#held.delete(tracked);
      tracked.isOverdue = false;
      if (tracked.owed === "due") tracked.owed = "sent";
      this.#tracking.setForms(tracked, tracked.acknowledged, resource ?? "absent");
      if (resource === undefined) removed.push(tracked.name);
      else {
        resources.push(resource);
        this.#redeliver(resource);
      }
    }
    for (const { tracked, despite } of forced) this.#reportForced(tracked, despite);
    const nonce = String(++this.#responses);
    subscription.isAnswered = true;
    subscription.inFlight = { nonce, sentAt: now, size: entries.size, entries, isRepair };
    return { typeUrl: subscription.typeUrl, nonce, resources, removed };
  }

  /**
   * A cluster that is new or changed warms until its endpoints come, also when Envoy has them for
   * another cluster or for its earlier form, and then it does not ask for them.
   * https://github.com/envoyproxy/envoy/issues/13009
   */
  #redeliver(resource: Resource): void {
    for (const ref of resource.warms ?? []) {
      if (ref.typeUrl !== CLUSTER_LOAD_ASSIGNMENT) continue;
      const warmed = this.#tracking.peek(ref.typeUrl)?.tracked.get(ref.name);
      if (warmed === undefined || !warmed.isSubscribed) continue;
      if (!isForm(warmed.acknowledged) && !isForm(warmed.sent)) continue;
      warmed.owed = "due";
      this.#tracking.mark(warmed);
    }
  }

  #reportForced(tracked: Tracked, despite: readonly ResourceRef[]): void {
    for (const { typeUrl } of despite) {
      if (!this.#tracking.peek(typeUrl)?.requested) this.#judge.unwanted.add(typeUrl);
    }
    this.#emit({
      kind: "held-too-long",
      node: this.node.node,
      ref: { typeUrl: tracked.typeUrl, name: tracked.name },
      waitingFor: despite.map(({ typeUrl, name }) => ({ typeUrl, name })),
    });
  }
}

/** About how much a response holds: little enough for a slow Envoy, and to be divided quickly. */
export const MAX_RESPONSE_BYTES = 1 << 20;

/** How long a resource waits for others. Envoy gives up on a warming cluster after as long. */
export const MAX_HOLD_MS = 15_000;

/** What a stream is made of. */
export interface StreamOptions {
  readonly cache: ResourceCache;
  readonly node: NodeState;
  readonly emit: (event: XdsEvent) => void;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Default: {@linkcode MAX_HOLD_MS}. */
  readonly maxHoldMs?: number;
  /** Default: {@linkcode MAX_RESPONSE_BYTES}. */
  readonly maxResponseBytes?: () => number;
}

const WILDCARD = "*";

/** How long after a reconnect nothing is dropped, while the Envoy names all it has. */
const KEEP_MS = 1_000;

/** Of how many types a client can ask on one stream; Envoy knows about a dozen. */
const MAX_TYPES = 32;
