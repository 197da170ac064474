import type { PluginDiagnostic } from "../outside.ts";
import type { Limit, RateLimitSettings } from "./settings.ts";

/** What is wrong with limits that their schema takes. */
export function settingsFindings({ limits }: RateLimitSettings): readonly PluginDiagnostic[] {
  return limits.flatMap((limit, i) =>
    limitFindings(limit).map((found) => ({ ...found, path: `limits[${i}]${found.path ?? ""}` }))
  );
}

function limitFindings(limit: Limit): readonly PluginDiagnostic[] {
  const { requests, burst, algorithm, cost, by, missing } = limit;
  const found: PluginDiagnostic[] = [];
  const most = requests === 0
    ? 0
    : algorithm === undefined || algorithm === "gcra"
    ? burst ?? requests
    : requests;
  if (cost?.number !== undefined && most !== undefined && cost.number > most) {
    found.push({
      path: ".cost.number",
      message:
        `no request passes: each is ${cost.number} hits, and at most ${most} are let through`,
    });
  }
  const lacking = [by?.requestHeaders, by?.queryParameters, by?.jwtClaims];
  if (missing !== undefined && lacking.every((names) => names === undefined)) {
    found.push({
      path: ".missing",
      message: "has no effect: nothing in by can be missing from a request",
    });
  }
  return found;
}
