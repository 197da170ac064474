import type { ObjectKey } from "../api/mod.ts";
import { typeUrl } from "../../proto/mod.ts";
import { type GlobalServices, loadAssignmentRef } from "../graph/mod.ts";
import { flatPlan } from "./flat_layout.ts";
import type { HostFragment } from "./host_fragment.ts";
import { listenerNames, secretName } from "./names.ts";
import type { EnvoyOptions } from "./options.ts";
import {
  compareRefs,
  compareText,
  refId,
  type Resource,
  type ResourceDelta,
  type ResourceRef,
  types,
} from "./resource.ts";
import { runtimeResource } from "./runtime.ts";
import { scopedPlan } from "./scoped_layout.ts";
import { type SharedPart, SharedResource, type SharedResourceSpec } from "./shared_resource.ts";
import { watchResources } from "./watch.ts";

/**
 * Which fragments make which listeners, route configurations and scopes. Clusters, endpoints and
 * secrets are resources of their own already and have nothing to do with it.
 *
 * What is served depends on the fragments of the moment and on what Envoy refused of them, not on
 * the order in which they came.
 */
export interface Layout {
  /** Takes changes of hosts in, and says what is to be served differently. */
  update(delta: FragmentDelta): ResourceDelta;
  /** All there is to serve. Nothing before the first {@link update}. */
  resources(): Iterable<Resource>;
  /** An Envoy took a resource, or said on connecting that it has it in this version. */
  accepted(ref: ResourceRef, version: string): Verdict;
  /** An Envoy refused a resource. `message` is its own. */
  refused(ref: ResourceRef, version: string, message: string): Verdict;
  /** The hosts a resource is made of, by name. */
  hostsOf(ref: ResourceRef): readonly HostRef[];
  /** The objects whose hosts send traffic to a cluster or its endpoints, or serve with a Secret. */
  usersOf(ref: ResourceRef): readonly ObjectKey[];
  /** The hosts that are not served as they ask, because Envoy refused it; by name. */
  culprits(): readonly Culprit[];
}

/** Changes of hosts since the last time. */
export interface FragmentDelta {
  readonly hosts: {
    /** By name: new hosts, and new forms of known ones. */
    readonly changed: ReadonlyMap<string, HostFragment>;
    readonly removed: readonly string[];
  };
  /** What is asked about the requests of all hosts; absent: as before, at first nothing. */
  readonly services?: GlobalServices;
}

/** What follows from Envoy's answer. */
export interface Verdict {
  readonly delta: ResourceDelta;
  /** Hosts that this answer settles to be refused. */
  readonly culprits: readonly Culprit[];
}

/** A host and the object that claims it. */
export interface HostRef {
  readonly fqdn: string;
  readonly owner: ObjectKey;
}

/** A host that Envoy refuses in its present form. It is tried again when it changes. */
export interface Culprit extends HostRef {
  /** The others that have rules there. Absent: none. */
  readonly sharedWith?: readonly ObjectKey[];
  /** What was refused. */
  readonly ref: ResourceRef;
  /** Envoy's own words. */
  readonly message: string;
}

/** The layouts there are. `flat` has Contour's names and shapes; `scoped` makes changes cheap. */
export type LayoutKind = "scoped" | "flat";

/** A layout without hosts. */
export function createLayout(kind: LayoutKind, options: EnvoyOptions): Layout {
  switch (kind) {
    case "scoped":
      return new PlannedLayout(scopedPlan(options), standing(options));
    case "flat":
      return new PlannedLayout(flatPlan(options), standing(options));
  }
}

/** What is served whatever the hosts are. */
function standing({ watch, runtime }: EnvoyOptions): readonly Resource[] {
  return [...watchResources(watch), ...(runtime === undefined ? [] : [runtimeResource(runtime)])];
}

/** What tells one layout from another. */
export interface LayoutPlan {
  /** Served while any host has a plain side. */
  readonly plainListener: (services: GlobalServices) => Resource;
  /** Resources made of one host each. */
  readonly own: (fragment: HostFragment) => readonly Resource[];
  /** Resources made of several hosts, and what a host contributes to each. */
  readonly shared: readonly (SharedResourceSpec & {
    readonly part: (fragment: HostFragment) => SharedPart | undefined;
  })[];
}

class PlannedLayout implements Layout {
  readonly #plan: LayoutPlan;
  /** Served from the first update on, whatever the hosts. */
  readonly #always: readonly Resource[];
  readonly #shared: readonly SharedResource[];
  readonly #fragments = new Map<string, HostFragment>();
  /** Resources made of one host, by {@link refId}. */
  readonly #own = new Map<string, { readonly resource: Resource; readonly fqdn: string }>();
  /** The same, by host. */
  readonly #ownOf = new Map<string, readonly Resource[]>();
  /** Envoy's words about resources made of one host, by {@link refId}. */
  readonly #words = new Map<string, string>();
  #plainListener: Resource;
  #plainHosts = 0;
  #started = false;

  constructor(plan: LayoutPlan, always: readonly Resource[]) {
    this.#plan = plan;
    this.#always = always;
    this.#plainListener = plan.plainListener({});
    this.#shared = plan.shared.map((spec) => new SharedResource(spec));
  }

  update({ hosts, services }: FragmentDelta): ResourceDelta {
    const delta = new DeltaBuilder();
    const stale = new Set<SharedResource>(this.#started ? [] : this.#shared);
    const plainListener = this.#plainHosts > 0 ? this.#plainListener : undefined;
    if (services !== undefined) this.#plainListener = this.#plan.plainListener(services);
    if (!this.#started) { for (const resource of this.#always) delta.change(resource); }
    this.#started = true;
    for (const fqdn of hosts.removed) {
      if (!hosts.changed.has(fqdn)) this.#replace(fqdn, undefined, delta, stale);
    }
    for (const [fqdn, fragment] of hosts.changed) this.#replace(fqdn, fragment, delta, stale);
    if (this.#plainHosts === 0) { if (plainListener !== undefined) delta.remove(plainListener); }
    else if (this.#plainListener.version !== plainListener?.version) {
      delta.change(this.#plainListener);
    }
    for (const shared of stale) refresh(shared, delta);
    return delta.build();
  }

  *resources(): Iterable<Resource> {
    if (this.#started) yield* this.#always;
    if (this.#plainHosts > 0) yield this.#plainListener;
    for (const { resource } of this.#own.values()) yield resource;
    for (const { current } of this.#shared) if (current !== undefined) yield current;
  }

  accepted(ref: ResourceRef, version: string): Verdict {
    const shared = this.#sharedAt(ref);
    return this.#verdict(shared?.accepted(version) ? shared : undefined, []);
  }

  refused(ref: ResourceRef, version: string, message: string): Verdict {
    const own = this.#own.get(refId(ref));
    if (own?.resource.version === version) {
      this.#words.set(refId(ref), message);
      return this.#verdict(undefined, this.#culprit(ref, own.fqdn, message));
    }
    const shared = this.#sharedAt(ref);
    if (shared === undefined || aboutSocket.test(message)) return this.#verdict(undefined, []);
    const { culprit, changed } = shared.refused(version, message);
    const culprits = culprit === undefined ? [] : this.#culprit(ref, culprit, message);
    return this.#verdict(changed ? shared : undefined, culprits);
  }

  hostsOf(ref: ResourceRef): readonly HostRef[] {
    const own = this.#own.get(refId(ref));
    const hosts = own === undefined ? this.#sharedAt(ref)?.hosts ?? this.#plain(ref) : [own.fqdn];
    return hosts.flatMap((fqdn) => {
      const owner = this.#fragments.get(fqdn)?.owner;
      return owner === undefined ? [] : [{ fqdn, owner }];
    });
  }

  usersOf(ref: ResourceRef): readonly ObjectKey[] {
    return [...this.#fragments.values()].filter((fragment) => uses(fragment, ref))
      .sort((a, b) => compareText(a.fqdn, b.fqdn))
      .flatMap(({ owner, sharedWith = [] }) => [owner, ...sharedWith]);
  }

  culprits(): readonly Culprit[] {
    const found: Culprit[] = [];
    for (const { ref, culprits } of this.#shared) {
      for (const [fqdn, message] of culprits) found.push(...this.#culprit(ref, fqdn, message));
    }
    for (const [id, message] of this.#words) {
      const own = this.#own.get(id);
      if (own !== undefined) found.push(...this.#culprit(own.resource, own.fqdn, message));
    }
    return found.sort((a, b) => compareText(a.fqdn, b.fqdn) || compareRefs(a.ref, b.ref));
  }

  #replace(
    fqdn: string,
    fragment: HostFragment | undefined,
    delta: DeltaBuilder,
    stale: Set<SharedResource>,
  ): void {
    const before = this.#fragments.get(fqdn)?.plain;
    if (fragment === undefined) this.#fragments.delete(fqdn);
    else this.#fragments.set(fqdn, fragment);
    this.#plainHosts += Number(fragment?.plain !== undefined) - Number(before !== undefined);
    this.#replaceOwn(fqdn, fragment === undefined ? [] : this.#plan.own(fragment), delta);
    for (const [i, { part }] of this.#plan.shared.entries()) {
      const shared = this.#shared[i];
      if (shared?.set(fqdn, fragment === undefined ? undefined : part(fragment))) stale.add(shared);
    }
  }

  #replaceOwn(fqdn: string, next: readonly Resource[], delta: DeltaBuilder): void {
    const kept = new Set(next.map(refId));
    for (const ref of this.#ownOf.get(fqdn) ?? []) {
      if (kept.has(refId(ref))) continue;
      this.#own.delete(refId(ref));
      this.#words.delete(refId(ref));
      delta.remove(ref);
    }
    for (const resource of next) {
      const known = this.#own.get(refId(resource))?.resource;
      if (known?.version === resource.version) continue;
      this.#own.set(refId(resource), { resource, fqdn });
      this.#words.delete(refId(resource));
      delta.change(resource);
    }
    if (next.length > 0) this.#ownOf.set(fqdn, next);
    else this.#ownOf.delete(fqdn);
  }

  #verdict(stale: SharedResource | undefined, culprits: readonly Culprit[]): Verdict {
    const delta = new DeltaBuilder();
    if (stale === undefined) return { delta: delta.build(), culprits };
    const found = refresh(stale, delta).flatMap((fqdn) =>
      this.#culprit(stale.ref, fqdn, stale.culprits.get(fqdn) ?? "")
    );
    return { delta: delta.build(), culprits: [...culprits, ...found] };
  }

  #culprit({ typeUrl, name }: ResourceRef, fqdn: string, message: string): readonly Culprit[] {
    const fragment = this.#fragments.get(fqdn);
    if (fragment === undefined) return [];
    const { owner, sharedWith } = fragment;
    const whose = { fqdn, owner, ...(sharedWith === undefined ? {} : { sharedWith }) };
    return [{ ...whose, ref: { typeUrl, name }, message }];
  }

  #sharedAt(ref: ResourceRef): SharedResource | undefined {
    return this.#shared.find((shared) => refId(shared.ref) === refId(ref));
  }

  /** The hosts behind the plain listener, which is made of none of them. */
  #plain({ name }: ResourceRef): readonly string[] {
    if (name !== listenerNames.http) return [];
    return [...this.#fragments.values()].flatMap(({ plain, fqdn }) =>
      plain === undefined ? [] : [fqdn]
    );
  }
}

/**
 * A listener may also be refused for its address. That is no host's fault, and no host would be
 * left if they were tried one by one.
 */
const aboutSocket = /cannot bind|address already in use|permission denied|socket option/i;

function uses(fragment: HostFragment, ref: ResourceRef): boolean {
  const { clusters, secrets, keyServers = [] } = fragment;
  switch (ref.typeUrl) {
    case typeUrl(types.cluster):
      return [...clusters, ...keyServers].some(({ name }) => name === ref.name);
    case typeUrl(types.clusterLoadAssignment):
      return clusters.some((spec) => loadAssignmentRef(spec).name === ref.name);
    case typeUrl(types.secret):
      return secrets.some((secret) => secretName(secret) === ref.name);
    default:
      return false;
  }
}

function refresh(shared: SharedResource, delta: DeltaBuilder): readonly string[] {
  const before = shared.current;
  const culprits = shared.refresh();
  const after = shared.current;
  if (after === undefined) {
    if (before !== undefined) delta.remove(shared.ref);
  } else if (after.version !== before?.version) delta.change(after);
  return culprits;
}

/** Collects a delta; the last word about a resource counts. */
class DeltaBuilder {
  readonly #changes = new Map<string, Resource | ResourceRef>();

  change(resource: Resource): void {
    this.#changes.set(refId(resource), resource);
  }

  remove({ typeUrl, name }: ResourceRef): void {
    this.#changes.set(refId({ typeUrl, name }), { typeUrl, name });
  }

  build(): ResourceDelta {
    const all = [...this.#changes.values()].sort(compareRefs);
    return {
      changed: all.filter((change) => "version" in change),
      removed: all.filter((change) => !("version" in change)),
    };
  }
}
