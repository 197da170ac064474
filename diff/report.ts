import type { ObjectKey, Position } from "../controller/api/mod.ts";
import type { TreatmentChange } from "./effect/effect.ts";
import type { ChangeKind } from "./effect/effect_change.ts";
import type { Witness } from "./space/witness.ts";

/** What changes for whom. */
export interface DiffReport {
  /** The hosts for which something changes, or may change, by name. */
  readonly hosts: readonly HostDiff[];
  readonly summary: DiffSummary;
  /** What is referred to, stands on neither side, and was taken to be on both; by kind and name. */
  readonly assumed: readonly ObjectKey[];
}

/** How many there are. */
export interface DiffSummary extends Readonly<Record<ChangeKind, number>> {
  /** Hosts of either side, and those for which nothing changes. */
  readonly hosts: number;
  readonly unchangedHosts: number;
  /** Hosts whose requests were not all thought of. */
  readonly inexactHosts: number;
}

/** What changes for requests to one host. */
export interface HostDiff {
  /** A wildcard is about what no other host covers. */
  readonly fqdn: string;
  /** Those that are lost first. */
  readonly classes: readonly RequestClass[];
  /** Other classes of requests to the host. */
  readonly unchanged: number;
  /** Why this was found by examples rather than by thinking of every request; absent: it was not. */
  readonly inexact?: string;
}

/** Requests for which the same changes. */
export interface RequestClass {
  readonly kind: ChangeKind;
  /** On which listeners. */
  readonly schemes: readonly ("http" | "https")[];
  /** Whether they are on all listeners that the host has on either side. */
  readonly isOnAllSchemes: boolean;
  /** `*` for any. */
  readonly method: string;
  /** `/cart/**`; the whole of connections is `TLS`. */
  readonly path: string;
  /** What else they have: `header x-beta is "1"`. */
  readonly conditions: readonly string[];
  /** What they have not, because other rules take those that have it. */
  readonly except: readonly string[];
  /** Where they went, and where they go. */
  readonly before: string;
  readonly after: string;
  /** What else is done with them otherwise. */
  readonly treatment: readonly TreatmentChange[];
  /** The rules that took them, and take them; absent: none. */
  readonly rules: { readonly before?: RulePlace; readonly after?: RulePlace };
  /** One of them, for which both sides were asked. */
  readonly witness: Witness;
}

/** A rule and where it is written. */
export interface RulePlace {
  readonly object: ObjectKey;
  /** `spec.routes[2]` */
  readonly path: string;
  /** Absent when the object came from no file. */
  readonly position?: Position;
}
