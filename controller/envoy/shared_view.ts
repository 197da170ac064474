import { typeUrl } from "../../proto/mod.ts";
import { Containment } from "./containment.ts";
import { compareText, type Resource, resourceOf, type ResourceRef } from "./resource.ts";
import type { SharedPart, SharedResourceSpec } from "./shared_resource.ts";

/** What a version is made of: hosts, sorted, and in the same order what each contributes. */
export interface Composition {
  readonly hosts: readonly string[];
  readonly parts: readonly SharedPart[];
}

/** A version that an Envoy took, and what it was made of. */
export interface Taken {
  readonly version: string;
  readonly made: Composition;
}

/**
 * One form of a resource made of several hosts, of which Envoy may refuse some: see
 * {@link Containment}. Its methods say whether {@link refresh} is due.
 */
export class SharedView {
  readonly ref: ResourceRef;
  readonly #spec: SharedResourceSpec;
  readonly #parts: Containment<SharedPart>;
  /** The hosts that contribute. */
  readonly #wanted = new Set<string>();
  /** Envoy's words about the culprits, by host. */
  readonly #words = new Map<string, string>();
  /** Versions that were refused lately, with Envoy's words. */
  readonly #refusals: Map<string, string>;
  #acceptedVersion: string | undefined;
  /** The hosts that are served, sorted. */
  #hosts: readonly string[] = [];
  #current: Resource | undefined;
  /** What was served lately, by version. */
  readonly #served = new Map<string, Composition>();

  /** `taken`: what Envoy has; `refused`: versions that it refused, with its words. */
  constructor(
    spec: SharedResourceSpec,
    taken?: Taken,
    refused: Iterable<readonly [string, string]> = [],
  ) {
    const ground = taken?.made ?? { hosts: [], parts: [] };
    this.#spec = spec;
    this.#refusals = new Map(refused);
    this.#acceptedVersion = taken?.version;
    this.#parts = new Containment<SharedPart>(
      samePart,
      ground.hosts.flatMap((fqdn, i): [string, SharedPart][] => {
        const part = ground.parts[i];
        return part === undefined ? [] : [[fqdn, part]];
      }),
    );
    for (const fqdn of ground.hosts) this.#wanted.add(fqdn);
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

  /** Whether every host is accepted as it asks to be served. */
  get isCalm(): boolean {
    return this.#parts.isCalm;
  }

  /** What a version that was served lately was made of. */
  composition(version: string): Composition | undefined {
    return this.#served.get(version);
  }

  /** Whether a version was served before another, the last time each was. */
  isOlder(version: string, than: string): boolean {
    const versions = [...this.#served.keys()];
    return versions.indexOf(version) < versions.indexOf(than);
  }

  /** These refusals count no more: has everything tried again that may have been refused in them. */
  disregard(versions: Iterable<string>): void {
    for (const version of versions) this.#refusals.delete(version);
    this.#words.clear();
    this.#parts.absolve();
  }

  /** Has everything that was refused tried again. */
  absolve(): boolean {
    this.#refusals.clear();
    this.#words.clear();
    return this.#parts.absolve();
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
    const resource = resourceOf({ type, name, body, clusters });
    this.#served.delete(resource.version);
    this.#served.set(resource.version, { hosts: this.#hosts, parts });
    const [oldest] = this.#served.keys();
    if (this.#served.size > longestView && oldest !== undefined) this.#served.delete(oldest);
    return resource;
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

/** Versions that may still be judged: Envoy is rarely behind by more than one or two. */
const longestView = 32;

function samePart(a: SharedPart, b: SharedPart): boolean {
  return equalBytes(a.body, b.body) && equalBytes(a.common ?? nothing, b.common ?? nothing);
}

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

/** Whether both hold the same. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
