import { keyId } from "../../controller/api/mod.ts";
import type { Route, VirtualHost } from "../../controller/graph/mod.ts";
import { covers, isWhereverOtherIs, matchText } from "../matching.ts";
import type { Advice, Rule } from "../rule.ts";

/** A route that another one takes every request from. */
export const shadowedRoute: Rule = {
  code: "CTR401",
  row: {
    name: "ShadowedRoute",
    title: "Route that never takes a request",
    severity: "warning",
    explanation:
      "Another route of the host is tried before it and takes every request that this one would. Exact paths are tried before regular expressions, these before prefixes; longer before shorter; then those with more conditions. The order in the file does not matter. A regular expression such as /.* comes before every prefix and leaves it nothing.",
  },
  *check({ hosts }) {
    for (const host of hosts) yield* inHost(host);
  },
};

function* inHost({ fqdn, routes }: VirtualHost): Iterable<Advice> {
  // Only a route wide enough can cover later ones: the text of most paths rules it out at once.
  for (const [index, route] of routes.entries()) {
    const by = routes.slice(0, index).find((earlier) => shadows(earlier, route));
    if (by === undefined) continue;
    const where = keyId(by.origin.object) === keyId(route.origin.object)
      ? by.origin.path
      : `${keyId(by.origin.object)} ${by.origin.path}`;
    yield {
      object: route.origin.object,
      path: route.origin.path,
      message: `this route of ${fqdn} never takes a request: ${where} (${
        matchText(by.match)
      }) takes them all`,
      related: [{ ...by.origin, message: "the route that is tried before it" }],
      change: {
        title: "Remove the route",
        safety: "unsafe",
        steps: [{ kind: "remove", path: route.origin.path }],
      },
    };
  }
}

function shadows(earlier: Route, route: Route): boolean {
  const isSame = earlier.origin.path === route.origin.path &&
    keyId(earlier.origin.object) === keyId(route.origin.object);
  return !isSame && covers(earlier.match, route.match) && isWhereverOtherIs(earlier, route);
}
