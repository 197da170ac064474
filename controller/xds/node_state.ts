import { nodeId, type NodeRef, type RefusedResource } from "./event.ts";
import { RefMap } from "./ref_map.ts";
import type { Resource, ResourceRef } from "./resource.ts";
import type { ResourceView } from "./resource_cache.ts";

/**
 * What one Envoy took and what it refused, kept while it is away, so that neither a new connection
 * nor a restart of it brings back what it refused.
 */
export class NodeState {
  #node: NodeRef;
  /** Why it refused whole responses, by what was in them. */
  readonly #refusedWholes = new Map<string, string>();
  /** What it took, save what the records of a stream hold. */
  readonly #accepted = new RefMap<Resource>();
  #records: AcceptedRecords | undefined;
  readonly #refused = new RefMap<RefusedVersion[]>();
  readonly #standing = new RefMap<RefusedResource>();
  readonly #suspects = new RefMap<Suspicion>();

  constructor(node: NodeRef) {
    this.#node = node;
  }

  get node(): NodeRef {
    return this.#node;
  }

  /** It introduces itself again. As another version it may take what it refused. */
  introduced(node: NodeRef): void {
    const { version } = this.#node;
    this.#node = node;
    if (version !== undefined && node.version !== version) this.forgive();
  }

  /**
   * Leaves it to a stream to hold what it took, as that has a record of each resource anyway. With
   * several streams it is the first.
   */
  attach(records: AcceptedRecords): void {
    this.#records ??= records;
  }

  /** The stream has ended: takes over what it held. */
  detach(records: AcceptedRecords): void {
    if (this.#records !== records) return;
    this.#records = undefined;
    for (const record of records.allRecords()) this.keep(record);
  }

  /** Takes over what a record held that is dropped. */
  keep(record: AcceptedRecord): void {
    const { accepted } = record;
    if (accepted === undefined) return;
    record.accepted = undefined;
    this.#accepted.set(accepted, accepted);
  }

  /** The form it acknowledged last; kept until it acknowledges another or is told to drop it. */
  accepted(ref: ResourceRef): Resource | undefined {
    return this.#records?.record(ref)?.accepted ?? this.#accepted.get(ref);
  }

  #setAccepted(resource: Resource): void {
    const record = this.#records?.record(resource);
    if (record === undefined) {
      this.#accepted.set(resource, resource);
      return;
    }
    record.accepted = resource;
    if (!this.#accepted.isEmpty) this.#accepted.delete(resource);
  }

  #dropAccepted(ref: ResourceRef): void {
    const record = this.#records?.record(ref);
    if (record !== undefined) record.accepted = undefined;
    if (!this.#accepted.isEmpty) this.#accepted.delete(ref);
  }

  *#acceptedOf(typeUrl: string): Generator<ResourceRef> {
    yield* this.#accepted.refsOf(typeUrl);
    for (const record of this.#records?.records(typeUrl) ?? []) {
      if (record.accepted !== undefined) yield record.accepted;
    }
  }

  /** It has this form, and is not to be blamed for it any more. */
  accept(resource: Resource): void {
    this.#setAccepted(resource);
    // A version that is suspected, and not this one, still is.
    if (this.#suspects.get(resource)?.version === resource.version) this.#suspects.delete(resource);
    else this.repaired(resource);
    const refused = this.#refused.get(resource);
    if (refused === undefined) return;
    const others = refused.filter(({ version }) => version !== resource.version);
    if (others.length === 0) this.#refused.delete(resource);
    else this.#refused.set(resource, others);
  }

  /** It has no form of this resource any more. What it refused stays known. */
  drop(ref: ResourceRef): void {
    this.#dropAccepted(ref);
    this.#suspects.delete(ref);
  }

  /** Why this version must not be sent to it, if so. */
  refusal(ref: ResourceRef, version: string): RefusedVersion | undefined {
    if (this.#refused.isEmpty) return undefined;
    return this.#refused.get(ref)?.find((refused) => refused.version === version);
  }

  /** This version was in a response of its own, and was refused. */
  refuse(ref: ResourceRef, refused: RefusedVersion): void {
    const versions = (this.#refused.get(ref) ?? []).filter((old) =>
      old.version !== refused.version
    );
    this.#refused.set(ref, [...versions, refused].slice(-VERSIONS_REMEMBERED));
    const suspicion = this.#suspects.get(ref);
    const maybe = suspicion?.maybe.filter((version) => version !== refused.version) ?? [];
    if (suspicion === undefined || maybe.length === 0) this.#suspects.delete(ref);
    else this.#suspects.set(ref, { ...suspicion, maybe });
    if (this.accepted(ref)?.version === refused.version) this.#dropAccepted(ref);
  }

  /** It refused a response of which no part can be sent by itself. */
  refuseWhole(identity: string, message: string): void {
    this.#refusedWholes.set(identity, message);
    const [oldest] = this.#refusedWholes.keys();
    if (this.#refusedWholes.size > VERSIONS_REMEMBERED && oldest !== undefined) {
      this.#refusedWholes.delete(oldest);
    }
  }

  /** Why it refused such a response before, if it did. */
  wholeRefusal(identity: string): string | undefined {
    return this.#refusedWholes.get(identity);
  }

  /**
   * Marks that the version now served is a refused one. Returns what to report, or nothing when
   * that was reported before.
   */
  stand(
    ref: ResourceRef,
    refusal: RefusedVersion,
    holdsOther: boolean,
  ): RefusedResource | undefined {
    if (this.#standing.get(ref)?.version === refusal.version) return undefined;
    const fallback = holdsOther || this.accepted(ref) !== undefined ? "last-accepted" : "left-out";
    const report = { ref, ...refusal, fallback } as const;
    this.#standing.set(ref, report);
    return report;
  }

  /** Ends what `stand` began; false when nothing stood. */
  recover(ref: ResourceRef): boolean {
    return !this.#standing.isEmpty && this.#standing.delete(ref);
  }

  /** The resources which are served to it in another form than to others, or not at all. */
  standing(): RefusedResource[] {
    return [...this.#standing.entries()].map(([, refused]) => refused);
  }

  /** This version was among those of a refused response: send it with fewer, `limit` at most. */
  suspect(ref: ResourceRef, version: string, limit: number): void {
    const maybe = new Set(this.#suspects.get(ref)?.maybe).add(version);
    this.#suspects.set(ref, { version, limit, maybe: [...maybe] });
  }

  /** It may hold another version than the one it acknowledged: it refused that with others. */
  isUncertain(ref: ResourceRef): boolean {
    return (this.#suspects.get(ref)?.maybe.length ?? 0) > 0;
  }

  /** Of a type, those of which `isUncertain` holds. */
  uncertain(typeUrl: string): ResourceRef[] {
    return [...this.#suspects.refsOf(typeUrl)].filter((ref) => this.isUncertain(ref));
  }

  /** It refused a response with this version in it, and no answer since says what became of it. */
  mayHold(ref: ResourceRef, version: string): boolean {
    if (this.#suspects.isEmpty) return false;
    return this.#suspects.get(ref)?.maybe.includes(version) === true;
  }

  /** It came back and says that it runs on this form, whatever else it may hold. */
  resume(resource: Resource): void {
    this.#setAccepted(resource);
  }

  /** What it may hold besides the acknowledged version was taken back. Suspicion stays. */
  repaired(ref: ResourceRef): void {
    const suspicion = this.#suspects.get(ref);
    if (suspicion === undefined) return;
    const { version, limit } = suspicion;
    this.#suspects.set(ref, { version, limit, maybe: [] });
  }

  /** How many resources a response may hold that takes this one back; undefined: any number. */
  repairLimit(ref: ResourceRef): number | undefined {
    return this.#suspects.get(ref)?.repairLimit;
  }

  /** A response that should have taken it back was refused: the next one has `limit` at most. */
  limitRepair(ref: ResourceRef, limit: number): void {
    const suspicion = this.#suspects.get(ref);
    if (suspicion !== undefined) this.#suspects.set(ref, { ...suspicion, repairLimit: limit });
  }

  /** Whether any form of this type is known that it took. */
  knows(typeUrl: string): boolean {
    return !this.#acceptedOf(typeUrl).next().done;
  }

  /** How many resources a response may hold that holds this version; undefined: any number. */
  suspicion(ref: ResourceRef, version: string): number | undefined {
    if (this.#suspects.isEmpty) return undefined;
    const suspicion = this.#suspects.get(ref);
    return suspicion?.version === version ? suspicion.limit : undefined;
  }

  /** Forgets what it took of a type, save what `isKept`. */
  dropOthers(typeUrl: string, isKept: (ref: ResourceRef) => boolean): void {
    for (const ref of [...this.#acceptedOf(typeUrl)]) if (!isKept(ref)) this.drop(ref);
  }

  /** Forgets its quarrels over what is served no more; returns those that stood. */
  prune(cache: ResourceView): ResourceRef[] {
    for (const ref of goneRefs(this.#refused, cache)) this.#refused.delete(ref);
    return goneRefs(this.#standing, cache).filter((ref) => this.#standing.delete(ref));
  }

  /** Forgets all refusals: what was refused is tried again when it is sent next. */
  forgive(): ResourceRef[] {
    this.#refusedWholes.clear();
    const refs = [...this.#standing.entries()].map(([ref]) => ref);
    for (const [ref] of [...this.#refused.entries()]) this.#refused.delete(ref);
    for (const ref of refs) this.#standing.delete(ref);
    return refs;
  }
}

/** What a stream holds for the state of its node. */
export interface AcceptedRecords {
  record(ref: ResourceRef): AcceptedRecord | undefined;
  /** Of one type. */
  records(typeUrl: string): Iterable<AcceptedRecord>;
  allRecords(): Iterable<AcceptedRecord>;
}

/** Where the form of one resource stands that an Envoy acknowledged last. */
export interface AcceptedRecord {
  accepted: Resource | undefined;
}

/** A version an Envoy refused, why, and when (milliseconds since the epoch). */
export type RefusedVersion = Pick<RefusedResource, "version" | "message" | "since">;

interface Suspicion {
  readonly version: string;
  readonly limit: number;
  /** Versions it may hold, as a refused response can have been taken in part. */
  readonly maybe: readonly string[];
  readonly repairLimit?: number;
}

/** Refused versions remembered of one resource: those of a search for the culprits, or two. */
const VERSIONS_REMEMBERED = 64;

function goneRefs(map: RefMap<unknown>, cache: ResourceView): ResourceRef[] {
  const gone: ResourceRef[] = [];
  for (const [ref] of map.entries()) if (cache.get(ref) === undefined) gone.push(ref);
  return gone;
}

/** The state of every Envoy that is connected, or was lately. */
export class NodeStates {
  readonly #nodes = new Map<string, Known>();
  readonly #maxAway: number;
  readonly #maxAwayMs: number;

  /** Of Envoys that are away, the last `maxAway` are remembered, and for `maxAwayMs`. */
  constructor({ maxAway = 32, maxAwayMs = 3_600_000 }: {
    readonly maxAway?: number;
    readonly maxAwayMs?: number;
  } = {}) {
    this.#maxAway = maxAway;
    this.#maxAwayMs = maxAwayMs;
  }

  /** The state of this Envoy, for one more stream of it. Give it back with `disconnect`. */
  connect(node: NodeRef, now: number): NodeState {
    this.#expire(now);
    const id = nodeId(node);
    let known = this.#nodes.get(id);
    if (known === undefined) {
      this.#nodes.set(id, known = { state: new NodeState(node), streams: 0, awaySince: now });
    } else known.state.introduced(node);
    known.streams++;
    return known.state;
  }

  disconnect(state: NodeState, now: number): void {
    const id = nodeId(state.node);
    const known = this.#nodes.get(id);
    if (known === undefined || known.state !== state || --known.streams > 0) return;
    known.awaySince = now;
    // Those which left last stand last, so that the first are the ones to forget.
    this.#nodes.delete(id);
    this.#nodes.set(id, known);
    this.#expire(now);
  }

  /** Connected ones, and those remembered. */
  all(): NodeState[] {
    return [...this.#nodes.values()].map(({ state }) => state);
  }

  #expire(now: number): void {
    const away = [...this.#nodes].filter(([, { streams }]) => streams === 0);
    away.forEach(([id, { awaySince }], index) => {
      if (away.length - index > this.#maxAway || now - awaySince > this.#maxAwayMs) {
        this.#nodes.delete(id);
      }
    });
  }
}

interface Known {
  readonly state: NodeState;
  streams: number;
  awaySince: number;
}
