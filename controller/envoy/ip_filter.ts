import type { IpFilter, IpRange } from "../graph/mod.ts";
import type { Message } from "../../proto/mod.ts";

/**
 * What the RBAC filter is told of a host, or of a route in its place. Who is not let in gets 403.
 * See https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/rbac_filter
 */
export function ipFilter({ action, ranges }: IpFilter): Message {
  return {
    "@type": "envoy.extensions.filters.http.rbac.v3.RBACPerRoute",
    rbac: {
      rules: {
        action: action === "allow" ? "ALLOW" : "DENY",
        policies: {
          "ip-rules": { permissions: [{ any: true }], principals: ranges.map(principal) },
        },
      },
    },
  };
}

function principal({ source, address, prefixLength }: IpRange): Message {
  const range = { addressPrefix: address, prefixLen: { value: prefixLength } };
  return source === "peer" ? { directRemoteIp: range } : { remoteIp: range };
}
