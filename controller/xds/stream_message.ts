import type { NodeRef } from "./event.ts";
import type { Resource, ResourceRef } from "./resource.ts";

/** What of a `DeltaDiscoveryRequest` matters. */
export interface StreamRequest {
  /** Empty in a stream's later requests. */
  readonly node?: NodeRef;
  readonly typeUrl: string;
  /** Names; `*` is all there are. */
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  /** What the client has from an earlier stream: versions by name. */
  readonly initialVersions: Readonly<Record<string, string>>;
  /** The response this answers; empty when it answers none. */
  readonly responseNonce: string;
  /** Why that response was refused, if it was. */
  readonly error?: string;
}

/** What a `DeltaDiscoveryResponse` is made of. */
export interface StreamResponse {
  readonly typeUrl: string;
  /** Counts the responses of the stream, from 1. */
  readonly nonce: string;
  readonly resources: readonly Resource[];
  readonly removed: readonly string[];
}

/** How far one stream is. */
export interface StreamReport {
  /** Milliseconds since the epoch. */
  readonly connectedSince: number;
  /** The Envoy has all it should have, save what it refused. */
  readonly isSynced: boolean;
  readonly types: readonly TypeReport[];
}

/** How far one stream is with one type. */
export interface TypeReport {
  readonly typeUrl: string;
  /** All resources of the type are asked for. */
  readonly isWildcard: boolean;
  /** How many are asked for by name. */
  readonly named: number;
  /** How many resources the Envoy has. */
  readonly acknowledged: number;
  /** How many are under way. */
  readonly inFlight: number;
  /** How many are to be sent, or to be looked at. */
  readonly pending: number;
  /** Those that wait for others. */
  readonly held: readonly ResourceRef[];
}
