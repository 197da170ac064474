/**
 * Why Envoy would refuse a text with its `%COMMANDS%`; `undefined` when it would not.
 * See https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators
 */
export function formatTextProblem(text: string): string | undefined {
  for (let at = text.indexOf("%"); at >= 0; at = text.indexOf("%", at)) {
    if (text[at + 1] === "%") {
      at += 2;
      continue;
    }
    command.lastIndex = at;
    const found = command.exec(text);
    if (found === null) return `must not hold the stray "%" at character ${at + 1}`;
    const [whole, name = "", argument] = found;
    if (!commands.has(name) && !commandsWithArgument.has(name)) {
      return `must not hold ${whole}: there is no such command`;
    }
    if (argument === undefined && commandsWithArgument.has(name)) {
      return `must not hold ${whole} without an argument`;
    }
    if (headerCommands.has(name) && !headerNames.test(argument ?? "")) {
      return `must not hold ${whole}: its argument is no name of a header`;
    }
    at += whole.length;
  }
  return undefined;
}

/** An argument ends at the parenthesis before "%" or ":N%", so that it can hold others. */
const command = /%([A-Z0-9_]+)(?:\(((?:[^)]|\)(?!%|:[0-9]+%))*)\))?(?::[0-9]+)?%/y;

const headerCommands: ReadonlySet<string> = new Set(["REQ", "RESP", "TRAILER"]);

/** One, or two of which the second stands in for the first. */
const headerNames = /^[-:!#$%&'*+.^_`|~0-9A-Za-z]+(\?[-:!#$%&'*+.^_`|~0-9A-Za-z]+)?$/;

const commandsWithArgument: ReadonlySet<string> = new Set([
  "REQ",
  "RESP",
  "TRAILER",
  "REQUEST_HEADER",
  "RESPONSE_HEADER",
  "RESPONSE_TRAILER",
  "REQ_WITHOUT_QUERY",
  "DYNAMIC_METADATA",
  "CLUSTER_METADATA",
  "UPSTREAM_METADATA",
  "METADATA",
  "FILTER_STATE",
  "UPSTREAM_FILTER_STATE",
  "ENVIRONMENT",
  "COMMON_DURATION",
  "QUERY_PARAM",
  "COALESCE",
  "CEL",
]);

const commands: ReadonlySet<string> = new Set([
  "ACCESS_LOG_TYPE",
  "ATTEMPT_COUNT",
  "BYTES_RECEIVED",
  "BYTES_SENT",
  "CONNECTION_ID",
  "CONNECTION_TERMINATION_DETAILS",
  "CUSTOM_FLAGS",
  "DURATION",
  "EMIT_TIME",
  "GRPC_STATUS",
  "GRPC_STATUS_NUMBER",
  "HOSTNAME",
  "LOCAL_REPLY_BODY",
  "PATH",
  "PROTOCOL",
  "QUERY_PARAMS",
  "REQUESTED_SERVER_NAME",
  "REQUEST_DURATION",
  "REQUEST_HEADERS_BYTES",
  "REQUEST_TX_DURATION",
  "RESPONSE_CODE",
  "RESPONSE_CODE_DETAILS",
  "RESPONSE_DURATION",
  "RESPONSE_FLAGS",
  "RESPONSE_FLAGS_LONG",
  "RESPONSE_HEADERS_BYTES",
  "RESPONSE_TRAILERS_BYTES",
  "RESPONSE_TX_DURATION",
  "ROUNDTRIP_DURATION",
  "ROUTE_NAME",
  "SPAN_ID",
  "START_TIME",
  "START_TIME_LOCAL",
  "EMIT_TIME_LOCAL",
  "STREAM_ID",
  "TLS_JA3_FINGERPRINT",
  "TLS_JA4_FINGERPRINT",
  "TRACE_ID",
  "UNIQUE_ID",
  "UPSTREAM_CLUSTER",
  "UPSTREAM_CLUSTER_RAW",
  "UPSTREAM_CONNECTION_ID",
  "UPSTREAM_CONNECTION_POOL_READY_DURATION",
  "UPSTREAM_DETECTED_CLOSE_TYPE",
  "DOWNSTREAM_DETECTED_CLOSE_TYPE",
  "UPSTREAM_HEADER_BYTES_RECEIVED",
  "UPSTREAM_HEADER_BYTES_SENT",
  "UPSTREAM_HOST",
  "UPSTREAM_HOST_NAME",
  "UPSTREAM_HOST_NAME_WITHOUT_PORT",
  "UPSTREAM_HOSTS_ATTEMPTED",
  "UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT",
  "UPSTREAM_HOST_NAMES_ATTEMPTED",
  "UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT",
  "UPSTREAM_CONNECTION_IDS_ATTEMPTED",
  "UPSTREAM_LOCAL_ADDRESS",
  "UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT",
  "UPSTREAM_LOCAL_PORT",
  "UPSTREAM_LOCAL_CLOSE_REASON",
  "DOWNSTREAM_LOCAL_CLOSE_REASON",
  "UPSTREAM_PEER_CERT",
  "UPSTREAM_PEER_CERT_V_END",
  "UPSTREAM_PEER_CERT_V_START",
  "UPSTREAM_PEER_ISSUER",
  "UPSTREAM_PEER_SUBJECT",
  "UPSTREAM_PEER_DNS_SAN",
  "UPSTREAM_PEER_IP_SAN",
  "UPSTREAM_PEER_URI_SAN",
  "UPSTREAM_LOCAL_DNS_SAN",
  "UPSTREAM_LOCAL_IP_SAN",
  "UPSTREAM_LOCAL_SUBJECT",
  "UPSTREAM_LOCAL_URI_SAN",
  "UPSTREAM_PROTOCOL",
  "UPSTREAM_REMOTE_ADDRESS",
  "UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
  "UPSTREAM_REMOTE_PORT",
  "UPSTREAM_REQUEST_ATTEMPT_COUNT",
  "UPSTREAM_SERVER_NAME",
  "UPSTREAM_TLS_CIPHER",
  "UPSTREAM_TLS_SESSION_ID",
  "UPSTREAM_TLS_VERSION",
  "UPSTREAM_TRANSPORT_FAILURE_REASON",
  "UPSTREAM_WIRE_BYTES_RECEIVED",
  "UPSTREAM_WIRE_BYTES_SENT",
  "UPSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED",
  "UPSTREAM_DECOMPRESSED_HEADER_BYTES_SENT",
  "DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED",
  "DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_SENT",
  "VIRTUAL_CLUSTER_NAME",
  "VIRTUAL_HOST_NAME",
  "BYTES_RETRANSMITTED",
  "PACKETS_RETRANSMITTED",
  "UPSTREAM_BYTES_RETRANSMITTED",
  ...[
    "DIRECT_LOCAL_ADDRESS",
    "DIRECT_LOCAL_ADDRESS_WITHOUT_PORT",
    "DIRECT_LOCAL_PORT",
    "DIRECT_REMOTE_ADDRESS",
    "DIRECT_REMOTE_ADDRESS_WITHOUT_PORT",
    "DIRECT_REMOTE_PORT",
    "HEADER_BYTES_RECEIVED",
    "HEADER_BYTES_SENT",
    "LOCAL_ADDRESS",
    "LOCAL_ADDRESS_WITHOUT_PORT",
    "LOCAL_DNS_SAN",
    "LOCAL_EMAIL_SAN",
    "LOCAL_IP_SAN",
    "LOCAL_OTHERNAME_SAN",
    "LOCAL_PORT",
    "LOCAL_SUBJECT",
    "LOCAL_URI_SAN",
    "PEER_CERT",
    "PEER_CERT_V_END",
    "PEER_CERT_V_START",
    "PEER_CHAIN_FINGERPRINTS_1",
    "PEER_CHAIN_FINGERPRINTS_256",
    "PEER_CHAIN_SERIALS",
    "PEER_DNS_SAN",
    "PEER_EMAIL_SAN",
    "PEER_FINGERPRINT_1",
    "PEER_FINGERPRINT_256",
    "PEER_IP_SAN",
    "PEER_ISSUER",
    "PEER_OTHERNAME_SAN",
    "PEER_SERIAL",
    "PEER_SUBJECT",
    "PEER_URI_SAN",
    "REMOTE_ADDRESS",
    "REMOTE_ADDRESS_WITHOUT_PORT",
    "REMOTE_PORT",
    "SERVER_NAME",
    "TLS_CIPHER",
    "TLS_SESSION_ID",
    "TLS_VERSION",
    "TRANSPORT_FAILURE_REASON",
    "UPSTREAM_TRANSPORT_FAILURE_REASON",
    "WIRE_BYTES_RECEIVED",
    "WIRE_BYTES_SENT",
  ].map((name) => `DOWNSTREAM_${name}`),
]);
