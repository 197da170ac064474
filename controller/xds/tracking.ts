import type { AcceptedRecords, NodeState } from "./node_state.ts";
import { type Resource, type ResourceRef, TYPE_URLS } from "./resource.ts";
import type { ResourceView } from "./resource_cache.ts";
import { membersOf, withMember, withoutMember } from "./small_set.ts";
import { type Form, isForm, Subscription, Tracked } from "./subscription.ts";

/**
 * All that one stream knows, and who mentions whom in it. The reverse edges are kept as forms come
 * and go, so that the answer to "who still needs this" costs nothing.
 */
export class Tracking implements AcceptedRecords {
  readonly #cache: ResourceView;
  readonly #node: NodeState;
  /** In the order of {@linkcode TYPE_URLS}, others behind. */
  #subscriptions: Subscription[] = [];
  readonly #byType = new Map<string, Subscription>();
  /** How many forms the Envoy has of which we cannot tell what they need. */
  foreign = 0;

  constructor(cache: ResourceView, node: NodeState) {
    this.#cache = cache;
    this.#node = node;
  }

  record({ typeUrl, name }: ResourceRef): Tracked | undefined {
    return this.#byType.get(typeUrl)?.tracked.get(name);
  }

  *records(typeUrl: string): Generator<Tracked> {
    yield* this.#byType.get(typeUrl)?.tracked.values() ?? [];
  }

  *allRecords(): Generator<Tracked> {
    for (const { tracked } of this.#subscriptions) yield* tracked.values();
  }

  get subscriptions(): readonly Subscription[] {
    return this.#subscriptions;
  }

  /** What is known of a type, if anything was. */
  peek(typeUrl: string): Subscription | undefined {
    return this.#byType.get(typeUrl);
  }

  subscription(typeUrl: string): Subscription {
    let subscription = this.#byType.get(typeUrl);
    if (subscription === undefined) {
      this.#byType.set(typeUrl, subscription = new Subscription(typeUrl));
      this.#subscriptions = [...this.#subscriptions, subscription]
        .sort((a, b) => sendingOrder(a.typeUrl) - sendingOrder(b.typeUrl));
    }
    return subscription;
  }

  track({ typeUrl, name }: ResourceRef): Tracked {
    const subscription = this.subscription(typeUrl);
    let tracked = subscription.tracked.get(name);
    if (tracked === undefined) {
      subscription.tracked.set(name, tracked = new Tracked(subscription, name));
    }
    return tracked;
  }

  /** Has the next pump look at it. */
  mark(tracked: Tracked): void {
    if (!tracked.isSubscribed) return;
    const { subscription } = tracked;
    // Those whose record was dropped may still be known as waiting for something.
    if (subscription.tracked.get(tracked.name) !== tracked) return;
    subscription.unqueue(tracked);
    const isGone = this.#cache.get(tracked) === undefined;
    (isGone ? subscription.leaving : subscription.coming).add(tracked);
  }

  /** Has the next pump look at those who wait for it. */
  wake(tracked: Tracked): void {
    const { waiters } = tracked;
    if (waiters === undefined) return;
    tracked.waiters = undefined;
    for (const waiter of membersOf(waiters)) this.mark(waiter);
  }

  /** Notes which forms the Envoy has, or may have. Does not wake those who wait for it. */
  setForms(
    tracked: Tracked,
    acknowledged: Form | "absent" | undefined,
    sent: Form | "absent" | undefined,
  ): void {
    const before = mentioned(tracked.acknowledged, tracked.sent);
    const had = tracked.acknowledged;
    tracked.acknowledged = acknowledged;
    tracked.sent = sent;
    const after = mentioned(acknowledged, sent);
    tracked.subscription.acknowledged += Number(isForm(acknowledged)) - Number(isForm(had));
    this.foreign += Number(isForeign(acknowledged)) - Number(isForeign(had));
    this.#relink(tracked, before, after);
  }

  /** The Envoy lost interest: what it has of it, and what is on its way, matters no more. */
  forget(tracked: Tracked): void {
    const { subscription } = tracked;
    for (const { entries } of subscription.flights) entries.delete(tracked);
    subscription.unqueue(tracked);
    tracked.owed = undefined;
    tracked.isOverdue = false;
    this.setForms(tracked, undefined, undefined);
    this.wake(tracked);
    this.release(tracked);
  }

  /** Drops the record of a name when nothing hangs on it. */
  release(tracked: Tracked): void {
    if (
      tracked.isNamed || tracked.owed !== undefined || tracked.acknowledged !== undefined ||
      tracked.sent !== undefined ||
      tracked.dependents !== undefined || tracked.waiters !== undefined ||
      (tracked.subscription.wildcard && this.#cache.get(tracked) !== undefined)
    ) return;
    tracked.subscription.unqueue(tracked);
    tracked.subscription.tracked.delete(tracked.name);
    this.#node.keep(tracked);
  }

  #relink(tracked: Tracked, before: readonly ResourceRef[], after: readonly ResourceRef[]): void {
    const kept = new Set<Tracked>();
    for (const ref of after) {
      const dependency = this.track(ref);
      if (dependency === tracked) continue;
      dependency.dependents = withMember(dependency.dependents, tracked);
      if (before.length > 0) kept.add(dependency);
    }
    for (const ref of before) {
      const dependency = this.peek(ref.typeUrl)?.tracked.get(ref.name);
      if (dependency?.dependents === undefined || kept.has(dependency)) continue;
      dependency.dependents = withoutMember(dependency.dependents, tracked);
      if (dependency.dependents !== undefined) continue;
      // Its removal may have waited for this, or others for an answer that matters no more.
      this.mark(dependency);
      this.wake(dependency);
      this.release(dependency);
    }
  }
}

/** What the resource mentions: what it needs, and what it warms. */
export function mentions(form: Pick<Resource, "needs" | "warms">): readonly ResourceRef[] {
  if (form.warms === undefined) return form.needs ?? [];
  if (form.needs === undefined) return form.warms;
  return [...form.needs, ...form.warms];
}

function isForeign(form: Form | "absent" | undefined): boolean {
  return isForm(form) && form.isForeign === true;
}

function mentioned(
  acknowledged: Form | "absent" | undefined,
  sent: Form | "absent" | undefined,
): readonly ResourceRef[] {
  if (!isForm(sent)) return isForm(acknowledged) ? mentions(acknowledged) : [];
  if (!isForm(acknowledged) || acknowledged === sent) return mentions(sent);
  return [...mentions(acknowledged), ...mentions(sent)];
}

function sendingOrder(typeUrl: string): number {
  const index = TYPE_URLS.indexOf(typeUrl);
  return index < 0 ? TYPE_URLS.length : index;
}
