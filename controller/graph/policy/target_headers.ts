import type { DefaultHeaders, HeaderDefaults } from "../../store/mod.ts";
import { Fault } from "../fault.ts";
import type { HeadersPolicy } from "../http_proxy/spec.ts";
import type { HeaderMutation } from "../model.ts";
import {
  canonicalHeaderName,
  dynamicHost,
  headersFault,
  headersPolicy,
  noHeaders,
} from "./headers.ts";

/** What happens to the headers of requests to one target of a route, and of its answers. */
export interface TargetHeaders {
  readonly request: HeaderMutation;
  readonly response: HeaderMutation;
  /** A new Host. */
  readonly host?: string;
}

/** What a target says itself. */
export interface OwnHeaders {
  readonly requestHeadersPolicy?: HeadersPolicy | undefined;
  readonly responseHeadersPolicy?: HeadersPolicy | undefined;
}

/**
 * The headers policy of a target, with the configured defaults for what it does not mention. Values
 * may hold `%CONTOUR_NAMESPACE%`, `%CONTOUR_SERVICE_NAME%` and `%CONTOUR_SERVICE_PORT%`.
 */
export function targetHeaders(
  { namespace, service, port }: {
    readonly namespace: string;
    readonly service: string;
    readonly port: number;
  },
  own: OwnHeaders,
  defaults: DefaultHeaders,
): TargetHeaders | Fault {
  const variables = {
    CONTOUR_NAMESPACE: namespace,
    CONTOUR_SERVICE_NAME: service,
    CONTOUR_SERVICE_PORT: String(port),
  };
  const asked = withDefaults(own.requestHeadersPolicy, defaults.request);
  const answered = withDefaults(own.responseHeadersPolicy, defaults.response);
  const request = asked === undefined
    ? { ok: true as const, ...noHeaders }
    : headersPolicy(asked, { variables, host: "allowed" });
  if (!request.ok) {
    return headersFault(
      "ServiceError/RequestHeadersPolicyInvalid",
      "requestHeadersPolicy",
      request,
    );
  }
  const response = answered === undefined
    ? { ok: true as const, ...noHeaders }
    : headersPolicy(answered, { variables, host: "forbidden" });
  if (!response.ok) {
    return headersFault(
      "ServiceError/ResponseHeadersPolicyInvalid",
      "responseHeadersPolicy",
      response,
    );
  }
  const { hostRewrite } = "hostRewrite" in request ? request : {};
  if (hostRewrite?.kind === "header" && isDefaultHost(own, defaults)) {
    const message = `the configured default for the "Host" header cannot be that of another header`;
    return new Fault("ServiceError/RequestHeadersPolicyInvalid", message);
  }
  return {
    request: request.mutation,
    response: response.mutation,
    // A Host taken from another header can be had for a whole route only; Envoy knows no other.
    ...(hostRewrite?.kind === "literal" ? { host: hostRewrite.host } : {}),
  };
}

/** What is wrong with defaults for all targets that have no policy of their own. */
export function defaultHeadersProblem(defaults: DefaultHeaders): string | undefined {
  const headers = targetHeaders({ namespace: "n", service: "s", port: 1 }, {}, defaults);
  return headers instanceof Fault ? headers.message : undefined;
}

function withDefaults(
  own: HeadersPolicy | undefined,
  { set, remove }: HeaderDefaults,
): HeadersPolicy | undefined {
  const names = new Set((own?.set ?? []).map(({ name }) => canonicalHeaderName(name)));
  const removed = new Set((own?.remove ?? []).map(canonicalHeaderName));
  const added = Object.entries(set).filter(([name]) => !names.has(canonicalHeaderName(name)))
    .map(([name, value]) => ({ name, value }));
  const taken = remove.filter((name) => !removed.has(canonicalHeaderName(name)));
  if (added.length + taken.length === 0) return own;
  return { set: [...own?.set ?? [], ...added], remove: [...own?.remove ?? [], ...taken] };
}

function isDefaultHost({ requestHeadersPolicy }: OwnHeaders, { request }: DefaultHeaders): boolean {
  const isHost = (name: string) => canonicalHeaderName(name) === "Host";
  if (requestHeadersPolicy?.set?.some(({ name }) => isHost(name))) return false;
  return Object.entries(request.set).some(([name, value]) => isHost(name) && dynamicHost(value));
}
