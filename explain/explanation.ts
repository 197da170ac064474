import type { Diagnostic, ObjectKey, Position } from "../controller/api/mod.ts";
import type { Mismatch } from "../controller/graph/mod.ts";
import type { AskedRequest } from "./asked_request.ts";
import type { Treatment } from "./treatment.ts";

/** What becomes of a request, and why. */
export interface Explanation {
  readonly request: AskedRequest;
  /** The host that answers; absent when none does. */
  readonly host?: HostFound;
  readonly outcome: Outcome;
  /** The rule that takes the request; absent when none does, or a TCP proxy does. */
  readonly rule?: Rule;
  /** What is done to the request on its way. */
  readonly treatment?: Treatment;
  /** Policies of plugins that reach it, by kind, the nearest first. Absent: none. */
  readonly policies?: readonly AppliedPolicy[];
  /** The other rules of the host: those nearest to taking the request first, else in Envoy's order. */
  readonly candidates: readonly Candidate[];
  /** What is wrong with the objects involved, and has a say in the outcome. */
  readonly problems: readonly Diagnostic[];
}

/** A policy of a plugin, where it is written. */
export interface AppliedPolicy extends Place {
  /** `RateLimit` */
  readonly kind: string;
}

/** A field of an object, and where it is written. */
export interface Place {
  readonly object: ObjectKey;
  /** `spec.routes[2]`; "" for the whole object. */
  readonly path: string;
  /** Absent when the object came from no file. */
  readonly position?: Position;
}

/** The host that answers for the name of a request. */
export interface HostFound {
  /** `*.example.com` for `shop.example.com` when that is nobody's. */
  readonly fqdn: string;
  /** The root HTTPProxy or the oldest Ingress. */
  readonly owner: Place;
}

/** What the client, or the upstream, gets to see. */
export type Outcome =
  | {
    readonly kind: "forward";
    readonly targets: readonly Target[];
    readonly mirrors: readonly Target[];
  }
  | { readonly kind: "redirect"; readonly statusCode: number; readonly location: string }
  | { readonly kind: "direct-response"; readonly statusCode: number; readonly body: string }
  /** TLS that is passed on as bytes; `terminated`: decrypted first. */
  | {
    readonly kind: "tcp-proxy";
    readonly tls: "terminated" | "passed-through";
    readonly targets: readonly Target[];
  }
  /** Nobody takes it. `no-tls` and `no-plain`: the host is there, on the other listener. */
  | {
    readonly kind: "none";
    readonly why: "unknown-host" | "no-tls" | "no-plain" | "no-rule";
    /** Hosts that may be meant, the nearest first. */
    readonly nearHosts: readonly string[];
  };

/** A Service port that gets a share of the requests. */
export interface Target {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  /** Of 100, rounded to a hundredth. */
  readonly percent: number;
  readonly protocol: string;
  readonly endpoints: TargetEndpoints;
}

/** What is behind a target. `unknown`: no EndpointSlice of its Service is among the objects. */
export type TargetEndpoints =
  | { readonly kind: "known"; readonly ready: number; readonly total: number }
  | { readonly kind: "unknown" }
  | { readonly kind: "dns"; readonly name: string };

/** A rule of a host: its conditions, and how it became part of the host. */
export interface Rule extends Place {
  /** In words: `prefix /cart`, `header x-beta is "1"`. */
  readonly conditions: readonly string[];
  /** From the object of the rule up to the root; empty for a rule of the root. */
  readonly includedBy: readonly IncludedBy[];
}

/** An include that leads to the object of a rule. */
export interface IncludedBy extends Place {
  /** The beginning of the path it asks for; "" for any. */
  readonly prefix: string;
}

/** A rule that does not take the request. */
export interface Candidate extends Place {
  readonly conditions: readonly string[];
  /** What the request does not meet; empty when it meets everything. */
  readonly mismatches: readonly Mismatch[];
  /** Where nothing failed: why it comes after the winner. Else the first mismatch. */
  readonly reason: string;
}

/** A rule of a host. */
export interface HostRule extends Place {
  readonly fqdn: string;
  /** In words, as in {@link Rule}. */
  readonly conditions: readonly string[];
}
