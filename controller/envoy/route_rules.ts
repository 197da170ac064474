import type { Route } from "../graph/mod.ts";
import type { Message, Violation } from "../../proto/mod.ts";
import { envoyViolations } from "./message_rules.ts";
import { maximumDirectResponseBody } from "./route_configuration.ts";

/**
 * Why Envoy would refuse a Route: the rules its API declares, and those that only its code knows.
 * `message` is the Route made of `route`. Paths that begin with `match` are about the conditions.
 */
export function routeViolations({ action }: Route, message: Message): readonly Violation[] {
  return [
    ...envoyViolations("envoy.config.route.v3.Route", message),
    ...(action.kind === "direct-response" ? bodyViolations(action.body) : []),
  ];
}

/** How long a body may be is said where the hosts are put together. */
function bodyViolations(body: string): readonly Violation[] {
  const size = new TextEncoder().encode(body).length;
  if (size <= maximumDirectResponseBody) return [];
  const message = `must have at most ${maximumDirectResponseBody} bytes, not ${size}`;
  return [{ path: "directResponse.body", rule: "body.size", message }];
}
