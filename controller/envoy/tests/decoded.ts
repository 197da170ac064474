/** What a host comes to, decoded for comparison. */
import { decode, type Message } from "../../../proto/mod.ts";
import type { Route, VirtualHost } from "../../graph/mod.ts";
import { defaultEnvoyOptions, type HostFragment, hostFragment } from "../mod.ts";
import { host } from "./model.ts";

/** The fragment of a host under the default options. */
export function fragmentOf(virtualHost: VirtualHost): HostFragment {
  return hostFragment(virtualHost, defaultEnvoyOptions);
}

/** The Routes of one side of a fragment. */
export function routesOf(fragment: HostFragment, side: "plain" | "secure" = "plain"): Message[] {
  const routed = side === "plain" ? fragment.plain : fragment.secure?.routeConfiguration;
  if (routed === undefined) return [];
  const { routes } = decode("envoy.config.route.v3.VirtualHost", routed.virtualHost);
  return Array.isArray(routes) ? routes : [];
}

/** The one Route that a rule comes to on the plain listener, without its name and metadata. */
export function plainRoute(route: Route): Message {
  const [first = {}] = routesOf(fragmentOf(host("a.example", [route])));
  const { name: _name, metadata: _metadata, ...rest } = first;
  return rest;
}
