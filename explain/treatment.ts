import type { ObjectKey, Timeout } from "../controller/api/mod.ts";
import {
  comparedPath,
  type CorsPolicy,
  type ForwardAction,
  type HashPolicy,
  type HeaderMutation,
  type HostRewrite,
  type InternalRedirect,
  type IpFilter,
  type LocalRateLimit,
  type RateLimitDescriptor,
  type Request,
  type RetryPolicy,
  type Route,
  type VirtualHost,
} from "../controller/graph/mod.ts";
import type { Db } from "../controller/query/mod.ts";
import { setting } from "../controller/store/mod.ts";

/** What is done to a request, and its response, on the way; absent parts are not done. */
export interface Treatment {
  /** Of all that is checked first. */
  readonly checks: Checks;
  readonly limits: {
    readonly local?: LocalRateLimit;
    /** What a rate limit service is told; empty: it is not asked. */
    readonly descriptors: readonly RateLimitDescriptor[];
  };
  readonly cors?: CorsPolicy;
  /** What holds for requests that are forwarded. */
  readonly forwarding?: Forwarding;
}

/** Who may send the request. */
export interface Checks {
  readonly ipFilter?: IpFilter;
  /** The server that is asked, and what it is told beside the request. */
  readonly authorization?: {
    readonly server: ObjectKey;
    readonly context: Readonly<Record<string, string>>;
  };
  /** Whose token the request needs. */
  readonly jwt?: {
    readonly provider: string;
    readonly issuer: string;
    readonly audiences: readonly string[];
  };
  /** Whether the client has to show a certificate. */
  readonly clientCertificate?: "required" | "optional";
}

/** How a request is passed on. */
export interface Forwarding {
  /** Where the path changes: with the query string, as asked and as the upstream sees it. */
  readonly path?: { readonly from: string; readonly to: string };
  readonly host?: HostRewrite;
  /** From the complete request to the complete response; Envoy's default is 15 s. */
  readonly timeout: Timeout;
  readonly idleTimeout: Timeout;
  readonly retry?: RetryPolicy;
  readonly websockets: boolean;
  readonly requestHeaders: HeaderMutation;
  readonly responseHeaders: HeaderMutation;
  readonly hashPolicies: readonly HashPolicy[];
  readonly internalRedirect?: InternalRedirect;
}

/** What the rule that takes a request has done to it. */
export function treatmentOf(
  db: Db,
  host: VirtualHost,
  route: Route,
  request: Request,
): Treatment {
  const { action } = route;
  const { policies = {} } = host;
  const forwarded = action.kind === "forward" ? action : undefined;
  const local = forwarded?.rateLimits?.local ?? policies.rateLimits?.local;
  const own = forwarded?.rateLimits?.descriptors ?? [];
  // Those of the host count where the route has none, unless it opts out.
  const descriptors = own.length > 0 || forwarded?.ignoreHostDescriptors
    ? own
    : policies.rateLimits?.descriptors ?? [];
  return {
    checks: checksOf(db, host, route, request),
    limits: { ...(local === undefined ? {} : { local }), descriptors },
    ...(policies.cors === undefined ? {} : { cors: policies.cors }),
    ...(forwarded === undefined ? {} : { forwarding: forwarding(forwarded, route, request) }),
  };
}

function checksOf(db: Db, host: VirtualHost, route: Route, { tls }: Request): Checks {
  const ipFilter = route.ipFilter ?? host.policies?.ipFilter;
  const secure = tls && host.secure?.kind === "http" ? host.secure : undefined;
  const { extensionRef } = setting(db, "globalAuthorization") ?? {};
  const server = secure?.authorization?.extension ?? (tls ? undefined : extensionRef);
  const { authorization } = route;
  const isChecked = server !== undefined && authorization?.kind !== "disabled";
  const jwt = secure?.jwtProviders?.find(({ name }) => name === route.jwtProvider);
  const clients = secure?.tls.clientValidation;
  return {
    ...(ipFilter === undefined ? {} : { ipFilter }),
    ...(isChecked
      ? {
        authorization: {
          server: {
            kind: "ExtensionService",
            namespace: server.namespace ?? "",
            name: server.name ?? "",
          },
          context: authorization?.kind === "context" ? authorization.entries : {},
        },
      }
      : {}),
    ...(jwt === undefined
      ? {}
      : { jwt: { provider: jwt.name, issuer: jwt.issuer, audiences: jwt.audiences } }),
    ...(clients === undefined
      ? {}
      : { clientCertificate: clients.required ? "required" : "optional" }),
  };
}

function forwarding(action: ForwardAction, route: Route, request: Request): Forwarding {
  const [only, second] = action.clusters;
  const ofTarget = second === undefined ? only : undefined;
  const literal = ofTarget?.hostRewrite;
  const host = literal === undefined
    ? action.hostRewrite
    : { kind: "literal", host: literal } as const;
  const to = rewrittenPath(route, action.prefixRewrite, request);
  return {
    ...(to === undefined ? {} : { path: { from: request.path, to } }),
    ...(host === undefined ? {} : { host }),
    timeout: action.timeout,
    idleTimeout: action.idleTimeout,
    ...(action.retry === undefined ? {} : { retry: action.retry }),
    websockets: action.websockets,
    requestHeaders: merged(action.requestHeaders, ofTarget?.requestHeaders),
    responseHeaders: merged(action.responseHeaders, ofTarget?.responseHeaders),
    hashPolicies: action.hashPolicies,
    ...(action.internalRedirect === undefined ? {} : { internalRedirect: action.internalRedirect }),
  };
}

/** The path, with its query string, after another text took the place of the prefix that matched. */
export function rewrittenPath(
  { match: { path } }: Pick<Route, "match">,
  rewrite: string | undefined,
  request: Request,
): string | undefined {
  if (rewrite === undefined) return undefined;
  const compared = comparedPath(request);
  const matched = path.kind === "prefix" || path.kind === "segment-prefix"
    ? path.prefix
    : path.kind === "exact"
    ? path.path
    : compared;
  return rewrite + compared.slice(matched.length) + queryOf(request);
}

/** The query string with its question mark; "" for none. */
export function queryOf({ path }: Pick<Request, "path">): string {
  const mark = path.indexOf("?");
  return mark < 0 ? "" : path.slice(mark);
}

/** What a route and its only target do to headers. */
function merged(route: HeaderMutation, target: HeaderMutation | undefined): HeaderMutation {
  if (target === undefined) return route;
  return { set: [...target.set, ...route.set], remove: [...target.remove, ...route.remove] };
}
