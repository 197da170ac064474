import {
  type Configuration,
  configure,
  type ContourConfigurationSpec,
} from "./configuration/mod.ts";
import type { Places } from "./serve_options.ts";

/**
 * What holds with files when nothing else is said: the ports are those of a cluster, but reachable
 * from this machine only, and Envoy is spoken to without TLS.
 */
export const localDefaults: ContourConfigurationSpec = {
  xdsServer: { address: "127.0.0.1", tls: { insecure: true } },
  debug: { address: "127.0.0.1", port: 8000 },
  health: { address: "127.0.0.1", port: 8000 },
  metrics: { address: "127.0.0.1", port: 8000 },
  envoy: {
    http: { address: "127.0.0.1" },
    https: { address: "127.0.0.1" },
    metrics: { address: "127.0.0.1" },
    health: { address: "127.0.0.1" },
  },
};

/** The configuration that {@link localDefaults} make, save the places that are given. */
export function localConfiguration(places: Partial<Places> = {}): Configuration {
  const configured = configure({ flags: {}, defaults: localDefaults, namespace: "projectcontour" });
  if (!configured.ok) throw new TypeError("The defaults are a configuration");
  return withPlaces(configured.configuration, places);
}

/** The configuration with some places changed. Health and debugging go where metrics go. */
export function withPlaces(configuration: Configuration, places: Partial<Places>): Configuration {
  const { xds, metrics, envoy } = configuration;
  const { http, health = http, debug = http, envoyHttp, envoyHttps, stats } = places;
  return {
    ...configuration,
    xds: { ...xds, ...places.xds },
    metrics: { ...metrics, ...http },
    health: { ...configuration.health, ...health },
    debug: { ...configuration.debug, ...debug },
    envoy: {
      ...envoy,
      http: { ...envoy.http, ...envoyHttp },
      https: { ...envoy.https, ...envoyHttps },
      metrics: { ...envoy.metrics, ...stats },
      health: { ...envoy.health, ...stats },
    },
  };
}
