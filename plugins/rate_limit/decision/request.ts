import type { Entry } from "../configuration/lookup.ts";

/**
 * What Envoy asks, see
 * https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/ratelimit/v3/rls.proto.
 */
export interface RateLimitRequest {
  readonly domain: string;
  readonly descriptors: readonly RequestDescriptor[];
  /** Of every descriptor without its own; 0 stands for 1. */
  readonly hitsAddend: number;
}

/** One thing to be limited by. */
export interface RequestDescriptor {
  readonly entries: readonly Entry[];
  /** Takes the place of the limit that is configured. */
  readonly limit?: LimitOverride;
  /** 0 asks without counting. */
  readonly hitsAddend?: number;
  /** Hits are given back. */
  readonly isNegativeHits?: boolean;
}

/** A limit that a request brings along. */
export interface LimitOverride {
  readonly requestsPerUnit: number;
  /** As numbered by the protocol; 0 is unknown. */
  readonly unit: number;
  /** 1 when absent. */
  readonly unitMultiplier?: number;
}

/** Hits of a descriptor, below zero when they are given back. */
export function hitsOf(descriptor: RequestDescriptor, hitsAddend: number): number {
  const hits = descriptor.hitsAddend ?? Math.max(1, hitsAddend);
  return descriptor.isNegativeHits === true ? -hits : hits;
}
