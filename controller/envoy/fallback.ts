import type { GlobalServices, SecretRef } from "../graph/mod.ts";
import type { Message } from "../../proto/mod.ts";
import { ads } from "./config_source.ts";
import { alpnProtocols } from "./filter_chain.ts";
import { globalFilters } from "./global_services.ts";
import { httpConnectionManager } from "./http_connection_manager.ts";
import { httpFilters } from "./http_filters.ts";
import type { LayoutPlan } from "./layout.ts";
import { fallbackRouteConfiguration, listenerNames } from "./names.ts";
import type { EnvoyOptions } from "./options.ts";
import { types } from "./resource.ts";
import { encodedRouteConfiguration } from "./route_configuration.ts";
import { downstreamTls } from "./tls_context.ts";
import { tracingField } from "./tracing.ts";

/**
 * What the TLS listener does with connections for no host it knows, once some host asks for it: the
 * host is then known by its requests alone, and only hosts that asked are found here.
 */
export function fallbackFilterChain(
  certificate: SecretRef,
  options: EnvoyOptions,
  services: GlobalServices = {},
): Message {
  return {
    name: "fallback-certificate",
    filterChainMatch: { transportProtocol: "tls" },
    filters: [httpConnectionManager(listenerNames.https, options.https, options, {
      rds: { configSource: ads, routeConfigName: fallbackRouteConfiguration },
      httpFilters: httpFilters(options, [], globalFilters(services)),
      ...tracingField(services.tracing),
    })],
    transportSocket: downstreamTls(
      { certificate, minimumVersion: "1.2", maximumVersion: "1.3" },
      alpnProtocols(options),
      options.tls,
    ),
  };
}

/**
 * The RouteConfiguration of that filter chain. It is served as long as a host asks for it, even when
 * Envoy refuses all of them: the listener would wait for it.
 */
export const fallbackHosts: LayoutPlan["shared"][number] = {
  type: types.routeConfiguration,
  name: fallbackRouteConfiguration,
  compose: (hosts, { wanted }) =>
    wanted === 0 ? undefined : encodedRouteConfiguration(fallbackRouteConfiguration, hosts),
  part: ({ secure }) =>
    secure?.fallback === undefined || secure.routeConfiguration === undefined ? undefined : {
      body: secure.routeConfiguration.virtualHost,
      clusters: secure.routeConfiguration.clusters,
    },
};
