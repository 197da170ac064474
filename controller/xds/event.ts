import type { ResourceRef } from "./resource.ts";

/** What happened between us and an Envoy, for logs, metrics and the status of objects. */
export type XdsEvent =
  | { readonly kind: "connected"; readonly node: NodeRef }
  | { readonly kind: "disconnected"; readonly node: NodeRef }
  /** A response went out. */
  | {
    readonly kind: "sent";
    readonly node: NodeRef;
    readonly typeUrl: string;
    /** Names of the resources in it, as many as `count`. */
    readonly names: readonly string[];
    /** Names it told the Envoy to drop. */
    readonly removed: readonly string[];
    readonly count: number;
    /** Size of the whole response. */
    readonly bytes: number;
  }
  /** The Envoy took a response: it runs on these versions now. */
  | {
    readonly kind: "acknowledged";
    readonly node: NodeRef;
    readonly typeUrl: string;
    readonly resources: readonly { readonly name: string; readonly version: string }[];
    readonly removed: readonly string[];
  }
  /** The Envoy refused this version of this resource, sent alone; it will not get it again. */
  | ({ readonly kind: "refused"; readonly node: NodeRef } & RefusedResource)
  /**
   * A resource that was refused is so no longer: a newer version was accepted, or (then `version`
   * is absent) the resource is gone.
   */
  | {
    readonly kind: "recovered";
    readonly node: NodeRef;
    readonly ref: ResourceRef;
    readonly version?: string;
  }
  /** A resource waited so long for what it needs that it was sent (or removed) without. */
  | {
    readonly kind: "held-too-long";
    readonly node: NodeRef;
    readonly ref: ResourceRef;
    readonly waitingFor: readonly ResourceRef[];
  }
  /**
   * An Envoy neither took nor refused a response for some seconds; it gets further ones all the
   * same. It holds back its answers about clusters while one of them warms, for ever if that fails
   * in a way it does not notice: then it has to be restarted.
   */
  | {
    readonly kind: "unanswered";
    readonly node: NodeRef;
    readonly typeUrl: string;
    readonly names: readonly string[];
  }
  /** An Envoy asked for a type of which we hold and know nothing; it is told there is none. */
  | { readonly kind: "unknown-type"; readonly node: NodeRef; readonly typeUrl: string }
  /** A stream broke, or sent what is not a request; the node is absent before its first request. */
  | { readonly kind: "stream-failed"; readonly node?: NodeRef; readonly message: string };

/** An Envoy, as it introduces itself. Several streams (a hot restart) may share one. */
export interface NodeRef {
  readonly id: string;
  readonly cluster: string;
  /** Its version as it gives it: `1.39.3`. Absent: it did not say. */
  readonly version?: string;
}

/** A node as a key of a map. */
export function nodeId({ id, cluster }: NodeRef): string {
  return JSON.stringify([id, cluster]);
}

/** A resource in a version that an Envoy does not take. */
export interface RefusedResource {
  readonly ref: ResourceRef;
  /** The refused version; empty when the Envoy refused to drop the resource. */
  readonly version: string;
  /** The Envoy's words, at most 4,096 characters. */
  readonly message: string;
  /** When it was refused, in milliseconds since the epoch. */
  readonly since: number;
  /** What that Envoy runs on instead: the form it took last, or nothing. */
  readonly fallback: "last-accepted" | "left-out";
}
