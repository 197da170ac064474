import { typeUrl } from "../../proto/mod.ts";
import { Containment } from "./containment.ts";
import { compareText, type Resource, resourceOf, type ResourceRef } from "./resource.ts";

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
 * A resource made of several hosts, of which Envoy may refuse some: see {@link Containment}. Its
 * methods say whether {@link refresh} is due.
 */
export class SharedResource {
  readonly ref: ResourceRef;
  readonly #spec: SharedResourceSpec;
  readonly #parts = new Containment<SharedPart>((a, b) =>
    equalBytes(a.body, b.body) && equalBytes(a.common ?? nothing, b.common ?? nothing)
  );
  /** The hosts that contribute. */
  readonly #wanted = new Set<string>();
  /** Envoy's words about the culprits, by host. */
  readonly #words = new Map<string, string>();
  /** Versions that were refused lately, with Envoy's words. */
  readonly #refusals = new Map<string, string>();
  #acceptedVersion: string | undefined;
  /** The hosts that are served, sorted. */
  #hosts: readonly string[] = [];
  #current: Resource | undefined;

  constructor(spec: SharedResourceSpec) {
    this.#spec = spec;
    this.ref = { typeUrl: typeUrl(spec.type), name: spec.name };
  }

  /** The resource as of the last {@link refresh}. */
  get current(): Resource | undefined {
    return this.#current;
  }

  /** The hosts whose parts are in {@link current}, sorted. */
  get hosts(): readonly string[] {
    return this.#hosts;
  }

  /** The hosts that are left out, or kept in an older form, with Envoy's words about them. */
  get culprits(): ReadonlyMap<string, string> {
    return this.#words;
  }

  /** What the host contributes from now on. */
  set(fqdn: string, part: SharedPart | undefined): boolean {
    const wasWanted = this.#wanted.size > 0;
    if (part === undefined) this.#wanted.delete(fqdn);
    else this.#wanted.add(fqdn);
    const changed = part === undefined ? this.#parts.delete(fqdn) : this.#parts.set(fqdn, part);
    if (!this.#parts.isCulprit(fqdn)) this.#words.delete(fqdn);
    return changed || wasWanted !== this.#wanted.size > 0;
  }

  /** An Envoy took the version. */
  accepted(version: string): boolean {
    this.#acceptedVersion = version;
    this.#refusals.delete(version);
    return this.#parts.accepted(version);
  }

  /** An Envoy refused the version; names the host if that settles which it was. */
  refused(
    version: string,
    message: string,
  ): { readonly culprit?: string; readonly changed: boolean } {
    this.#refusals.set(version, message);
    const [oldest] = this.#refusals.keys();
    if (this.#refusals.size > longestMemory && oldest !== undefined) this.#refusals.delete(oldest);
    return this.#refuse(version, message);
  }

  /**
   * Puts the resource together anew. What was refused before is not served again, and what an
   * Envoy still has from before is not sent again: no verdict would come, so the old one holds.
   * Gives back the hosts that are found to be refused that way.
   */
  refresh(): readonly string[] {
    const found: string[] = [];
    for (;;) {
      this.#current = this.#compose();
      const version = this.#current?.version;
      if (version === undefined) return found;
      this.#parts.served(version);
      const message = this.#refusals.get(version);
      if (message === undefined) {
        if (version !== this.#acceptedVersion || !this.#parts.accepted(version)) return found;
      } else {
        const { culprit, changed } = this.#refuse(version, message);
        if (culprit !== undefined) found.push(culprit);
        if (!changed) return found;
      }
    }
  }

  #refuse(version: string, message: string): { readonly culprit?: string; changed: boolean } {
    const verdict = this.#parts.refused(version);
    if (verdict.culprit !== undefined) this.#words.set(verdict.culprit, message);
    return verdict;
  }

  #compose(): Resource | undefined {
    this.#hosts = this.#sortedHosts();
    const parts = this.#hosts.flatMap((fqdn) => this.#parts.part(fqdn) ?? []);
    const common = mostCommon(parts.flatMap(({ common }) => common ?? []));
    const body = this.#spec.compose(parts.map(({ body }) => body), {
      wanted: this.#wanted.size,
      ...(common === undefined ? {} : { common }),
    });
    if (body === undefined) return undefined;
    const { type, name } = this.#spec;
    const clusters = [...new Set(parts.flatMap(({ clusters }) => clusters))].sort(compareText);
    return resourceOf({ type, name, body, clusters });
  }

  /** Sorting thousands of names is worth avoiding where they are still the same ones. */
  #sortedHosts(): readonly string[] {
    const names = [...this.#parts.names()];
    const same = names.length === this.#hosts.length &&
      this.#hosts.every((fqdn) => this.#parts.part(fqdn) !== undefined);
    return same ? this.#hosts : names.sort(compareText);
  }
}

/** Refusals worth remembering: those of a search or two. */
const longestMemory = 64;

const nothing = new Uint8Array();

/** The value that comes most often; of several, the one that comes first. */
function mostCommon(values: readonly Uint8Array[]): Uint8Array | undefined {
  const groups: { readonly value: Uint8Array; count: number }[] = [];
  for (const value of values) {
    const group = groups.find((group) => equalBytes(group.value, value));
    if (group === undefined) groups.push({ value, count: 1 });
    else group.count++;
  }
  return groups.sort((a, b) => b.count - a.count)[0]?.value;
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
