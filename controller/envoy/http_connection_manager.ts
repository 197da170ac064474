import { duration, type Message } from "../../proto/mod.ts";
import { accessLogs } from "./access_log.ts";
import type { ConnectionManagerOptions, EnvoyOptions, ListenerOptions } from "./options.ts";
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
  const { connectionManager = {} } = options;
  const { mergeSlashes = true, allowChunkedLength = true } = connectionManager;
  const accessLog = accessLogs(listener.accessLog);
  return {
    name: "envoy.filters.network.http_connection_manager",
    typedConfig: {
      "@type": "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
      statPrefix,
      commonHttpProtocolOptions: commonProtocolOptions(options),
      httpProtocolOptions: { acceptHttp_10: true, allowChunkedLength },
      useRemoteAddress: { value: true },
      normalizePath: { value: true },
      mergeSlashes,
      preserveExternalRequestId: true,
      ...configured(connectionManager),
      ...(accessLog.length === 0 ? {} : { accessLog }),
      ...routing,
    },
  };
}

function commonProtocolOptions(
  { connectionIdleTimeout, connectionManager = {} }: EnvoyOptions,
): Message {
  const idleTimeout = timeoutDuration(connectionIdleTimeout);
  const { maxConnectionDuration: longest, maxRequestsPerConnection } = connectionManager;
  return {
    ...(idleTimeout === undefined ? {} : { idleTimeout }),
    // Zero would not mean without end here, but at once.
    ...(longest?.kind === "explicit" ? { maxConnectionDuration: duration(longest.ms) } : {}),
    ...(maxRequestsPerConnection === undefined
      ? {}
      : { maxRequestsPerConnection: { value: maxRequestsPerConnection } }),
  };
}

/** What is configured and differs from Envoy's defaults. */
function configured(options: ConnectionManagerOptions): Message {
  const { http2MaxConcurrentStreams: streams, serverHeader, trustedHops } = options;
  const timeouts = {
    requestTimeout: options.requestTimeout,
    streamIdleTimeout: options.streamIdleTimeout,
    delayedCloseTimeout: options.delayedCloseTimeout,
    drainTimeout: options.drainTimeout,
  };
  return {
    ...Object.fromEntries(
      Object.entries(timeouts).flatMap(([name, timeout]) => {
        const value = timeout && timeoutDuration(timeout);
        return value === undefined ? [] : [[name, value]];
      }),
    ),
    ...(options.httpVersions === "http/1.1" ? { codecType: "HTTP1" } : {}),
    ...(options.httpVersions === "http/2" ? { codecType: "HTTP2" } : {}),
    ...(streams === undefined
      ? {}
      : { http2ProtocolOptions: { maxConcurrentStreams: { value: streams } } }),
    ...(trustedHops ? { xffNumTrustedHops: trustedHops } : {}),
    ...(options.stripTrailingHostDot ? { stripTrailingHostDot: true } : {}),
    ...(serverHeader === undefined || serverHeader === "overwrite"
      ? {}
      : { serverHeaderTransformation: serverHeaders[serverHeader] }),
  };
}

const serverHeaders = {
  "append-if-absent": "APPEND_IF_ABSENT",
  "pass-through": "PASS_THROUGH",
} as const;
