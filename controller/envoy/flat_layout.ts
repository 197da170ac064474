import { ads } from "./config_source.ts";
import { fallbackHosts } from "./fallback.ts";
import { httpConnectionManager } from "./http_connection_manager.ts";
import { httpFilters } from "./http_filters.ts";
import type { LayoutPlan } from "./layout.ts";
import { plainListener } from "./listener.ts";
import { listenerNames, plainRouteConfiguration } from "./names.ts";
import type { EnvoyOptions } from "./options.ts";
import { resourceOf, types } from "./resource.ts";
import { encodedRouteConfiguration } from "./route_configuration.ts";
import { secureHosts, secureRouteConfigurations } from "./secure_hosts.ts";

/**
 * Contour's layout: one RouteConfiguration with all plain hosts, so that every change of one is
 * sent and read as a change of all.
 */
export function flatPlan(options: EnvoyOptions): LayoutPlan {
  const manager = httpConnectionManager(listenerNames.http, options.http, options, {
    rds: { configSource: ads, routeConfigName: plainRouteConfiguration },
    httpFilters: httpFilters(options),
  });
  return {
    plainListener: resourceOf({
      type: types.listener,
      name: listenerNames.http,
      body: plainListener(options, { filters: [manager] }),
    }),
    own: secureRouteConfigurations,
    shared: [
      {
        type: types.routeConfiguration,
        name: plainRouteConfiguration,
        // Served without hosts too: a listener that was told of it would wait.
        compose: (hosts) => encodedRouteConfiguration(plainRouteConfiguration, hosts),
        part: ({ plain }) => plain && { body: plain.virtualHost, clusters: plain.clusters },
      },
      secureHosts(options),
      fallbackHosts,
    ],
  };
}
