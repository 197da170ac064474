import type { HTTPInternalRedirectPolicy } from "../../api/mod.ts";
import type { InternalRedirect } from "../model.ts";

/** Which redirects of an upstream Envoy follows itself. */
export function internalRedirect(policy: HTTPInternalRedirectPolicy): InternalRedirect {
  return {
    ...(policy.maxInternalRedirects ? { maximum: policy.maxInternalRedirects } : {}),
    // Envoy takes five at most, which are all there are.
    statusCodes: [...new Set(policy.redirectResponseCodes)],
    crossScheme: crossScheme[policy.allowCrossSchemeRedirect],
    denyRepeatedRoute: policy.denyRepeatedRouteRedirect ?? false,
  };
}

const crossScheme = { Never: "never", SafeOnly: "safe-only", Always: "always" } as const;
