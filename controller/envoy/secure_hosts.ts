import type { HostFragment } from "./host_fragment.ts";
import type { LayoutPlan } from "./layout.ts";
import { secureListener } from "./listener.ts";
import { listenerNames, secureRouteConfiguration } from "./names.ts";
import type { EnvoyOptions } from "./options.ts";
import { type Resource, resourceOf, types } from "./resource.ts";
import { encodedRouteConfiguration } from "./route_configuration.ts";

/** The TLS listener of both layouts: a filter chain a host, chosen by SNI, and one for the rest. */
export function secureHosts(options: EnvoyOptions): LayoutPlan["shared"][number] {
  return {
    type: types.listener,
    name: listenerNames.https,
    compose: (chains, { common }) =>
      chains.length === 0
        ? undefined
        : secureListener(options, common === undefined ? chains : [...chains, common]),
    part: ({ secure }) =>
      secure && {
        body: secure.filterChain,
        clusters: secure.clusters,
        ...(secure.fallback === undefined ? {} : { common: secure.fallback }),
      },
  };
}

/** The RouteConfiguration that a host's filter chain asks for by name. */
export function secureRouteConfigurations({ fqdn, secure }: HostFragment): readonly Resource[] {
  if (secure?.routeConfiguration === undefined) return [];
  const { virtualHost, clusters } = secure.routeConfiguration;
  const name = secureRouteConfiguration(fqdn);
  return [resourceOf({
    type: types.routeConfiguration,
    name,
    body: encodedRouteConfiguration(name, [virtualHost]),
    clusters,
  })];
}
