import type { NodeState } from "./node_state.ts";
import {
  PARTIALLY_REMEMBERED_TYPE_URLS,
  type Resource,
  type ResourceRef,
  ROOT_TYPE_URLS,
} from "./resource.ts";
import type { ResourceView } from "./resource_cache.ts";
import { membersOf } from "./small_set.ts";
import { isForm, type Tracked } from "./subscription.ts";
import type { Tracking } from "./tracking.ts";

/** What is to be done about one resource on one stream. */
export type Verdict =
  /** The Envoy has what it should have. */
  | { readonly kind: "settled" }
  /** Send it (or, where undefined, that there is none), though `despite` is not ready. */
  | {
    readonly kind: "send";
    readonly resource: Resource | undefined;
    readonly despite: readonly ResourceRef[];
  }
  /** Look again when something happens to one of `blockers`, or when the last dependent is gone. */
  | { readonly kind: "wait"; readonly blockers: readonly Tracked[] };

/** What takes back a form that an Envoy may remember: the form in use, or (undefined) a removal. */
export interface Repair {
  readonly resource: Resource | undefined;
}

/**
 * Judges in which order an Envoy gets things: make before break, on the ground of what it has
 * acknowledged and of what the resources say they need.
 */
export class Judge {
  readonly #cache: ResourceView;
  readonly #node: NodeState;
  readonly #tracking: Tracking;
  /** Types this client does not take though resources warm them; learned when a wait ran out. */
  readonly unwanted = new Set<string>();
  /** Nothing others may need is dropped yet: it is not known all what the Envoy has. */
  isKeeping = false;

  constructor(cache: ResourceView, node: NodeState, tracking: Tracking) {
    this.#cache = cache;
    this.#node = node;
    this.#tracking = tracking;
  }

  judge(tracked: Tracked): Verdict {
    if (!tracked.isSubscribed) return settled;
    const target = this.#target(tracked);
    switch (target) {
      case "as-it-is":
        return settled;
      case undefined:
        return this.#judgeRemoval(tracked);
      default:
        return this.#judgeResource(tracked, target);
    }
  }

  /**
   * What the Envoy has to take before this form of `tracked`, if anything: see
   * {@linkcode PARTIALLY_REMEMBERED_TYPE_URLS}.
   */
  repair(tracked: Tracked, resource: Resource | undefined): Repair | undefined {
    if (
      resource === undefined || !PARTIALLY_REMEMBERED_TYPE_URLS.has(tracked.typeUrl) ||
      !this.#node.mayHold(tracked, resource.version)
    ) return undefined;
    const { acknowledged } = tracked;
    if (!isForm(acknowledged)) return { resource: undefined };
    // It runs on this one, so nothing is lost when it passes over it.
    if (acknowledged.version === resource.version) return undefined;
    const accepted = this.#node.accepted(tracked);
    // Without the bytes only a removal would do, which would cost what still works.
    return accepted?.version === acknowledged.version ? { resource: accepted } : undefined;
  }

  #judgeResource(tracked: Tracked, resource: Resource): Verdict {
    const { acknowledged, sent, owed } = tracked;
    const hasIt = isForm(acknowledged) && acknowledged.version === resource.version;
    if (hasIt && sent === undefined && owed === undefined) return settled;
    for (const ref of resource.needs ?? []) {
      const blockers = this.#unready(ref);
      if (blockers.length === 0 || blockers.includes(tracked)) continue;
      if (!tracked.isOverdue) return { kind: "wait", blockers };
      const despite = (resource.needs ?? []).flatMap((need) => this.#unready(need).slice(-1));
      return { kind: "send", resource, despite };
    }
    return { kind: "send", resource, despite: [] };
  }

  #judgeRemoval(tracked: Tracked): Verdict {
    const { acknowledged, sent, owed } = tracked;
    const hasIt = isForm(acknowledged) || sent !== undefined;
    if (!hasIt && owed === undefined && (!tracked.isNamed || acknowledged === "absent")) {
      return settled;
    }
    if (!isForm(acknowledged) && !isForm(sent)) return removal;
    const isKept = this.isKeeping && isForm(acknowledged) && !ROOT_TYPE_URLS.has(tracked.typeUrl);
    if (isKept && !tracked.isOverdue) return { kind: "wait", blockers: [] };
    const user = this.#firstUser(tracked);
    if (user === undefined) return removal;
    if (!tracked.isOverdue) return { kind: "wait", blockers: [user] };
    return this.#isKeptByFallback(tracked, 0)
      ? { kind: "wait", blockers: [user] }
      : { kind: "send", resource: undefined, despite: this.#users(tracked) };
  }

  #users(tracked: Tracked): Tracked[] {
    return [...membersOf(tracked.dependents)].filter((dependent) => this.#uses(dependent, tracked));
  }

  /**
   * What serves in place of a refused resource keeps what it needs for as long as it serves: a
   * route its cluster, and so the cluster its endpoints.
   */
  #isKeptByFallback(tracked: Tracked, depth: number): boolean {
    const users = this.#users(tracked);
    return users.length > 0 && depth <= LONGEST_CHAIN &&
      users.every((user) =>
        this.#isReplaced(user) ||
        (this.#cache.get(user) === undefined && this.#isKeptByFallback(user, depth + 1))
      );
  }

  /** One is enough to wait for, however many there are. */
  #firstUser(tracked: Tracked): Tracked | undefined {
    for (const dependent of membersOf(tracked.dependents)) {
      if (this.#uses(dependent, tracked)) return dependent;
    }
    return undefined;
  }

  /** Whether the Envoy would miss `tracked` in what it has of `dependent`. */
  #uses(dependent: Tracked, { typeUrl, name }: Tracked): boolean {
    const { acknowledged, sent } = dependent;
    const isIt = (ref: ResourceRef) => ref.name === name && ref.typeUrl === typeUrl;
    if (isForm(acknowledged) && acknowledged.needs?.some(isIt)) return true;
    if (isForm(sent) && sent.needs?.some(isIt)) return true;
    // What is only warmed by a form that stays may go: so the endpoints of a cluster.
    const served = this.#cache.get(dependent);
    const isStaying = isForm(acknowledged) && sent === undefined &&
      acknowledged.version === served?.version;
    return !isStaying;
  }

  /**
   * What the Envoy should have: what is served, or if it refused that, what it took last. The last
   * form may be one whose bytes we never had; then it is left `"as-it-is"`.
   */
  #target(tracked: Tracked): Resource | "as-it-is" | undefined {
    const resource = this.#cache.get(tracked);
    if (resource === undefined) return undefined;
    if (this.#node.refusal(tracked, resource.version) === undefined) return resource;
    return this.#node.accepted(tracked) ?? (isForm(tracked.acknowledged) ? "as-it-is" : undefined);
  }

  #isReplaced(tracked: Tracked): boolean {
    const resource = this.#cache.get(tracked);
    return resource !== undefined &&
      this.#node.refusal(tracked, resource.version) !== undefined;
  }

  /**
   * Why `ref` cannot be relied on yet: itself, and last in the list what it waits for. Nobody waits
   * for what this client will not get: what is not served, what it refused or did not ask for.
   */
  #unready(ref: ResourceRef): readonly Tracked[] {
    const subscription = this.#tracking.peek(ref.typeUrl);
    const tracked = subscription?.tracked.get(ref.name);
    if (!subscription?.requested || tracked === undefined || !tracked.isSubscribed) {
      return [];
    }
    const target = this.#target(tracked);
    if (target === undefined) return [];
    const { acknowledged, sent, owed } = tracked;
    // Of an Envoy that takes what we send but says nothing, nothing more can be expected.
    if (subscription.isMute && isForm(sent)) return [];
    if (!isForm(acknowledged) || sent === "absent" || owed !== undefined) return [tracked];
    // Nobody knows what that form warms, and ours is about to replace it.
    if (acknowledged.isForeign && target !== "as-it-is") return [tracked];
    for (const warmed of acknowledged.warms ?? []) {
      const blocker = this.#unanswered(warmed);
      if (blocker !== undefined) return [tracked, blocker];
    }
    return [];
  }

  /** Like `unready`, but the client is expected to ask for what it warms, and to be answered. */
  #unanswered(ref: ResourceRef): Tracked | undefined {
    if (this.unwanted.has(ref.typeUrl)) return undefined;
    const tracked = this.#tracking.track(ref);
    if (!tracked.isSubscribed) return tracked;
    const { acknowledged, sent, owed, isNamed } = tracked;
    // When there is none: it has been told so, or keeps what it has or got, or needs no telling.
    const isAnswered = this.#target(tracked) === undefined
      ? acknowledged !== undefined || isForm(sent) || !isNamed
      : isForm(acknowledged) && owed === undefined;
    return isAnswered ? undefined : tracked;
  }
}

/** Listener or scope, route, cluster, endpoints; deeper than that we do not look. */
const LONGEST_CHAIN = 4;

const settled: Verdict = { kind: "settled" };
const removal: Verdict = { kind: "send", resource: undefined, despite: [] };
