import { parseDuration } from "../../api/mod.ts";
import { Fault } from "../fault.ts";
import type { LoadBalancing, SlowStart } from "../model.ts";
import type { ProxyService } from "../http_proxy/spec.ts";

/** The slow start of a service, which needs a strategy that weighs endpoints. */
export function slowStart(
  policy: ProxyService["slowStartPolicy"],
  loadBalancing: LoadBalancing,
): SlowStart | Fault | undefined {
  if (policy === undefined) return undefined;
  const fault = (message: string, path = "") =>
    new Fault("ServiceError/SlowStartInvalid", message, path);
  if (loadBalancing !== "RoundRobin" && loadBalancing !== "WeightedLeastRequest") {
    return fault(
      "slow start is only supported with RoundRobin or WeightedLeastRequest load balancer strategy",
    );
  }
  const window = parseDuration(policy.window);
  if (!window.ok) return fault(`error parsing window: ${window.message} on slow start`, "window");
  const aggression = Number(policy.aggression ?? "1.0");
  if (!Number.isFinite(aggression)) {
    const message =
      `error parsing aggression: "${policy.aggression}" is not a decimal number on slow start`;
    return fault(message, "aggression");
  }
  return {
    windowMs: window.ms,
    aggression,
    minimumWeightPercent: policy.minWeightPercent ?? 10,
  };
}
