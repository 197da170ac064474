import type { HTTPProxy } from "../../api/mod.ts";
import type { Db } from "../../query/mod.ts";
import { Fault } from "../fault.ts";
import type { HostPolicies } from "../model.ts";
import { corsPolicy } from "../policy/cors.ts";
import { type FaultyIpFilter, ipFilter } from "../policy/ip_filter.ts";
import { rateLimits, withDefaultLimits } from "../policy/rate_limit.ts";

/** The policies that hold for all routes of a host, in the order users are told of mistakes. */
export function hostPolicies(
  db: Db,
  virtualhost: NonNullable<HTTPProxy["spec"]["virtualhost"]>,
): HostPolicies | FaultyPolicies {
  const failed = (fault: Fault) => ({
    faults: [fault],
    fatal: fault.message,
    isOfAddresses: false,
  });
  const cors = virtualhost.corsPolicy === undefined
    ? undefined
    : corsPolicy(virtualhost.corsPolicy);
  if (cors instanceof Fault) return failed(cors.under("corsPolicy"));
  const limits = rateLimits(
    withDefaultLimits(db, virtualhost.rateLimitPolicy),
    "VirtualHostError/RateLimitPolicyNotValid",
  );
  if (limits instanceof Fault) return failed(limits.under("rateLimitPolicy"));
  const addresses = ipFilter(virtualhost.ipAllowPolicy, virtualhost.ipDenyPolicy);
  if (addresses !== undefined && "faults" in addresses) {
    return { ...withVerdict(addresses), isOfAddresses: true };
  }
  const { local, descriptors } = limits;
  return {
    ...(cors === undefined ? {} : { cors }),
    ...(local === undefined && descriptors.length === 0
      ? {}
      : { rateLimits: { descriptors, ...(local === undefined ? {} : { local }) } }),
    ...(addresses === undefined ? {} : { ipFilter: addresses }),
    ...(virtualhost.plugins === undefined ? {} : { plugins: virtualhost.plugins }),
  };
}

/** What is wrong with the policies of a host. */
export interface FaultyPolicies extends FaultyIpFilter {
  /** Whether all but the addresses is as it should be. */
  readonly isOfAddresses: boolean;
}

/** The faults of a list of addresses, and behind those that end the host one that says so. */
function withVerdict({ faults, fatal }: FaultyIpFilter): FaultyIpFilter {
  if (fatal === undefined) return { faults };
  const message =
    `Spec.VirtualHost.IPAllowFilterPolicy or Spec.VirtualHost.IPDenyFilterPolicy is invalid: ${fatal}`;
  const path = faults.at(-1)?.path;
  const verdict = new Fault("IPFilterError/IPFilterPolicyNotValid", message, path);
  return { faults: [...faults, verdict], fatal };
}
