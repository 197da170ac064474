import { typeUrl } from "../../proto/mod.ts";
import type { Resource, ResourceRef } from "./resource.ts";
import { SharedView, type Taken } from "./shared_view.ts";

/** How a resource is made of parts that several hosts contribute. */
export interface SharedResourceSpec {
  /** Full name of the message. */
  readonly type: string;
  readonly name: string;
  /** Puts the parts together, which come sorted by host; `undefined`: not served now. */
  readonly compose: (
    parts: readonly Uint8Array[],
    context: CompositionContext,
  ) => Uint8Array | undefined;
}

/** What there is to know of the parts as a whole. */
export interface CompositionContext {
  /** What some of the parts need beside them, once for all; see {@link SharedPart.common}. */
  readonly common?: Uint8Array;
  /** How many hosts contribute, those that are left out because Envoy refuses them included. */
  readonly wanted: number;
}

/** What one host contributes. */
export interface SharedPart {
  readonly body: Uint8Array;
  /**
   * What it needs in the resource beside it, and others may need as well. All who need something
   * need the same, but for the moment in which it changes; then the most common form counts.
   */
  readonly common?: Uint8Array;
  /** Names of the clusters it sends traffic to. */
  readonly clusters: readonly string[];
}

/**
 * A resource made of several hosts, in a form for all Envoys, and in one of its own for each Envoy
 * that refuses what others take: an older one, for instance. So what one Envoy refuses is kept from
 * it and from nobody else. Its methods say whether {@link refresh} is due.
 */
export class SharedResource {
  readonly ref: ResourceRef;
  readonly #spec: SharedResourceSpec;
  /** What all are served who take all that is wanted, and whoever is new. */
  #common: SharedView;
  /** By node. */
  readonly #own = new Map<string, OwnView>();
  /** What the Envoys that take the common form took last, by node. */
  readonly #taken = new Map<string, Taken>();
  /** On whose word something is kept from all: what versions each refused, and why. */
  readonly #accusers = new Map<string, Map<string, string>>();
  /** Who is to be served what all are again. */
  readonly #returned: string[] = [];
  /** Who is connected. */
  readonly #present = new Set<string>();
  /** What an Envoy took last of what is for all: what all else is laid over. */
  #ground: string | undefined;
  /** What each host contributes. */
  readonly #wanted = new Map<string, SharedPart>();

  constructor(spec: SharedResourceSpec) {
    this.#spec = spec;
    this.#common = new SharedView(spec);
    this.ref = { typeUrl: typeUrl(spec.type), name: spec.name };
  }

  /** The resource for all as of the last {@link refresh}. */
  get current(): Resource | undefined {
    return this.#common.current;
  }

  /** The hosts whose parts are in {@link current}, sorted. */
  get hosts(): readonly string[] {
    return this.#common.hosts;
  }

  /** The hosts that are left out, or kept in an older form, with Envoy's words about them. */
  get culprits(): ReadonlyMap<string, string> {
    const all = new Map(this.#common.culprits);
    for (const { view } of this.#own.values()) {
      for (const [fqdn, message] of view.culprits) if (!all.has(fqdn)) all.set(fqdn, message);
    }
    return all;
  }

  /** What the host contributes from now on. */
  set(fqdn: string, part: SharedPart | undefined): boolean {
    if (part === undefined) this.#wanted.delete(fqdn);
    else this.#wanted.set(fqdn, part);
    let isDue = this.#common.set(fqdn, part);
    for (const { view } of this.#own.values()) isDue = view.set(fqdn, part) || isDue;
    return isDue;
  }

  /** An Envoy took the version, of its own form if it has one. */
  accepted(version: string, node: string): boolean {
    const own = this.#own.get(node);
    if (own !== undefined) return own.view.accepted(version) || own.view.isCalm;
    const made = this.#common.composition(version);
    if (made !== undefined) {
      this.#taken.delete(node);
      remember(this.#taken, node, { version, made });
      // An Envoy that is slow has what was before.
      if (this.#ground === undefined || !this.#common.isOlder(version, this.#ground)) {
        this.#ground = version;
      }
    }
    const changed = this.#common.accepted(version);
    // What others refused it may take: from now on that is between us and them.
    const accusers = [...this.#accusers.keys()].filter((accuser) => accuser !== node);
    for (const accuser of accusers) this.#part(accuser);
    return changed || accusers.length > 0;
  }

  /** An Envoy refused the version; names the host if that settles which it was. */
  refused(
    version: string,
    message: string,
    node: string,
  ): { readonly culprit?: string; readonly changed: boolean } {
    const own = this.#own.get(node);
    if (own !== undefined) return own.view.refused(version, message);
    // Who has not what all else is laid over may refuse that, and not what is new.
    const isBehind = this.#taken.get(node)?.version !== this.#ground;
    if (isBehind || this.#hasOthers(node)) {
      this.#part(node, version, message);
      return { changed: true };
    }
    const versions = this.#accusers.get(node) ?? new Map<string, string>();
    this.#accusers.set(node, versions.set(version, message));
    const verdict = this.#common.refused(version, message);
    if (verdict.changed || this.#common.current?.version !== version) return verdict;
    this.#part(node, version, message);
    return { changed: true };
  }

  /** An Envoy has come, or is gone. */
  connected(node: string, isThere: boolean): void {
    if (isThere) this.#present.add(node);
    else this.#present.delete(node);
  }

  /** An Envoy is of another version than those before: it is to be asked about everything. */
  absolve(node: string): boolean {
    const own = this.#own.get(node);
    if (own !== undefined) return own.view.absolve();
    if (this.#common.isCalm) return false;
    // What the others refuse is from now on between us and them.
    for (const other of [...this.#taken.keys()]) if (other !== node) this.#part(other);
    this.#accusers.clear();
    return this.#common.absolve();
  }

  /** The hosts that a version was made of which was served lately. */
  hostsIn(version: string): readonly string[] {
    const views = [this.#common, ...[...this.#own.values()].map(({ view }) => view)];
    return views.flatMap((view) => view.composition(version)?.hosts ?? []);
  }

  /** What was refused was so for the sake of something that is gone: all are asked about it anew. */
  retry(): boolean {
    let isDue = this.#common.absolve();
    for (const { view } of this.#own.values()) isDue = view.absolve() || isDue;
    return isDue;
  }

  /**
   * Puts the resource together anew, for all and for those who have one of their own. Gives back
   * the hosts that are found to be refused by what was refused before.
   */
  refresh(): SharedChange {
    const found = [...this.#common.refresh()];
    if (this.#common.isCalm) this.#accusers.clear();
    for (const each of this.#own.values()) {
      const before = each.view.current?.version;
      found.push(...each.view.refresh());
      if (each.view.current?.version !== before) each.isDue = true;
    }
    this.#promote();
    const own: OwnChange[] = [];
    for (const [node, each] of this.#own) {
      const { current, isCalm } = each.view;
      if (isCalm && this.#common.isCalm) {
        this.#own.delete(node);
        const made = current && each.view.composition(current.version);
        if (made) remember(this.#taken, node, { version: current.version, made });
        own.push({ node, ref: this.ref });
      } else if (each.isDue) own.push({ node, ref: this.ref, resource: current ?? "none" });
      each.isDue = false;
    }
    own.push(...this.#returned.splice(0).map((node) => ({ node, ref: this.ref })));
    return { culprits: found, own };
  }

  /**
   * Where one Envoy takes all that is wanted, what is for all is what it has: those who refuse some
   * of that are the ones to have a form of their own.
   */
  #promote(): void {
    if (this.#common.isCalm) return;
    const [node, promoted] = [...this.#own].find(([, { view }]) => view.isCalm) ?? [];
    const version = promoted?.view.current?.version;
    const made = version === undefined ? undefined : promoted?.view.composition(version);
    if (node === undefined || promoted === undefined || version === undefined || !made) return;
    for (const other of [...this.#taken.keys()]) this.#part(other);
    this.#common = promoted.view;
    this.#accusers.clear();
    this.#own.delete(node);
    this.#returned.push(node);
    remember(this.#taken, node, { version, made });
    this.#ground = version;
  }

  /** Whether there is another Envoy that is served what is for all. */
  #hasOthers(node: string): boolean {
    return [...this.#present].some((other) => other !== node && !this.#own.has(other));
  }

  /** Gives a node a form of its own, made of what it took last; it may have refused one just now. */
  #part(node: string, version?: string, message = ""): void {
    const taken = this.#taken.get(node);
    this.#taken.delete(node);
    const refused = this.#accusers.get(node) ?? new Map<string, string>();
    this.#accusers.delete(node);
    if (refused.size > 0) this.#common.disregard(refused.keys());
    if (version !== undefined) refused.set(version, message);
    const view = new SharedView(this.#spec, taken, refused);
    for (const fqdn of taken?.made.hosts ?? []) {
      if (!this.#wanted.has(fqdn)) view.set(fqdn, undefined);
    }
    for (const [fqdn, part] of this.#wanted) view.set(fqdn, part);
    view.refresh();
    this.#own.set(node, { view, isDue: true });
    const [oldest] = this.#own.keys();
    if (this.#own.size > mostOwn && oldest !== undefined) this.#own.delete(oldest);
  }
}

/** What a {@link SharedResource.refresh} came to beside the common form. */
export interface SharedChange {
  readonly culprits: readonly string[];
  readonly own: readonly OwnChange[];
}

/** What one Envoy is served in place of what all others are. */
export interface OwnChange {
  readonly node: string;
  readonly ref: ResourceRef;
  /** Absent: what all are. */
  readonly resource?: Resource | "none";
}

interface OwnView {
  readonly view: SharedView;
  /** Its Envoy is not served it yet. */
  isDue: boolean;
}

/** Envoys with a form of their own; whoever is beyond that has the common one, and its last. */
const mostOwn = 16;

/** Keeps the newest entries of a map. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > longestMemory && oldest !== undefined) map.delete(oldest);
}

/** Envoys of which it is known what they have, and versions of which it is who takes them. */
const longestMemory = 64;
