/**
 * What may stand in an access log. Envoy refuses a listener with an operator it does not know, so
 * the words are checked before.
 * See https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
 */

/** Why the text is no format; `undefined` when it is one. */
export function formatProblem(format: string): string | undefined {
  for (const { index, 0: token, 1: rest, 2: name = "", 3: argument, 4: length } of tokens(format)) {
    if (rest === undefined) return `has a stray "%" at character ${index + 1}`;
    if (!simpleOperators.has(name) && !operatorsWithArgument.has(name)) {
      return `has the unknown operator "${token}"`;
    }
    if (argument === undefined && operatorsWithArgument.has(name) && name !== "START_TIME") {
      return `has the operator "${token}" without its argument in parentheses`;
    }
    if (name === "START_TIME" && length !== undefined) {
      return `has the operator "${token}", which takes no length`;
    }
  }
  return undefined;
}

/** Why the text is no field of a JSON log; `undefined` when it is one. */
export function fieldProblem(field: string): string | undefined {
  const at = field.indexOf("=");
  if (at >= 0) {
    const format = field.slice(at + 1);
    if (at === 0) return "has no name before the =";
    if (format === "") return "has nothing after the =";
    return formatProblem(format);
  }
  return namedOperator(field) === undefined ? "is no field known by name" : undefined;
}

/** The fields of a JSON log with their formats, in order; a name given twice keeps the last. */
export function jsonFormat(fields: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(fields.flatMap((field): [string, string][] => {
    const at = field.indexOf("=");
    if (at > 0) return [[field.slice(0, at), field.slice(at + 1)]];
    const operator = namedOperator(field);
    return operator === undefined ? [] : [[field, operator]];
  }));
}

/** What a JSON log holds when nothing is said. */
export const defaultJsonFields: readonly string[] = [
  "@timestamp",
  "authority",
  "bytes_received",
  "bytes_sent",
  "downstream_local_address",
  "downstream_remote_address",
  "duration",
  "method",
  "path",
  "protocol",
  "request_id",
  "requested_server_name",
  "response_code",
  "response_flags",
  "uber_trace_id",
  "upstream_cluster",
  "upstream_host",
  "upstream_local_address",
  "upstream_service_time",
  "user_agent",
  "x_forwarded_for",
  "grpc_status",
  "grpc_status_number",
];

function tokens(format: string): IterableIterator<RegExpExecArray> {
  return format.matchAll(/%(([A-Z0-9_]+)(\([^)]+\)(:[0-9]+)?)?%)?/g);
}

function namedOperator(name: string): string | undefined {
  const own = named.get(name);
  if (own !== undefined) return own;
  const upper = name.toUpperCase();
  return simpleOperators.has(upper) ? `%${upper}%` : undefined;
}

const ofRoute = (key: string) =>
  `%METADATA(ROUTE:envoy.access_loggers.file:io.projectcontour.${key})%`;

const named: ReadonlyMap<string, string> = new Map([
  ["@timestamp", "%START_TIME%"],
  ["ts", "%START_TIME%"],
  ["authority", "%REQ(:AUTHORITY)%"],
  ["method", "%REQ(:METHOD)%"],
  ["path", "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%"],
  ["request_id", "%REQ(X-REQUEST-ID)%"],
  ["uber_trace_id", "%REQ(UBER-TRACE-ID)%"],
  ["x_trace_id", "%REQ(X-TRACE-ID)%"],
  ["upstream_service_time", "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%"],
  ["user_agent", "%REQ(USER-AGENT)%"],
  ["x_forwarded_for", "%REQ(X-FORWARDED-FOR)%"],
  ["contour_config_kind", ofRoute("kind")],
  ["contour_config_namespace", ofRoute("namespace")],
  ["contour_config_name", ofRoute("name")],
]);

const operatorsWithArgument: ReadonlySet<string> = new Set([
  "ENVIRONMENT",
  "METADATA",
  "REQ",
  "REQ_WITHOUT_QUERY",
  "RESP",
  "START_TIME",
  "TRAILER",
]);

const simpleOperators: ReadonlySet<string> = new Set(
  `BYTES_RECEIVED BYTES_SENT CONNECTION_ID CONNECTION_TERMINATION_DETAILS
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT
  DOWNSTREAM_DIRECT_REMOTE_PORT DOWNSTREAM_HEADER_BYTES_RECEIVED DOWNSTREAM_HEADER_BYTES_SENT
  DOWNSTREAM_LOCAL_ADDRESS DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT DOWNSTREAM_LOCAL_PORT
  DOWNSTREAM_LOCAL_SUBJECT DOWNSTREAM_LOCAL_URI_SAN DOWNSTREAM_PEER_CERT
  DOWNSTREAM_PEER_CERT_V_END DOWNSTREAM_PEER_CERT_V_START DOWNSTREAM_PEER_FINGERPRINT_1
  DOWNSTREAM_PEER_FINGERPRINT_256 DOWNSTREAM_PEER_ISSUER DOWNSTREAM_PEER_SERIAL
  DOWNSTREAM_PEER_SUBJECT DOWNSTREAM_PEER_URI_SAN DOWNSTREAM_REMOTE_ADDRESS
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT DOWNSTREAM_REMOTE_PORT DOWNSTREAM_TLS_CIPHER
  DOWNSTREAM_TLS_SESSION_ID DOWNSTREAM_TLS_VERSION DOWNSTREAM_WIRE_BYTES_RECEIVED
  DOWNSTREAM_WIRE_BYTES_SENT DURATION FILTER_CHAIN_NAME GRPC_STATUS GRPC_STATUS_NUMBER HOSTNAME
  LOCAL_REPLY_BODY PROTOCOL REQUEST_HEADERS_BYTES REQUESTED_SERVER_NAME REQUEST_DURATION
  REQUEST_TX_DURATION RESPONSE_CODE RESPONSE_CODE_DETAILS RESPONSE_DURATION RESPONSE_FLAGS
  RESPONSE_HEADERS_BYTES RESPONSE_TRAILERS_BYTES RESPONSE_TX_DURATION ROUTE_NAME START_TIME
  TLS_JA3_FINGERPRINT TLS_JA4_FINGERPRINT UPSTREAM_CLUSTER UPSTREAM_FILTER_STATE
  UPSTREAM_HEADER_BYTES_RECEIVED UPSTREAM_HEADER_BYTES_SENT UPSTREAM_HOST UPSTREAM_LOCAL_ADDRESS
  UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT UPSTREAM_LOCAL_PORT UPSTREAM_PEER_CERT
  UPSTREAM_PEER_CERT_V_END UPSTREAM_PEER_CERT_V_START UPSTREAM_PEER_ISSUER UPSTREAM_PEER_SUBJECT
  UPSTREAM_PROTOCOL UPSTREAM_REMOTE_ADDRESS UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT
  UPSTREAM_REMOTE_PORT UPSTREAM_REQUEST_ATTEMPT_COUNT UPSTREAM_TLS_CIPHER UPSTREAM_TLS_SESSION_ID
  UPSTREAM_TLS_VERSION UPSTREAM_TRANSPORT_FAILURE_REASON UPSTREAM_WIRE_BYTES_RECEIVED
  UPSTREAM_WIRE_BYTES_SENT VIRTUAL_CLUSTER_NAME`.split(/\s+/),
);
