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
    return fault("slow start needs the strategy RoundRobin or WeightedLeastRequest");
  }
  const window = parseDuration(policy.window);
  if (!window.ok) return fault(`error parsing window: ${window.message}`, "window");
  const aggression = Number(policy.aggression ?? "1.0");
  if (!Number.isFinite(aggression)) {
    return fault(`error parsing aggression: "${policy.aggression}" is not a number`, "aggression");
  }
  return {
    windowMs: window.ms,
    aggression,
    minimumWeightPercent: policy.minWeightPercent ?? 10,
  };
}
