import type { ValuePart } from "./header_value.ts";

/** Which way a message goes. */
export type Direction = "request" | "response";

/** What may stand in a value between percent signs. */
export interface Variable {
  /** Absent: it is known on both ways. */
  readonly only?: "response";
  /** Whether a `:` and the most characters may follow. */
  readonly limited: boolean;
  /** What is wrong with its argument, in words that fit after "which". */
  readonly problem: (argument: string | undefined) => string | undefined;
  /** What comes of it: Envoy's command without percent signs under `variable`, or text. */
  readonly format: (
    given: { readonly argument: string; readonly namespace: string },
  ) => ValuePart;
}

/**
 * The variables by name. What Envoy knows beyond them either tells of Envoy itself (its environment,
 * its files) or has no value while headers are changed.
 * See https://www.envoyproxy.io/docs/envoy/latest/configuration/advanced/substitution_formatter
 */
export const variables: Readonly<Record<string, Variable>> = {
  ...plain([
    "CONNECTION_ID",
    "DOWNSTREAM_DIRECT_REMOTE_ADDRESS",
    "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT",
    "DOWNSTREAM_LOCAL_ADDRESS",
    "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT",
    "DOWNSTREAM_LOCAL_PORT",
    "DOWNSTREAM_LOCAL_SUBJECT",
    "DOWNSTREAM_LOCAL_URI_SAN",
    "DOWNSTREAM_PEER_CERT",
    "DOWNSTREAM_PEER_CERT_V_END",
    "DOWNSTREAM_PEER_CERT_V_START",
    "DOWNSTREAM_PEER_DNS_SAN",
    "DOWNSTREAM_PEER_FINGERPRINT_1",
    "DOWNSTREAM_PEER_FINGERPRINT_256",
    "DOWNSTREAM_PEER_ISSUER",
    "DOWNSTREAM_PEER_SERIAL",
    "DOWNSTREAM_PEER_SUBJECT",
    "DOWNSTREAM_PEER_URI_SAN",
    "DOWNSTREAM_REMOTE_ADDRESS",
    "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
    "DOWNSTREAM_REMOTE_PORT",
    "DOWNSTREAM_TLS_CIPHER",
    "DOWNSTREAM_TLS_SESSION_ID",
    "DOWNSTREAM_TLS_VERSION",
    "HOSTNAME",
    "PROTOCOL",
    "REQUESTED_SERVER_NAME",
    "ROUTE_NAME",
    "START_TIME",
    "STREAM_ID",
    "TLS_JA3_FINGERPRINT",
    "TLS_JA4_FINGERPRINT",
    "UNIQUE_ID",
  ]),
  ...plain([
    "RESPONSE_CODE",
    "RESPONSE_CODE_DETAILS",
    "RESPONSE_FLAGS",
    "UPSTREAM_CLUSTER",
    "UPSTREAM_HOST",
    "UPSTREAM_LOCAL_ADDRESS",
    "UPSTREAM_REMOTE_ADDRESS",
    "UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
  ], "response"),
  REQ: header(),
  RESP: header("response"),
  QUERY_PARAM: {
    limited: true,
    problem: (argument) =>
      /^[\w.~-]+$/.test(argument ?? "")
        ? undefined
        : "needs the name of a query parameter in parentheses",
    format: ({ argument }) => ({ kind: "variable", format: `QUERY_PARAM(${argument})` }),
  },
  DYNAMIC_METADATA: {
    limited: true,
    problem: (argument) =>
      metadataPath.test(argument ?? "")
        ? undefined
        : "needs a namespace and keys with colons between them in parentheses",
    format: ({ argument }) => ({ kind: "variable", format: `DYNAMIC_METADATA(${argument})` }),
  },
  JWT: {
    limited: true,
    problem: (argument) =>
      claimPath.test(argument ?? "") ? undefined : "needs the name of a claim in parentheses",
    format: ({ argument }) => ({
      kind: "variable",
      format: `DYNAMIC_METADATA(envoy.filters.http.jwt_authn:payload:${argument})`,
    }),
  },
  CONTOUR_NAMESPACE: {
    limited: false,
    problem: noArgument,
    format: ({ namespace }) => ({ kind: "text", text: namespace }),
  },
};

const metadataPath = /^[\w.~/-]+(:[\w.~/-]+)+$/;
const claimPath = /^[\w.~/-]+(:[\w.~/-]+)*$/;
const headerOrOther = /^:?[\w-]+(\?:?[\w-]+)?$/;

function plain(names: readonly string[], only?: "response"): Readonly<Record<string, Variable>> {
  return Object.fromEntries(names.map((name) => [name, {
    ...(only === undefined ? {} : { only }),
    limited: false,
    problem: noArgument,
    format: () => ({ kind: "variable", format: name }),
  }]));
}

function header(only?: "response"): Variable {
  const command = only === undefined ? "REQ" : "RESP";
  return {
    ...(only === undefined ? {} : { only }),
    limited: true,
    problem: (argument) =>
      headerOrOther.test(argument ?? "") ? undefined : "needs the name of a header in parentheses",
    format: ({ argument }) => ({ kind: "variable", format: `${command}(${argument})` }),
  };
}

function noArgument(argument: string | undefined): string | undefined {
  return argument === undefined ? undefined : "takes nothing in parentheses";
}
