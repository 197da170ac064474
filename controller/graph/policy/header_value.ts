/** The controller's own variables by name, without the percent signs. */
export type Variables = Readonly<Record<string, string>>;

/**
 * A header value in Envoy's format language, so that it comes out as the user meant it: our own
 * variables are replaced, the Envoy variables of the API stay live, every other `%` is literal.
 * See https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#custom-request-response-headers
 */
export function escapeHeaderValue(value: string, variables: Variables): string {
  if (!value.includes("%")) return value;
  let escaped = value.replaceAll("%", "%%");
  for (const [name, text] of Object.entries(variables)) {
    escaped = escaped.replaceAll(`%%${name}%%`, text);
  }
  for (const name of envoyVariables) escaped = escaped.replaceAll(`%%${name}%%`, `%${name}%`);
  return escaped.replace(requestHeader, "$1");
}

const envoyVariables = [
  "DOWNSTREAM_REMOTE_ADDRESS",
  "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
  "DOWNSTREAM_LOCAL_ADDRESS",
  "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT",
  "DOWNSTREAM_LOCAL_PORT",
  "DOWNSTREAM_LOCAL_URI_SAN",
  "DOWNSTREAM_PEER_URI_SAN",
  "DOWNSTREAM_LOCAL_SUBJECT",
  "DOWNSTREAM_PEER_SUBJECT",
  "DOWNSTREAM_PEER_ISSUER",
  "DOWNSTREAM_TLS_SESSION_ID",
  "DOWNSTREAM_TLS_CIPHER",
  "DOWNSTREAM_TLS_VERSION",
  "DOWNSTREAM_PEER_FINGERPRINT_256",
  "DOWNSTREAM_PEER_FINGERPRINT_1",
  "DOWNSTREAM_PEER_SERIAL",
  "DOWNSTREAM_PEER_CERT",
  "DOWNSTREAM_PEER_CERT_V_START",
  "DOWNSTREAM_PEER_CERT_V_END",
  "HOSTNAME",
  "PROTOCOL",
  "UPSTREAM_REMOTE_ADDRESS",
  "RESPONSE_FLAGS",
  "RESPONSE_CODE_DETAILS",
  "TLS_JA3_FINGERPRINT",
  "TLS_JA4_FINGERPRINT",
] as const;

// A length that no number holds makes Envoy refuse the value, so it is a text as any other.
const requestHeader = /%(%REQ\(:?[\w-]+(?:\?:?[\w-]+)?\)(?::\d{1,9})?%)%/g;
