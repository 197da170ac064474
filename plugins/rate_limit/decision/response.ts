import type { Unit } from "../configuration/unit.ts";

/** What is answered, see {@link RateLimitRequest}. */
export interface RateLimitResponse {
  readonly isOver: boolean;
  /** One for each descriptor, in their order. */
  readonly statuses: readonly DescriptorStatus[];
  readonly responseHeadersToAdd: readonly Header[];
  readonly dynamicMetadata?: Readonly<Record<string, unknown>>;
}

/** What came of one descriptor. */
export interface DescriptorStatus {
  readonly isOver: boolean;
  /** Absent when no limit was applied. */
  readonly currentLimit?: CurrentLimit;
  readonly limitRemaining: number;
  /** Whole seconds; absent without a limit. */
  readonly secondsUntilReset?: number;
}

/** A limit as it is told. */
export interface CurrentLimit {
  /** Empty when it has none. */
  readonly name: string;
  readonly requestsPerUnit: number;
  readonly unit: Unit;
  readonly unitMultiplier: number;
}

/** A header for the client. */
export interface Header {
  readonly key: string;
  readonly value: string;
}
