import { appendRepeated, encode, type Message } from "../../proto/mod.ts";
import { types } from "./resource.ts";

/**
 * The bytes of a RouteConfiguration whose virtual hosts are encoded already and sorted by name.
 * `more` adds fields to those that all of ours have.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route.proto
 */
export function encodedRouteConfiguration(
  name: string,
  virtualHosts: readonly Uint8Array[],
  more: Message = {},
): Uint8Array {
  const head = encode(types.routeConfiguration, { name, ...common, ...more });
  return appendRepeated(head, types.routeConfiguration, "virtualHosts", virtualHosts);
}

/**
 * The most bytes of a body that Envoy answers with. By itself it takes 4,096; with too many each of
 * those who share a RouteConfiguration would pay for the bodies of the others.
 */
export const maximumDirectResponseBody = 65_536;

const common: Message = {
  // The moment Envoy took the request on, as backends know it from other proxies.
  requestHeadersToAdd: [{
    header: { key: "x-request-start", value: "t=%START_TIME(%s.%3f)%" },
    appendAction: "APPEND_IF_EXISTS_OR_ADD",
  }],
  ignorePortInHostMatching: true,
  maxDirectResponseBodySizeBytes: { value: maximumDirectResponseBody },
};
