import { z } from "zod";
import { AuthorizationPolicy } from "./authorization.ts";
import { CookieRewritePolicy, HeadersPolicy } from "./header_policy.ts";
import type { Immutable } from "./immutable.ts";
import { MatchCondition } from "./match_condition.ts";
import { absolutePathPattern, decimalPattern, dnsNamePattern } from "./patterns.ts";
import { RateLimitPolicy } from "./rate_limit_policy.ts";
import {
  HTTPHealthCheckPolicy,
  LoadBalancerPolicy,
  RetryPolicy,
  TimeoutPolicy,
} from "./traffic_policy.ts";
import { UpstreamValidation } from "./upstream_validation.ts";
import {
  duration,
  int32,
  int64,
  matching,
  nonEmpty,
  pluginSettings,
  port,
  uint32,
} from "./values.ts";
import { IPFilterPolicy } from "./virtual_host.ts";

/** How the share of a new endpoint grows. */
export const SlowStartPolicy = z.object({
  window: duration().describe("Time until an endpoint has its full share."),
  aggression: matching(decimalPattern, "a number such as 1.0").default("1.0").describe(
    "How fast the share grows: 1.0 evenly, more faster at first.",
  ),
  minWeightPercent: uint32().min(0).max(100).default(10).describe(
    "Share at the start, in percent.",
  ),
});
/** See {@link SlowStartPolicy}. */
export type SlowStartPolicy = Immutable<z.infer<typeof SlowStartPolicy>>;

/** A Service that gets traffic of a route or TCP proxy. */
export const RouteService = z.object({
  name: z.string().describe("A Service in the namespace of this HTTPProxy."),
  port: port().describe("A port of the Service."),
  healthPort: port().optional().describe("The port that is probed; port if left out."),
  protocol: z.enum(["h2", "h2c", "tls"]).optional().describe(
    "tls is HTTP/1.1 over TLS, h2 HTTP/2 over TLS, h2c HTTP/2 without TLS. What the Service says if left out.",
  ),
  weight: int64().min(0).optional().describe(
    "Share of requests relative to the other services; for a mirror the percentage.",
  ),
  mirror: z.boolean().optional().describe("Sends a copy of the requests; answers are dropped."),
  validation: UpstreamValidation.optional().describe("How the server is checked; with h2 and tls."),
  requestHeadersPolicy: HeadersPolicy.optional().describe("Changes to the request headers."),
  responseHeadersPolicy: HeadersPolicy.optional().describe("Changes to the response headers."),
  cookieRewritePolicies: z.array(CookieRewritePolicy).optional().describe(
    "Changes to cookies; they win over those of the route.",
  ),
  slowStartPolicy: SlowStartPolicy.optional().describe("Traffic of new endpoints grows slowly."),
});
/** See {@link RouteService}. */
export type RouteService = Immutable<z.infer<typeof RouteService>>;

const path = () =>
  matching(absolutePathPattern.matcher, "a path that begins with a slash").meta({
    pattern: absolutePathPattern.published,
  });

const redirectStatus = () => z.literal([301, 302, 303, 307, 308]).meta({ type: "integer" });

/** A redirect as the answer of a route. */
export const HTTPRequestRedirectPolicy = z.object({
  scheme: z.enum(["http", "https"]).optional().describe("Scheme; that of the request if left out."),
  hostname: matching(dnsNamePattern, "a DNS name in lower case").min(1).max(253).optional()
    .describe("Host; that of the request if left out."),
  port: int32().min(1).max(65_535).optional().describe("Port; that of the request if left out."),
  statusCode: redirectStatus().default(302).describe("Status of the answer."),
  path: path().optional().describe("Replaces the whole path. Not with prefix."),
  prefix: path().optional().describe("Replaces the part that matched. Not with path."),
});
/** See {@link HTTPRequestRedirectPolicy}. */
export type HTTPRequestRedirectPolicy = Immutable<z.infer<typeof HTTPRequestRedirectPolicy>>;

/** An answer that no upstream is asked for. */
export const HTTPDirectResponsePolicy = z.object({
  statusCode: int64().min(200).max(599).describe("Status of the answer."),
  body: z.string().optional().describe("Body of the answer."),
});
/** See {@link HTTPDirectResponsePolicy}. */
export type HTTPDirectResponsePolicy = Immutable<z.infer<typeof HTTPDirectResponsePolicy>>;

/** Redirects of the upstream that Envoy follows itself. */
export const HTTPInternalRedirectPolicy = z.object({
  maxInternalRedirects: uint32().optional().describe("Redirects to follow; 1 if left out."),
  redirectResponseCodes: z.array(
    redirectStatus(),
  ).optional().describe("Status codes to follow; 302 if left out."),
  allowCrossSchemeRedirect: z.enum(["Always", "Never", "SafeOnly"]).default("Never").describe(
    "Whether to follow to another scheme; SafeOnly forbids it from http to https.",
  ),
  denyRepeatedRouteRedirect: z.boolean().optional().describe("Follows to no route twice."),
});
/** See {@link HTTPInternalRedirectPolicy}. */
export type HTTPInternalRedirectPolicy = Immutable<z.infer<typeof HTTPInternalRedirectPolicy>>;

/** Replaces the matched prefix of the path before the upstream sees it. */
export const ReplacePrefix = z.object({
  prefix: nonEmpty().optional().describe("Prefix this applies to; any other if left out."),
  replacement: nonEmpty().describe("What stands there instead."),
});
/** See {@link ReplacePrefix}. */
export type ReplacePrefix = Immutable<z.infer<typeof ReplacePrefix>>;

/** Which token a route demands. */
export const JWTVerificationPolicy = z.object({
  require: z.string().optional().describe("Name of a provider of the virtual host."),
  disabled: z.boolean().optional().describe("Demands none. Not with require."),
});
/** See {@link JWTVerificationPolicy}. */
export type JWTVerificationPolicy = Immutable<z.infer<typeof JWTVerificationPolicy>>;

/** What happens to requests that meet all conditions: one of services, redirect, direct response. */
export const Route = z.object({
  conditions: z.array(MatchCondition).optional().describe(
    "Conditions that must all hold; every request if left out. At most one is on the path.",
  ),
  services: z.array(RouteService).optional().describe("Where requests go."),
  enableWebsockets: z.boolean().optional().describe("Allows the upgrade to WebSocket."),
  permitInsecure: z.boolean().optional().describe(
    "Serves the route without TLS too, where a host with TLS would redirect to https.",
  ),
  authPolicy: AuthorizationPolicy.optional().describe("Authorization of this route."),
  timeoutPolicy: TimeoutPolicy.optional().describe("Timeouts."),
  retryPolicy: RetryPolicy.optional().describe("Retries."),
  healthCheckPolicy: HTTPHealthCheckPolicy.optional().describe("Probes of the endpoints."),
  loadBalancerPolicy: LoadBalancerPolicy.optional().describe("How an endpoint is chosen."),
  pathRewritePolicy: z.object({
    replacePrefix: z.array(ReplacePrefix).optional().describe("Replacements of the prefix."),
  }).optional().describe("Changes to the path."),
  requestHeadersPolicy: HeadersPolicy.optional().describe("Changes to the request headers."),
  responseHeadersPolicy: HeadersPolicy.optional().describe("Changes to the response headers."),
  cookieRewritePolicies: z.array(CookieRewritePolicy).optional().describe("Changes to cookies."),
  rateLimitPolicy: RateLimitPolicy.optional().describe("Rate limits of this route."),
  requestRedirectPolicy: HTTPRequestRedirectPolicy.optional().describe("Answers by a redirect."),
  directResponsePolicy: HTTPDirectResponsePolicy.optional().describe("Answers by itself."),
  internalRedirectPolicy: HTTPInternalRedirectPolicy.optional().describe(
    "Follows redirects of the upstream.",
  ),
  jwtVerificationPolicy: JWTVerificationPolicy.optional().describe("Tokens of this route."),
  ipAllowPolicy: z.array(IPFilterPolicy).optional().describe(
    "Lets in these addresses alone, in place of the list of the host. Not with ipDenyPolicy.",
  ),
  ipDenyPolicy: z.array(IPFilterPolicy).optional().describe(
    "Keeps out these addresses, in place of the list of the host. Not with ipAllowPolicy.",
  ),
  plugins: pluginSettings().optional().describe(
    "Policies of plugins for this route, by the name of the field that the plugin says.",
  ),
});
/** See {@link Route}. */
export type Route = Immutable<z.infer<typeof Route>>;
