import { appendRepeated, encode, type Message } from "../../proto/mod.ts";
import { virtualHostName } from "./names.ts";

/** Full name of Envoy's VirtualHost. */
export const virtualHostType = "envoy.config.route.v3.VirtualHost";

/**
 * A VirtualHost without its routes. Requests find it with any port, because the RouteConfiguration
 * says so.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-virtualhost
 */
export function virtualHost(fqdn: string): Message {
  return { name: virtualHostName(fqdn), domains: [fqdn] };
}

/** The bytes of a VirtualHost whose routes are encoded already. */
export function encodedVirtualHost(fqdn: string, routes: readonly Uint8Array[]): Uint8Array {
  return appendRepeated(
    encode(virtualHostType, virtualHost(fqdn)),
    virtualHostType,
    "routes",
    routes,
  );
}
