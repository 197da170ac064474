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
import { pluginResources } from "./plugin_filter.ts";
import { runtimeResource } from "./runtime.ts";
import { scopedPlan } from "./scoped_layout.ts";
import {
  type OwnChange,
  type SharedPart,
  SharedResource,
  type SharedResourceSpec,
} from "./shared_resource.ts";
import { equalBytes } from "./shared_view.ts";
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
  accepted(ref: ResourceRef, version: string, node?: string): Verdict;
  /** An Envoy refused a resource. `message` is its own. */
  refused(ref: ResourceRef, version: string, message: string, node?: string): Verdict;
  /** An Envoy has come, or is gone. */
  connected(node: string, isThere: boolean): void;
  /**
   * Keeps hosts off the TLS listener for whose sake Envoys refuse these Secrets, by name, and takes
   * others back that were kept off. From then on an Envoy would refuse in the same words every form
   * of the listener that mentions one, whoever's change it brings.
   */
  withhold(secrets: ReadonlyMap<string, RefusedSecret>): Verdict;
  /** Has what was refused tried again, by an Envoy that is of another version than before. */
  absolve(node: string): Verdict;
  /**
   * What single Envoys are to be served differently from all others since the last call: those
   * that refuse what others take.
   */
  takeOwn(): readonly OwnChange[];
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

/** A Secret that an Envoy refuses. */
export interface RefusedSecret {
  /** Envoy's words. */
  readonly message: string;
  /** Whether an Envoy took it in this form before, so that by itself it is fine. */
  readonly isTaken: boolean;
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
  /** Policies of plugins that have an effect there. Absent: none. */
  readonly policies?: readonly ObjectKey[];
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
function standing({ watch, runtime, plugins }: EnvoyOptions): readonly Resource[] {
  return [
    ...watchResources(watch),
    ...(runtime === undefined ? [] : [runtimeResource(runtime)]),
    ...(plugins === undefined ? [] : pluginResources(plugins)),
  ];
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
  /** See {@link Layout.withhold}. */
  #withheld: ReadonlyMap<string, RefusedSecret> = new Map();
  /** The chains of hosts whose own authorities are to blame, by host. */
  readonly #heldChains = new Map<string, Uint8Array>();
  /** See {@link Layout.takeOwn}. */
  #ownChanges: OwnChange[] = [];
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
    for (const shared of stale) this.#refresh(shared, delta);
    return delta.build();
  }

  *resources(): Iterable<Resource> {
    if (this.#started) yield* this.#always;
    if (this.#plainHosts > 0) yield this.#plainListener;
    for (const { resource } of this.#own.values()) yield resource;
    for (const { current } of this.#shared) if (current !== undefined) yield current;
  }

  accepted(ref: ResourceRef, version: string, node = ""): Verdict {
    const shared = this.#sharedAt(ref);
    return this.#verdict(shared?.accepted(version, node) ? [shared] : [], []);
  }

  withhold(secrets: ReadonlyMap<string, RefusedSecret>): Verdict {
    const before = this.#withheld;
    this.#withheld = secrets;
    const added = [...secrets].filter(([name]) => !before.has(name));
    const gone = [...before.keys()].filter((name) => !secrets.has(name));
    if (added.length + gone.length === 0) return this.#verdict([], []);
    const touched = new Set([...added.map(([name]) => name), ...gone]);
    const stale = new Set<SharedResource>();
    for (const [fqdn, fragment] of this.#fragments) {
      const { secure, secrets: own } = fragment;
      if (!own.some((secret) => touched.has(secretName(secret)))) continue;
      const refused = secrets.get(secure?.certificate ?? "");
      const isAtFault = refused !== undefined && secure?.checksClients === true &&
        aboutAuthorities.test(refused.message);
      if (isAtFault) this.#heldChains.set(fqdn, secure.filterChain);
      else this.#heldChains.delete(fqdn);
      this.#replaceShared(fqdn, fragment, stale);
    }
    for (const shared of stale) {
      const words = [...shared.culprits.values()];
      const isMisled = added.some(([, { message }]) =>
        words.some((word) => word.includes(message.trim()))
      );
      if (isMisled) shared.retry();
    }
    return this.#verdict([...stale], []);
  }

  /** Whether a refusal is about a host that was kept off meanwhile. */
  #isMisled(shared: SharedResource, version: string, message: string): boolean {
    const words = [...this.#withheld.values()];
    return words.some((word) => message.includes(word.message.trim())) &&
      shared.hostsIn(version).some((fqdn) => {
        const fragment = this.#fragments.get(fqdn);
        return fragment !== undefined && this.#isHeld(fragment);
      });
  }

  /** Whether a host is kept off the TLS listener. */
  #isHeld({ fqdn, secure }: HostFragment): boolean {
    if (secure?.certificate === undefined) return false;
    const refused = this.#withheld.get(secure.certificate);
    if (refused === undefined) return false;
    if (!aboutAuthorities.test(refused.message)) return !refused.isTaken;
    const held = this.#heldChains.get(fqdn);
    return held !== undefined && equalBytes(held, secure.filterChain);
  }

  absolve(node: string): Verdict {
    return this.#verdict(this.#shared.filter((shared) => shared.absolve(node)), []);
  }

  connected(node: string, isThere: boolean): void {
    for (const shared of this.#shared) shared.connected(node, isThere);
  }

  takeOwn(): readonly OwnChange[] {
    const changes = this.#ownChanges;
    this.#ownChanges = [];
    return changes;
  }

  refused(ref: ResourceRef, version: string, message: string, node = ""): Verdict {
    const own = this.#own.get(refId(ref));
    if (own?.resource.version === version) {
      this.#words.set(refId(ref), message);
      return this.#verdict([], this.#culprit(ref, own.fqdn, message));
    }
    const shared = this.#sharedAt(ref);
    if (shared === undefined || aboutSocket.test(message)) return this.#verdict([], []);
    const { culprit, changed } = shared.refused(version, message, node);
    if (this.#isMisled(shared, version, message)) {
      return this.#verdict(shared.retry() || changed ? [shared] : [], []);
    }
    const culprits = culprit === undefined ? [] : this.#culprit(ref, culprit, message);
    return this.#verdict(changed ? [shared] : [], culprits);
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
    if (fragment === undefined) this.#heldChains.delete(fqdn);
    if (fragment === undefined) this.#fragments.delete(fqdn);
    else this.#fragments.set(fqdn, fragment);
    this.#plainHosts += Number(fragment?.plain !== undefined) - Number(before !== undefined);
    this.#replaceOwn(fqdn, fragment === undefined ? [] : this.#plan.own(fragment), delta);
    this.#replaceShared(fqdn, fragment, stale);
  }

  #replaceShared(
    fqdn: string,
    fragment: HostFragment | undefined,
    stale: Set<SharedResource>,
  ): void {
    for (const [i, { part, ...spec }] of this.#plan.shared.entries()) {
      const shared = this.#shared[i];
      const own = fragment === undefined ? undefined : part(fragment);
      const isSecure = spec.name === listenerNames.https;
      const kept = isSecure && own && fragment ? this.#presentable(fragment, own) : own;
      if (shared?.set(fqdn, kept)) stale.add(shared);
    }
  }

  /** What of a filter chain can be shown to Envoys that refuse some Secrets. */
  #presentable(fragment: HostFragment, part: SharedPart): SharedPart | undefined {
    if (this.#withheld.size === 0) return part;
    if (this.#isHeld(fragment)) return undefined;
    const { secure, secrets } = fragment;
    const isFallbackRefused = secrets.map(secretName).some((name) =>
      name !== secure?.certificate && this.#withheld.get(name)?.isTaken === false
    );
    if (!isFallbackRefused) return part;
    const { common: _fallback, ...rest } = part;
    return rest;
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

  #verdict(stale: readonly SharedResource[], culprits: readonly Culprit[]): Verdict {
    const delta = new DeltaBuilder();
    const found = stale.flatMap((shared) =>
      this.#refresh(shared, delta).flatMap((fqdn) =>
        this.#culprit(shared.ref, fqdn, shared.culprits.get(fqdn) ?? "")
      )
    );
    return { delta: delta.build(), culprits: [...culprits, ...found] };
  }

  #refresh(shared: SharedResource, delta: DeltaBuilder): readonly string[] {
    const before = shared.current;
    const { culprits, own } = shared.refresh();
    this.#ownChanges.push(...own);
    const after = shared.current;
    if (after === undefined) {
      if (before !== undefined) delta.remove(shared.ref);
    } else if (after.version !== before?.version) delta.change(after);
    return culprits;
  }

  #culprit({ typeUrl, name }: ResourceRef, fqdn: string, message: string): readonly Culprit[] {
    const fragment = this.#fragments.get(fqdn);
    if (fragment === undefined) return [];
    const { owner, sharedWith, policies } = fragment;
    const whose = {
      fqdn,
      owner,
      ...(sharedWith === undefined ? {} : { sharedWith }),
      ...(policies === undefined ? {} : { policies }),
    };
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

/** Words for what stands in a chain itself, though Envoy may find out with the Secret beside it. */
const aboutAuthorities = /trusted CA|CRL/;

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
