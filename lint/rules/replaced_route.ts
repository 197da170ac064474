import { type HTTPProxy, keyId, keyOf } from "../../controller/api/mod.ts";
import { origins, soundProxies } from "../reach.ts";
import type { Advice, Rule, RuleContext } from "../rule.ts";

/** A route that a later one with the same conditions takes the place of. */
export const replacedRoute: Rule = {
  code: "CTR402",
  row: {
    name: "ReplacedRoute",
    title: "Route replaced by one with the same conditions",
    severity: "warning",
    explanation:
      "Of several routes with the same conditions, in the same order, the last one is served and the others are dropped: those of includes come first, in the order of the includes, then the own ones. Join their services in one route to share the requests, or tell them apart by a condition.",
  },
  *check(context) {
    const served = origins(context);
    for (const proxy of soundProxies(context).values()) yield* inProxy(context, proxy, served);
  },
};

function* inProxy(
  { hosts }: RuleContext,
  proxy: HTTPProxy,
  served: ReadonlySet<string>,
): Iterable<Advice> {
  const routes = proxy.spec.routes ?? [];
  const object = keyOf(proxy);
  for (const [index, route] of routes.entries()) {
    const path = `spec.routes[${index}]`;
    if (served.has(`${keyId(object)} ${path}`) || hosts.length === 0) continue;
    const text = JSON.stringify(route.conditions ?? []);
    const twin = routes.findLastIndex(({ conditions = [] }) => JSON.stringify(conditions) === text);
    const by = twin > index ? `spec.routes[${twin}]` : undefined;
    yield {
      object,
      path,
      message: by === undefined
        ? "this route is not served: a later one of the host has the same conditions"
        : `this route is not served: ${by} has the same conditions and comes later`,
      ...(by === undefined
        ? {}
        : { related: [{ object, path: by, message: "the route that is served" }] }),
      change: {
        title: "Remove the route",
        safety: "unsafe",
        steps: [{ kind: "remove", path }],
      },
    };
  }
}
