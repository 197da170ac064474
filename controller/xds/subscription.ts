import type { Resource, ResourceRef } from "./resource.ts";
import type { SmallSet } from "./small_set.ts";

/** What one stream asked for of one type, what of it is due, and what is under way. */
export class Subscription {
  readonly typeUrl: string;
  /** A request of this type came; without one, resources of it are only mentioned by others. */
  requested = false;
  /** All resources of the type are asked for. */
  wildcard = false;
  /** A response of the type went out. */
  isAnswered = false;
  readonly tracked = new Map<string, Tracked>();
  /** See {@linkcode Tracked.sent}. */
  readonly sent = new Map<Tracked, Form | "absent">();
  /** See {@linkcode Tracked.waiters}. */
  readonly waiters = new Map<Tracked, SmallSet<Tracked>>();
  /** To be looked at: resources that are gone, sent before others so that names become free. */
  readonly leaving = new Set<Tracked>();
  /** To be looked at: resources that are new, or changed, or had to wait. */
  readonly coming = new Set<Tracked>();
  /** Were in a refused response, and go out again in smaller ones. */
  readonly suspects = new Set<Tracked>();
  /** What the Envoy remembers of them has to be taken back before they go out again. */
  readonly repairs = new Set<Tracked>();
  /** Suspects and others take turns. */
  suspectsNext = false;
  /** The response that is not answered yet: one a type, so a slow Envoy costs no memory. */
  inFlight: Flight | undefined;
  /** Responses we no longer wait for, though an answer would still be welcome; oldest first. */
  late: Flight[] = [];
  /** It has been silent for so long that what was sent must pass for taken. */
  isMute = false;
  /** How many names were asked for. */
  named = 0;
  /** How many resources the Envoy has acknowledged and not dropped. */
  acknowledged = 0;

  constructor(typeUrl: string) {
    this.typeUrl = typeUrl;
  }

  /** Nothing is due and nothing under way. */
  get isIdle(): boolean {
    return this.inFlight === undefined && !this.isSilent && this.pending === 0;
  }

  /** The Envoy owes us answers for long. */
  get isSilent(): boolean {
    return this.late.length > 0;
  }

  /** Takes the response with this nonce for answered, and with it what was sent before. */
  answered(nonce: string): Flight | undefined {
    if (this.flights.some((flight) => flight.nonce === nonce)) this.isMute = false;
    const index = this.late.findIndex((flight) => flight.nonce === nonce);
    if (index >= 0) {
      const [flight] = this.late.splice(0, index + 1).slice(-1);
      return flight;
    }
    const flight = this.inFlight;
    if (flight?.nonce !== nonce) return undefined;
    this.inFlight = undefined;
    this.late = [];
    return flight;
  }

  /** When the answer to what is under way is overdue, in milliseconds since the epoch. */
  get answerDue(): number {
    if (this.inFlight === undefined) return Number.POSITIVE_INFINITY;
    return this.inFlight.sentAt + (this.isSilent ? SILENT_ANSWER_MS : MAX_ANSWER_MS);
  }

  /** Stops waiting for an answer. */
  giveUpWaiting(now: number): void {
    if (this.inFlight === undefined) return;
    this.late = [...this.late, this.inFlight].slice(-MAX_LATE);
    const silentSince = this.late[0]?.sentAt ?? now;
    this.isMute = now - silentSince >= MUTE_AFTER_MS;
    this.inFlight = undefined;
  }

  /** All that is under way. */
  get flights(): Flight[] {
    return this.inFlight === undefined ? this.late : [...this.late, this.inFlight];
  }

  /** How many names wait to be looked at. */
  get pending(): number {
    return this.leaving.size + this.coming.size + this.suspects.size + this.repairs.size;
  }

  /** Takes a name off all lists. */
  unqueue(tracked: Tracked): void {
    this.leaving.delete(tracked);
    this.coming.delete(tracked);
    this.suspects.delete(tracked);
    this.repairs.delete(tracked);
  }
}

/**
 * How long an answer is waited for before the next response goes out. Envoy holds back what it has
 * to say about clusters while one of them warms, which may mean health checks, and others must not
 * wait for that.
 */
const MAX_ANSWER_MS = 5_000;

/** The same for an Envoy that owes us answers already. */
const SILENT_ANSWER_MS = 1_000;

/** Longer than Envoy takes to give up on a cluster that warms: now no answer is to be expected. */
const MUTE_AFTER_MS = 30_000;

/** How many answers that are overdue we could still make sense of. */
const MAX_LATE = 16;

/**
 * What one stream knows of one resource. There are tens of thousands of them for each Envoy, so what
 * only few have at a time is kept with the subscription.
 */
export class Tracked implements ResourceRef {
  readonly subscription: Subscription;
  readonly name: string;
  /** What the Envoy has for certain. `"absent"`: it was told that there is none. */
  acknowledged: Form | "absent" | undefined;
  /** The form that the node acknowledged last, while its state leaves that to this stream. */
  accepted: Resource | undefined;
  /** Those of which the Envoy has, or may have, a form that mentions this one. */
  dependents: SmallSet<Tracked>;
  #flags = 0;

  constructor(subscription: Subscription, name: string) {
    this.subscription = subscription;
    this.name = name;
  }

  get typeUrl(): string {
    return this.subscription.typeUrl;
  }

  get isSubscribed(): boolean {
    return this.isNamed || this.subscription.wildcard;
  }

  /** Asked for by name. */
  get isNamed(): boolean {
    return (this.#flags & flags.isNamed) !== 0;
  }

  set isNamed(value: boolean) {
    this.#set(flags.isNamed, value);
  }

  /** It has waited long enough for what it needs. */
  get isOverdue(): boolean {
    return (this.#flags & flags.isOverdue) !== 0;
  }

  set isOverdue(value: boolean) {
    this.#set(flags.isOverdue, value);
  }

  /** It is to be sent whatever version the Envoy has: `"sent"` until that is acknowledged. */
  get owed(): "due" | "sent" | undefined {
    if ((this.#flags & flags.owedDue) !== 0) return "due";
    return (this.#flags & flags.owedSent) !== 0 ? "sent" : undefined;
  }

  set owed(value: "due" | "sent" | undefined) {
    this.#set(flags.owedDue, value === "due");
    this.#set(flags.owedSent, value === "sent");
  }

  /** What it may have in place of that: sent, but not acknowledged nor refused for itself. */
  get sent(): Form | "absent" | undefined {
    return this.subscription.sent.get(this);
  }

  set sent(value: Form | "absent" | undefined) {
    if (value === undefined) this.subscription.sent.delete(this);
    else this.subscription.sent.set(this, value);
  }

  /** Those which are held until something happens to this one. */
  get waiters(): SmallSet<Tracked> {
    return this.subscription.waiters.get(this);
  }

  set waiters(value: SmallSet<Tracked>) {
    if (value === undefined) this.subscription.waiters.delete(this);
    else this.subscription.waiters.set(this, value);
  }

  #set(flag: number, value: boolean): void {
    if (value) this.#flags |= flag;
    else this.#flags &= ~flag;
  }
}

const flags = { isNamed: 1, isOverdue: 2, owedDue: 4, owedSent: 8 };

/** A resource as an Envoy has it. */
export type Form = Pick<Resource, "version" | "needs" | "warms"> & {
  /** Only its version is known, from a replica or from before our start; ours will replace it. */
  readonly isForeign?: true;
};

/** A response that is under way. */
export interface Flight {
  readonly nonce: string;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
  /** How many resources it had; `entries` shrinks when the Envoy loses interest in one. */
  readonly size: number;
  /** What was sent of each; undefined: that there is none. */
  readonly entries: Map<Tracked, Resource | undefined>;
  /** It takes back what the Envoy may remember, and holds nothing that was not accepted before. */
  readonly isRepair: boolean;
}

/** Whether this is a form, not its absence nor ignorance. */
export function isForm(form: Form | "absent" | undefined): form is Form {
  return form !== undefined && form !== "absent";
}
