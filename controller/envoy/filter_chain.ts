import type {
  ForwardedCertificate,
  GlobalServices,
  SecureHost,
  SecureHttpHost,
  VirtualHost,
} from "../graph/mod.ts";
import type { Message } from "../../proto/mod.ts";
import { ads } from "./config_source.ts";
import { globalFilters } from "./global_services.ts";
import { httpConnectionManager } from "./http_connection_manager.ts";
import { httpFilters } from "./http_filters.ts";
import { jwtFilter } from "./jwt.ts";
import { misdirectedRequestFilter } from "./misdirected_request.ts";
import { listenerNames, secureRouteConfiguration } from "./names.ts";
import type { EnvoyOptions } from "./options.ts";
import { tcpProxy } from "./tcp_proxy.ts";
import { downstreamTls } from "./tls_context.ts";
import { tracingField } from "./tracing.ts";

/** Full name of Envoy's FilterChain. */
export const filterChainType = "envoy.config.listener.v3.FilterChain";

/**
 * What the TLS listener does with connections to a host. It does not depend on the host's routes, but
 * for the filters of plugins, of which it has those that are told something by the host (`told`).
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto#config-listener-v3-filterchain
 */
export function secureFilterChain(
  { fqdn }: Pick<VirtualHost, "fqdn">,
  secure: SecureHost,
  options: EnvoyOptions,
  services: GlobalServices = {},
  told: ReadonlySet<string> = new Set(),
): Message {
  const filterChainMatch = { serverNames: [fqdn] };
  switch (secure.kind) {
    case "http":
      return {
        filterChainMatch,
        filters: [httpConnectionManager(listenerNames.https, options.https, options, {
          rds: { configSource: ads, routeConfigName: secureRouteConfiguration(fqdn) },
          httpFilters: httpFilters(
            options,
            [misdirectedRequestFilter()],
            checks(secure, services),
            { disabled: true, told },
          ),
          ...tracingField(services.tracing),
          ...forwardedCertificate(secure.tls.clientValidation?.forward),
        })],
        transportSocket: downstreamTls(secure.tls, alpnProtocols(options), options.tls),
      };
    case "tcp":
      return {
        filterChainMatch,
        filters: [tcpProxy(secure.proxy, options)],
        transportSocket: downstreamTls(secure.tls, [], options.tls),
      };
    case "passthrough":
      return { filterChainMatch, filters: [tcpProxy(secure.proxy, options)] };
  }
}

/** Who checks requests before their routes do: tokens first, as in Contour, then the servers. */
function checks(
  { jwtProviders, authorization }: SecureHttpHost,
  { rateLimits }: GlobalServices,
): readonly Message[] {
  return [
    ...(jwtProviders === undefined ? [] : [jwtFilter(jwtProviders)]),
    ...globalFilters({
      ...(authorization === undefined ? {} : { authorization }),
      ...(rateLimits === undefined ? {} : { rateLimits }),
    }),
  ];
}

/** The versions of HTTP that clients can choose from. */
export function alpnProtocols({ connectionManager = {} }: EnvoyOptions): readonly string[] {
  return alpn[connectionManager.httpVersions ?? "both"];
}

const alpn = {
  "both": ["h2", "http/1.1"],
  "http/1.1": ["http/1.1"],
  "http/2": ["h2"],
} as const;

/** What upstreams are told of the certificate a client showed. */
function forwardedCertificate(forward: ForwardedCertificate | undefined): Message {
  if (forward === undefined) return {};
  const { subject, cert, chain, dns, uri } = forward;
  return {
    forwardClientCertDetails: "SANITIZE_SET",
    setCurrentClientCertDetails: { subject: { value: subject }, cert, chain, dns, uri },
  };
}
