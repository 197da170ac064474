import {
  descriptorFileProblems,
  unansweredDescriptors,
  unreachedDescriptorLimits,
} from "./lint/descriptor_rules.ts";
import { unreachedLimits } from "./lint/unreached_limits.ts";
import { unverifiedClaims } from "./lint/unverified_claims.ts";
import { definePlugin, definePolicy } from "./outside.ts";
import { limitsFilter, serviceCluster, serviceName } from "./plugin_envoy.ts";
import { RateLimitPluginSettings } from "./plugin_settings.ts";
import { filterNames, hostContribution, routeContribution } from "./policy/contribution.ts";
import { convertedAnnotations, convertedLimits } from "./policy/conversion.ts";
import { settingsFindings } from "./policy/findings.ts";
import { RateLimitSettings } from "./policy/settings.ts";

/** How many requests of which kind may pass. */
export const RateLimit = definePolicy({
  kind: "RateLimit",
  plural: "ratelimits",
  summary: "Limits how many requests pass, by client, header, claim, path and so on.",
  schema: RateLimitSettings,
  field: "rateLimit",
  several: "all",
  host: hostContribution,
  route: routeContribution,
  diagnose: settingsFindings,
});

/** See `docs/features/rate-limit-policies.md`. */
const rateLimitPlugin = definePlugin({
  contract: 1,
  name: "rate-limit",
  summary: "Rate limits for teams, and the service that counts them.",
  settings: RateLimitPluginSettings,
  policies: [RateLimit],
  filters: [
    {
      name: filterNames.kept,
      after: "authorization",
      before: "rate-limit/limits",
      type: "envoy.extensions.filters.http.header_to_metadata.v3.Config",
    },
    {
      name: filterNames.limits,
      after: "authorization",
      before: "rate-limit",
      type: "envoy.extensions.filters.http.ratelimit.v3.RateLimit",
      config: limitsFilter,
    },
    {
      name: filterNames.costs,
      after: "rate-limit/limits",
      type: "envoy.extensions.filters.http.header_to_metadata.v3.Config",
    },
  ],
  clusters: [{ name: serviceName, config: serviceCluster }],
  services: [{
    name: serviceName,
    // Who judges policies without counting anything need not read the servers.
    start: async (surroundings) =>
      await (await import("./plugin_service.ts")).startPluginService(surroundings),
  }],
  lintRules: [
    unreachedLimits,
    unverifiedClaims,
    descriptorFileProblems,
    unansweredDescriptors,
    unreachedDescriptorLimits,
  ],
  conversions: [{ annotations: convertedAnnotations, kind: "RateLimit", convert: convertedLimits }],
});

export default rateLimitPlugin;
