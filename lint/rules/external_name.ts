import { keyOf } from "../../controller/api/mod.ts";
import type { Rule } from "../rule.ts";

/** A Service that stands for any name its author likes. */
export const externalName: Rule = {
  code: "CTR409",
  row: {
    name: "ExternalNameRisk",
    title: "Service of type ExternalName",
    severity: "warning",
    explanation:
      "Requests go wherever the name leads. Whoever may write Services can so reach what Envoy reaches and others must not: its own admin interface, the Services of other namespaces, the metadata of the cloud. That is why such Services are refused unless enableExternalNameService is set. The request also keeps its Host header, which the other server may not know: set Host in a requestHeadersPolicy.",
  },
  *check({ ofKind }) {
    const routed = new Set([
      ...ofKind("HTTPProxy").flatMap(({ metadata: { namespace }, spec }) =>
        [
          ...(spec.routes ?? []).flatMap(({ services = [] }) => services),
          ...spec.tcpproxy?.services ?? [],
        ].map(({ name }) => `${namespace}/${name}`)
      ),
      ...ofKind("Ingress").flatMap(({ metadata: { namespace }, spec }) =>
        (spec.rules ?? []).flatMap(({ http }) => http?.paths ?? [])
          .map(({ backend }) => `${namespace}/${backend.service?.name ?? ""}`)
      ),
    ]);
    for (const service of ofKind("Service")) {
      const { externalName = "", type } = service.spec;
      const { namespace, name } = service.metadata;
      if (type !== "ExternalName" || !routed.has(`${namespace}/${name}`)) continue;
      const inside = insider(externalName);
      yield {
        object: keyOf(service),
        path: externalName === "" ? "spec.type" : "spec.externalName",
        ...(inside === undefined ? { severity: "info" } : {}),
        message: inside === undefined
          ? `requests of routes to "${name}" leave the cluster for "${externalName}"`
          : `requests of routes to "${name}" go to "${externalName}", ${inside}`,
      };
    }
  },
};

/** Why a name should not be reachable from outside. */
function insider(name: string): string | undefined {
  const host = name.toLowerCase().replace(/\.$/, "");
  if (/^(localhost|127\.|\[?::1\]?$|0\.0\.0\.0$)/.test(host) || host.endsWith(".localhost")) {
    return "which is Envoy's own machine";
  }
  if (/^169\.254\.|^metadata\./.test(host)) return "where clouds keep credentials";
  if (/\.svc(\.|$)|\.cluster\.local$/.test(host)) return "a Service past its namespace's owner";
  if (/^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(host)) return "a private address";
  return undefined;
}
