import type { Timeout } from "../../api/mod.ts";

/** Why Envoy would not take a time: it has to be at least zero and below 2^32 seconds. */
export function outOfRange(timeout: Timeout): string | undefined {
  if (timeout.kind !== "explicit") return undefined;
  return msOutOfRange(timeout.ms, { minimumMs: 0, limitSeconds: 2 ** 32 });
}

/** Why a time is not within limits. */
export function msOutOfRange(
  ms: number,
  { minimumMs, limitSeconds }: { readonly minimumMs: number; readonly limitSeconds: number },
): string | undefined {
  if (ms < minimumMs) return `must be at least ${minimumMs}ms`;
  return ms < limitSeconds * 1_000 ? undefined : `must be below ${limitSeconds} seconds`;
}
