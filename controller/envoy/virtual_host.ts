import type { HostPolicies } from "../graph/mod.ts";
import { appendRepeated, encode, type Message } from "../../proto/mod.ts";
import { cors } from "./cors.ts";
import { ipFilter } from "./ip_filter.ts";
import { filterNames, virtualHostName } from "./names.ts";
import { localRateLimit, rateLimitActions } from "./rate_limit.ts";

/** Full name of Envoy's VirtualHost. */
export const virtualHostType = "envoy.config.route.v3.VirtualHost";

/**
 * A VirtualHost without its routes. Requests find it with any port, because the RouteConfiguration
 * says so.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-virtualhost
 */
export function virtualHost(fqdn: string, policies: HostPolicies = {}): Message {
  const filters = filterSettings(fqdn, policies);
  const descriptors = policies.rateLimits?.descriptors ?? [];
  return {
    name: virtualHostName(fqdn),
    domains: [fqdn],
    ...(descriptors.length === 0 ? {} : { rateLimits: rateLimitActions(descriptors) }),
    ...(Object.keys(filters).length === 0 ? {} : { typedPerFilterConfig: filters }),
  };
}

/** What filters are told of a host. */
function filterSettings(fqdn: string, policies: HostPolicies): Message {
  const { cors: sharing, rateLimits, ipFilter: addresses } = policies;
  return {
    ...(sharing === undefined ? {} : { [filterNames.cors]: cors(sharing) }),
    ...(rateLimits?.local === undefined
      ? {}
      : { [filterNames.localRateLimit]: localRateLimit(fqdn, rateLimits.local) }),
    ...(addresses === undefined ? {} : { [filterNames.rbac]: ipFilter(addresses) }),
  };
}

/** The bytes of a VirtualHost whose routes are encoded already. */
export function encodedVirtualHost(head: Message, routes: readonly Uint8Array[]): Uint8Array {
  return appendRepeated(
    encode(virtualHostType, head),
    virtualHostType,
    "routes",
    routes,
  );
}
