import type { InternalRedirect } from "../graph/mod.ts";
import type { Message } from "../../proto/mod.ts";

/**
 * Which redirects of the upstream Envoy follows itself.
 * See https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_connection_management#internal-redirects
 */
export function internalRedirect(policy: InternalRedirect): Message {
  const { maximum, statusCodes, crossScheme, denyRepeatedRoute } = policy;
  const predicates = [
    ...(crossScheme === "safe-only"
      ? [predicate("safe_cross_scheme", "SafeCrossSchemeConfig")]
      : []),
    ...(denyRepeatedRoute ? [predicate("previous_routes", "PreviousRoutesConfig")] : []),
  ];
  return {
    ...(maximum === undefined ? {} : { maxInternalRedirects: { value: maximum } }),
    ...(statusCodes.length === 0 ? {} : { redirectResponseCodes: statusCodes }),
    ...(predicates.length === 0 ? {} : { predicates }),
    ...(crossScheme === "never" ? {} : { allowCrossSchemeRedirect: true }),
  };
}

function predicate(name: string, config: string): Message {
  return {
    name: `envoy.internal_redirect_predicates.${name}`,
    typedConfig: { "@type": `envoy.extensions.internal_redirect.${name}.v3.${config}` },
  };
}
