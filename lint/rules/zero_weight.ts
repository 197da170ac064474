import { keyOf, type RouteService } from "../../controller/api/mod.ts";
import type { Advice, Rule } from "../rule.ts";

/** A service that gets no requests, because its weight says so or says nothing. */
export const zeroWeight: Rule = {
  code: "CTR406",
  row: {
    name: "ZeroWeight",
    title: "Service that gets no requests",
    severity: "warning",
    explanation:
      "Beside services with a weight, one with weight 0 gets no requests, and neither does one without any: leaving it out means 0, not an equal share. Written out as 0 it is likely meant, and only noted.",
  },
  *check({ ofKind }) {
    for (const proxy of ofKind("HTTPProxy")) {
      const object = keyOf(proxy);
      const { routes = [], tcpproxy } = proxy.spec;
      for (const [i, { services = [] }] of routes.entries()) {
        for (const advice of inList(services, `spec.routes[${i}].services`)) {
          yield { object, ...advice };
        }
      }
      for (const advice of inList(tcpproxy?.services ?? [], "spec.tcpproxy.services")) {
        yield { object, ...advice };
      }
    }
  },
};

function* inList(
  services: readonly RouteService[],
  path: string,
): Iterable<Omit<Advice, "object">> {
  const receivers = services.filter(({ mirror }) => !mirror);
  if (!receivers.some(({ weight = 0 }) => weight > 0)) return;
  for (const [i, { name, weight, mirror }] of services.entries()) {
    if (mirror || (weight !== undefined && weight > 0)) continue;
    yield weight === undefined
      ? {
        path: `${path}[${i}].name`,
        message: `service "${name}" has no weight beside services with one, so it gets no requests`,
        hint: "give it a weight",
      }
      : {
        path: `${path}[${i}].weight`,
        severity: "info",
        message: `service "${name}" has weight 0, so it gets no requests`,
        change: {
          title: "Remove the service",
          safety: "unsafe",
          steps: [{ kind: "remove", path: `${path}[${i}]` }],
        },
      };
  }
}
