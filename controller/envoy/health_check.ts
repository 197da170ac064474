import type { HealthCheck, UpstreamProtocol } from "../graph/mod.ts";
import { duration, type Message } from "../../proto/mod.ts";

/**
 * Active health checking of the endpoints of a cluster.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/health_check.proto
 */
export function healthCheck(check: HealthCheck, protocol: UpstreamProtocol): Message {
  return {
    timeout: duration(check.timeoutMs),
    interval: duration(check.intervalMs),
    unhealthyThreshold: { value: check.unhealthyThreshold },
    healthyThreshold: { value: check.healthyThreshold },
    ...probe(check, protocol),
  };
}

function probe(check: HealthCheck, protocol: UpstreamProtocol): Message {
  switch (check.kind) {
    case "tcp":
      return { tcpHealthCheck: {} };
    case "http": {
      const { path, host, expectedStatuses } = check;
      const http2 = protocol === "h2" || protocol === "h2c";
      return {
        httpHealthCheck: {
          host,
          path,
          ...(expectedStatuses.length === 0 ? {} : { expectedStatuses }),
          ...(http2 ? { codecClientType: "HTTP2" } : {}),
        },
      };
    }
  }
}
