import { ads } from "./config_source.ts";
import { fallbackHosts } from "./fallback.ts";
import { globalFilters } from "./global_services.ts";
import { httpFilters } from "./http_filters.ts";
import type { LayoutPlan } from "./layout.ts";
import { plainListener } from "./listener.ts";
import { plainRouteConfiguration } from "./names.ts";
import type { EnvoyOptions } from "./options.ts";
import { types } from "./resource.ts";
import { encodedRouteConfiguration } from "./route_configuration.ts";
import { secureHosts, secureRouteConfigurations } from "./secure_hosts.ts";

/**
 * Contour's layout: one RouteConfiguration with all plain hosts, so that every change of one is
 * sent and read as a change of all.
 */
export function flatPlan(options: EnvoyOptions): LayoutPlan {
  return {
    plainListener: (services) =>
      plainListener(options, services, {
        rds: { configSource: ads, routeConfigName: plainRouteConfiguration },
        httpFilters: httpFilters(options, [], globalFilters(services)),
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
