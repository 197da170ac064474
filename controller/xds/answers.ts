import { namedIn } from "./error_names.ts";
import type { XdsEvent } from "./event.ts";
import type { NodeState } from "./node_state.ts";
import type { Resource, ResourceRef } from "./resource.ts";
import type { ResourceView } from "./resource_cache.ts";
import { type Flight, type Form, isForm, type Subscription, type Tracked } from "./subscription.ts";
import type { Tracking } from "./tracking.ts";

/** Draws the consequences of what an Envoy says about a response. */
export class Answers {
  readonly #cache: ResourceView;
  readonly #node: NodeState;
  readonly #tracking: Tracking;
  readonly #emit: (event: XdsEvent) => void;

  constructor(
    cache: ResourceView,
    node: NodeState,
    tracking: Tracking,
    emit: (event: XdsEvent) => void,
  ) {
    this.#cache = cache;
    this.#node = node;
    this.#tracking = tracking;
    this.#emit = emit;
  }

  /** The Envoy took the response. */
  accepted(subscription: Subscription, { entries, isRepair }: Flight): void {
    const resources: { name: string; version: string }[] = [];
    const removed: string[] = [];
    for (const [tracked, resource] of entries) {
      const { name } = tracked;
      if (tracked.owed === "sent") tracked.owed = undefined;
      if (resource === undefined) {
        removed.push(name);
        if (isRepair) this.#tookBack(tracked, absentFor(tracked), "absent");
        else this.#dropped(tracked);
      } else if (isRepair) {
        resources.push({ name, version: resource.version });
        this.#tookBack(tracked, resource, resource);
      } else {
        resources.push({ name, version: resource.version });
        this.#tracking.setForms(tracked, resource, sentAfter(tracked, resource));
        this.#node.accept(resource);
        const isCurrent = this.#cache.get(tracked)?.version === resource.version;
        if (isCurrent && this.#node.recover(tracked)) this.recovered(tracked, resource.version);
      }
      this.#tracking.wake(tracked);
      this.#tracking.release(tracked);
    }
    const { typeUrl } = subscription;
    this.#emit({ kind: "acknowledged", node: this.#node.node, typeUrl, resources, removed });
  }

  /** The Envoy knows that there is none. */
  #dropped(tracked: Tracked): void {
    this.#tracking.setForms(tracked, absentFor(tracked), sentAfter(tracked, "absent"));
    this.#node.drop(tracked);
  }

  /** The Envoy remembers nothing but what it runs on, so what is served can be tried again. */
  #tookBack(
    tracked: Tracked,
    known: Form | "absent" | undefined,
    answered: Form | "absent",
  ): void {
    this.#tracking.setForms(tracked, known, sentAfter(tracked, answered));
    this.repaired(tracked);
  }

  /** Nothing of it is to be taken back any more. */
  repaired(tracked: Tracked): void {
    if (!isForm(tracked.acknowledged) && this.#cache.get(tracked) === undefined) {
      this.#node.drop(tracked);
    } else this.#node.repaired(tracked);
    this.#tracking.mark(tracked);
  }

  /** The Envoy refused the response, or a part of it: which, it need not say. */
  refused(subscription: Subscription, flight: Flight, message: string, now: number): void {
    for (const [tracked, resource] of flight.entries) {
      // A removal may have been done all the same: until it is sent again, nobody may rely on it.
      if (tracked.owed === "sent" || resource === undefined) tracked.owed = "due";
    }
    if (flight.isRepair) return this.#refusedRepair(flight);
    if (flight.size === 1) {
      for (const [tracked, resource] of flight.entries) {
        this.#culprit(tracked, resource, { message: message.slice(0, MAX_MESSAGE), since: now });
      }
      return;
    }
    const { named, others } = namedIn(message, flight.entries);
    const othersLimit = named.length > 0 && named.length < flight.size
      ? flight.size - named.length
      : Math.floor(flight.size / 2);
    // The innocent first: they need not wait for the trial.
    for (const tracked of others) this.#suspect(subscription, tracked, flight, othersLimit);
    for (const tracked of named) this.#suspect(subscription, tracked, flight, 1);
  }

  /**
   * Not to be expected, as it took all that before. What it does not even take alone is given up:
   * then the new form is tried as it is.
   */
  #refusedRepair({ entries, size }: Flight): void {
    for (const [tracked, resource] of entries) {
      const { acknowledged } = tracked;
      this.#tracking.setForms(tracked, acknowledged, sentAfter(tracked, resource ?? "absent"));
      if (size === 1) this.repaired(tracked);
      else {
        this.#node.limitRepair(tracked, Math.floor(size / 2));
        this.#tracking.mark(tracked);
      }
    }
  }

  #suspect(subscription: Subscription, tracked: Tracked, flight: Flight, limit: number): void {
    this.#node.suspect(tracked, flight.entries.get(tracked)?.version ?? "", limit);
    subscription.unqueue(tracked);
    subscription.suspects.add(tracked);
  }

  /** It was alone in the response, so it is what the Envoy refused. */
  #culprit(
    tracked: Tracked,
    resource: Resource | undefined,
    refusal: { readonly message: string; readonly since: number },
  ): void {
    const { node } = this.#node;
    const ref = { typeUrl: tracked.typeUrl, name: tracked.name };
    if (resource === undefined) {
      tracked.owed = undefined;
      // Nothing can be sent in its place, and asking again would be answered the same.
      this.#dropped(tracked);
      const fallback = "last-accepted";
      this.#emit({ kind: "refused", node, ref, version: "", ...refusal, fallback });
    } else {
      this.#node.refuse(tracked, { version: resource.version, ...refusal });
      this.#tracking.setForms(tracked, tracked.acknowledged, sentAfter(tracked, resource));
      // An earlier version may have been applied in part of a response, so the last good one goes out.
      tracked.owed = this.#node.isUncertain(tracked) ? "due" : undefined;
      if (this.#cache.get(tracked)?.version === resource.version) this.raise(tracked);
      else {
        // What is served by now may hold the same fault.
        const refused = { version: resource.version, ...refusal };
        const report = this.#node.stand(ref, refused, isForm(tracked.acknowledged));
        if (report !== undefined) this.#emit({ kind: "refused", node, ...report });
      }
      this.#tracking.mark(tracked);
    }
    this.#tracking.wake(tracked);
    this.#tracking.release(tracked);
  }

  /** Reports that what is served of it is what this Envoy refused, once. */
  raise(tracked: Tracked): void {
    const version = this.#cache.get(tracked)?.version;
    const refusal = version === undefined ? undefined : this.#node.refusal(tracked, version);
    if (refusal === undefined) return;
    const ref = { typeUrl: tracked.typeUrl, name: tracked.name };
    const report = this.#node.stand(ref, refusal, isForm(tracked.acknowledged));
    if (report !== undefined) this.#emit({ kind: "refused", node: this.#node.node, ...report });
  }

  /** Reports that a refusal is over. */
  recovered(ref: ResourceRef, version: string | undefined): void {
    const { typeUrl, name } = ref;
    const node = this.#node.node;
    const recovered = { kind: "recovered", node, ref: { typeUrl, name } } as const;
    this.#emit(version === undefined ? recovered : { ...recovered, version });
  }
}

/** How it is kept in mind that the Envoy has none: only of what it asked for by name. */
function absentFor({ isNamed }: Tracked): "absent" | undefined {
  return isNamed ? "absent" : undefined;
}

/** What is under way of it after this was answered: another form, when the answer came late. */
function sentAfter({ sent }: Tracked, answered: Form | "absent"): Form | "absent" | undefined {
  return sent === answered ? undefined : sent;
}

/** As much as Envoy itself puts into an error. */
const MAX_MESSAGE = 4_096;
