import { parseDuration } from "../../api/mod.ts";
import type { RetryPolicy } from "../model.ts";
import type { ProxyRoute } from "../http_proxy/spec.ts";

/** A retry policy with its defaults: one retry, on any 5xx. */
export function retryPolicy(policy: ProxyRoute["retryPolicy"]): RetryPolicy | undefined {
  if (policy === undefined) return undefined;
  const perTryTimeoutMs = positiveMs(policy.perTryTimeout);
  return {
    retryOn: policy.retryOn?.length ? policy.retryOn : ["5xx"],
    retries: retries(policy.count ?? 0),
    ...(perTryTimeoutMs === undefined ? {} : { perTryTimeoutMs }),
    statusCodes: policy.retriableStatusCodes ?? [],
  };
}

/** -1 is how the API writes "none", and 0 is what it has where nothing was written. */
function retries(count: number): number {
  if (count === -1) return 0;
  return count === 0 ? 1 : count;
}

// Whatever is no positive duration, `infinity` included, leaves the limit to Envoy.
function positiveMs(text: string | undefined): number | undefined {
  const parsed = parseDuration(text ?? "");
  return parsed.ok && parsed.ms > 0 ? parsed.ms : undefined;
}
