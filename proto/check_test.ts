import assert from "node:assert/strict";
import rules from "./gen/rules.json" with { type: "json" };
import { check, duration, encodeAny, type Message, messageType } from "./mod.ts";

const host = (route: Message): Message => ({ name: "h", domains: ["h.example"], routes: [route] });
const match: Message = { prefix: "/" };
const forward = (action: Message, rest: Message = {}): Message =>
  host({ match, route: { cluster: "c", ...action }, ...rest });
const header = (key: string, value: string): Message =>
  forward({}, { requestHeadersToAdd: [{ header: { key, value } }] });
const condition = (field: string, name: string): Message =>
  host({
    match: { prefix: "/", [field]: [{ name, presentMatch: true }] },
    route: { cluster: "c" },
  });
const redirect = (redirect: Message): Message => host({ match, redirect });
const filter = (type: string, config: Message): Message =>
  forward({}, { typedPerFilterConfig: { f: { "@type": type, ...config } } });
const localRateLimit = "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit";
const healthCheck = (rest: Message): Message => ({
  name: "c",
  healthChecks: [{
    timeout: duration(2000),
    interval: duration(10_000),
    unhealthyThreshold: { value: 3 },
    healthyThreshold: { value: 2 },
    httpHealthCheck: { path: "/" },
    ...rest,
  }],
});

interface Case {
  readonly name: string;
  /** Of a `VirtualHost` unless `type` says otherwise. */
  readonly message: Message;
  readonly type?: string;
  /** Path and words of each violation; none where Envoy accepts the message. */
  readonly wrong?: readonly string[];
}

const cluster = "envoy.config.cluster.v3.Cluster";
const cases: readonly Case[] = [
  { name: "nothing wrong", message: forward({ timeout: duration(0) }) },
  {
    name: "a header value with the line break of a YAML block",
    message: header("x-a", "text\n"),
    wrong: ["routes[0].requestHeadersToAdd[0].header.value must not contain line breaks"],
  },
  {
    name: "a header value with a carriage return",
    message: header("x-a", "a\rb"),
    wrong: ["routes[0].requestHeadersToAdd[0].header.value must not contain line breaks"],
  },
  {
    name: "a header value with NUL",
    message: header("x-a", "a\0b"),
    wrong: ["routes[0].requestHeadersToAdd[0].header.value must not contain NUL characters"],
  },
  {
    name: "UTF-8, lone percent signs and tabs in a header value",
    message: header("x-a", "ü % \t"),
  },
  { name: "a header value of the longest size", message: header("x-a", "v".repeat(16_384)) },
  {
    name: "a header value that is too long in bytes, not in characters",
    message: header("x-a", "é".repeat(8193)),
    wrong: ["routes[0].requestHeadersToAdd[0].header.value must be at most 16384 bytes"],
  },
  {
    name: "a header without a name",
    message: header("", "b"),
    wrong: ["routes[0].requestHeadersToAdd[0].header.key must not be empty"],
  },
  {
    name: "a header name with a line break",
    message: header("x\na", "b"),
    wrong: ["routes[0].requestHeadersToAdd[0].header.key must not contain line breaks"],
  },
  {
    name: "more than 1,000 headers",
    message: forward({}, {
      responseHeadersToAdd: Array.from({ length: 1001 }, (_, index) => ({
        header: { key: `x-${index}`, value: "" },
      })),
    }),
    wrong: ["routes[0].responseHeadersToAdd must have at most 1000 items"],
  },
  {
    name: "line breaks in a prefix rewrite and a host rewrite",
    message: forward({ prefixRewrite: "/a\rb", hostRewriteLiteral: "a\n" }),
    wrong: [
      "routes[0].route.prefixRewrite must not contain line breaks",
      "routes[0].route.hostRewriteLiteral must not contain line breaks",
    ],
  },
  {
    name: "a line break in a redirect",
    message: redirect({ hostRedirect: "a\nb", pathRedirect: "/\0" }),
    wrong: [
      "routes[0].redirect.hostRedirect must not contain line breaks",
      "routes[0].redirect.pathRedirect must not contain NUL characters",
    ],
  },
  {
    name: "an unknown redirect code",
    message: redirect({ hostRedirect: "a", responseCode: 9 }),
    wrong: ["routes[0].redirect.responseCode must be a value that Envoy knows, not 9"],
  },
  {
    name: "condition names that are empty",
    message: condition("headers", ""),
    wrong: ["routes[0].match.headers[0].name must not be empty"],
  },
  {
    name: "condition names with line breaks",
    message: condition("headers", "a\nb"),
    wrong: ["routes[0].match.headers[0].name must not contain line breaks"],
  },
  {
    name: "query parameter names over 1,024 bytes",
    message: condition("queryParameters", "q".repeat(1025)),
    wrong: ["routes[0].match.queryParameters[0].name must be at most 1024 bytes"],
  },
  {
    name: "query or fragment in a segment prefix",
    message: host({ match: { pathSeparatedPrefix: "/a?b" }, route: { cluster: "c" } }),
    wrong: ["routes[0].match.pathSeparatedPrefix must match ^[^?#]+[^?#/]$"],
  },
  {
    name: "an empty regular expression",
    message: host({ match: { safeRegex: {} }, route: { cluster: "c" } }),
    wrong: ["routes[0].match.safeRegex.regex must not be empty"],
  },
  {
    name: "neither a path nor an action",
    message: host({ match: {} }),
    wrong: [
      "routes[0].match.pathSpecifier needs one of prefix, path, safeRegex, connectMatcher, " +
      "pathSeparatedPrefix, pathMatchPolicy",
      "routes[0].action needs one of route, redirect, directResponse, filterAction, " +
      "nonForwardingAction",
    ],
  },
  {
    name: "no match at all",
    message: host({ route: { cluster: "c" } }),
    wrong: ["routes[0].match must be set"],
  },
  {
    name: "no name and no domains",
    message: {},
    wrong: ["name must not be empty", "domains must have at least 1 item"],
  },
  {
    name: "more internal redirect codes than Envoy takes",
    message: forward({
      internalRedirectPolicy: { redirectResponseCodes: [301, 302, 303, 307, 308, 301] },
    }),
    wrong: [
      "routes[0].route.internalRedirectPolicy.redirectResponseCodes must have at most 5 items",
    ],
  },
  {
    name: "a direct response with an odd status",
    message: host({ match, directResponse: { status: 99 } }),
    wrong: ["routes[0].directResponse.status must be at least 200"],
  },
  {
    name: "no weighted clusters",
    message: host({ match, route: { weightedClusters: { clusters: [] } } }),
    wrong: ["routes[0].route.weightedClusters.clusters must have at least 1 item"],
  },
  {
    name: "a negative timeout",
    message: forward({ timeout: duration(-1000) }),
    wrong: ["routes[0].route.timeout must not be negative"],
  },
  { name: "the longest timeout", message: forward({ timeout: { seconds: 9_223_372_035 } }) },
  {
    name: "a timeout beyond the longest",
    message: forward({ timeout: { seconds: 9_223_372_036 } }),
    wrong: ["routes[0].route.timeout must be at most 9223372035 s"],
  },
  {
    name: "malformed text where no rule stands",
    message: forward({}, { name: "\udc00" }),
    wrong: ["routes[0].name must be well-formed Unicode"],
  },
  {
    name: "a local rate limit with too many headers, inside its Any",
    message: filter(localRateLimit, {
      statPrefix: "s",
      responseHeadersToAdd: Array.from({ length: 11 }, () => ({ header: { key: "a" } })),
    }),
    wrong: [
      'routes[0].typedPerFilterConfig["f"].responseHeadersToAdd must have at most 10 items',
    ],
  },
  {
    name: "a token bucket without tokens: rules on what a wrapper holds, and on zeros",
    message: filter(localRateLimit, {
      statPrefix: "s",
      tokenBucket: { tokensPerFill: { value: 0 }, fillInterval: duration(0) },
    }),
    wrong: [
      'routes[0].typedPerFilterConfig["f"].tokenBucket.tokensPerFill must be greater than 0',
      'routes[0].typedPerFilterConfig["f"].tokenBucket.fillInterval must be greater than 0 s',
    ],
  },
  {
    name: "a status that must not be the zero of its enum",
    message: filter(localRateLimit, { statPrefix: "s", status: {} }),
    wrong: ['routes[0].typedPerFilterConfig["f"].status.code must not be Empty'],
  },
  {
    name: "a status that Envoy lacks",
    message: filter(localRateLimit, { statPrefix: "s", status: { code: 499 } }),
    wrong: [
      'routes[0].typedPerFilterConfig["f"].status.code must be a value that Envoy knows, not 499',
    ],
  },
  { name: "a health check", type: cluster, message: healthCheck({}) },
  {
    name: "a health check without path and with a line break in its host",
    type: cluster,
    message: healthCheck({ httpHealthCheck: { path: "", host: "a\n" } }),
    wrong: [
      "healthChecks[0].httpHealthCheck.path must not be empty",
      "healthChecks[0].httpHealthCheck.host must not contain line breaks",
    ],
  },
  {
    name: "a health check without thresholds and with an interval of zero",
    type: cluster,
    message: healthCheck({ interval: duration(0), healthyThreshold: undefined }),
    wrong: [
      "healthChecks[0].interval must be greater than 0 s",
      "healthChecks[0].healthyThreshold must be set",
    ],
  },
  {
    name: "a cluster without a name and with a connect timeout of zero",
    type: cluster,
    message: { connectTimeout: duration(0) },
    wrong: ["connectTimeout must be greater than 0 s", "name must not be empty"],
  },
  {
    name: "an SNI over 255 bytes",
    type: "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
    message: { sni: "s".repeat(256) },
    wrong: ["sni must be at most 255 bytes"],
  },
  {
    name: "a SAN matcher without its type",
    type: "envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext",
    message: { matchTypedSubjectAltNames: [{ matcher: { exact: "a" } }] },
    wrong: ["matchTypedSubjectAltNames[0].sanType must not be SAN_TYPE_UNSPECIFIED"],
  },
  {
    name: "an endpoint port out of range",
    type: "envoy.config.endpoint.v3.ClusterLoadAssignment",
    message: {
      clusterName: "c",
      endpoints: [{
        lbEndpoints: [{
          endpoint: { address: { socketAddress: { address: "10.0.0.1", portValue: 65_536 } } },
        }],
      }],
    },
    wrong: [
      "endpoints[0].lbEndpoints[0].endpoint.address.socketAddress.portValue must be at most 65535",
    ],
  },
  {
    name: "JWKS that are cached too shortly, and whose URI lacks a timeout",
    type: "envoy.extensions.filters.http.jwt_authn.v3.RemoteJwks",
    message: { httpUri: { uri: "https://a.example", cluster: "c" }, cacheDuration: duration(0.5) },
    wrong: ["httpUri.timeout must be set", "cacheDuration must be at least 0.001 s"],
  },
  {
    name: "a pair of bounds that leaves the middle out",
    type: "envoy.config.core.v3.QuicKeepAliveSettings",
    message: { maxInterval: duration(500), initialInterval: duration(0) },
    wrong: ["maxInterval must be at most 0 s or at least 1 s"],
  },
  {
    name: "one of a list of words",
    type: "envoy.extensions.filters.http.ratelimit.v3.RateLimit",
    message: {
      domain: "d",
      requestType: "neither",
      rateLimitService: { grpcService: { envoyGrpc: { clusterName: "c" } } },
    },
    wrong: ['requestType must be one of internal, external, both, ""'],
  },
  {
    name: "an empty key of a map",
    type: "envoy.config.core.v3.Metadata",
    message: { filterMetadata: { "": {} } },
    wrong: ['filterMetadata[""] must not be empty'],
  },
  {
    name: "the same twice",
    type: "envoy.config.route.v3.InternalRedirectPolicy",
    message: { responseHeadersToCopy: ["x-a", "x-a"] },
    wrong: ["responseHeadersToCopy must not hold the same value twice"],
  },
  {
    name: "a flag that can only be true",
    type: "envoy.config.rbac.v3.Principal",
    message: { any: false },
    wrong: ["any must be true"],
  },
];

for (const { name, type = "envoy.config.route.v3.VirtualHost", message, wrong = [] } of cases) {
  Deno.test(`check: ${name}`, () => {
    const found = check(type, message).map(({ path, message }) => `${path} ${message}`);
    assert.deepEqual(found.sort(), [...wrong].sort());
  });
}

Deno.test("check: says which rule it was", () => {
  assert.deepEqual(check("envoy.config.route.v3.VirtualHost", header("x-a", "\n"))[0], {
    path: "routes[0].requestHeadersToAdd[0].header.value",
    rule: "string.well_known_regex",
    message: "must not contain line breaks",
  });
});

Deno.test("check: trusts what is encoded already", () => {
  const bad = encodeAny(localRateLimit, { statPrefix: "" });
  const typedPerFilterConfig = { f: bad };
  assert.deepEqual(
    check("envoy.config.route.v3.VirtualHost", forward({}, { typedPerFilterConfig })),
    [],
  );
});

Deno.test("check: knows every rule of every message", () => {
  // An unknown rule throws when the checker of its message is made.
  for (const name of Object.keys(rules)) {
    messageType(name);
    check(name, {});
  }
  assert.ok(Object.keys(rules).length > 200);
});
