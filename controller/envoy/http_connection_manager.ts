import type { Message } from "../../proto/mod.ts";
import { accessLogs } from "./access_log.ts";
import type { EnvoyOptions, ListenerOptions } from "./options.ts";
import { timeoutDuration } from "./timeout.ts";

/**
 * The network filter that speaks HTTP. `routing` says where routes come from and which filters
 * requests pass: the fields `rds` or `scopedRoutes`, `httpFilters`, and what goes with them.
 * See https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto
 */
export function httpConnectionManager(
  statPrefix: string,
  listener: ListenerOptions,
  options: EnvoyOptions,
  routing: Message,
): Message {
  const idleTimeout = timeoutDuration(options.connectionIdleTimeout);
  const accessLog = accessLogs(listener.accessLog);
  return {
    name: "envoy.filters.network.http_connection_manager",
    typedConfig: {
      "@type": "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
      statPrefix,
      commonHttpProtocolOptions: idleTimeout === undefined ? {} : { idleTimeout },
      httpProtocolOptions: { acceptHttp_10: true, allowChunkedLength: true },
      useRemoteAddress: { value: true },
      normalizePath: { value: true },
      mergeSlashes: true,
      preserveExternalRequestId: true,
      ...(accessLog.length === 0 ? {} : { accessLog }),
      ...routing,
    },
  };
}
