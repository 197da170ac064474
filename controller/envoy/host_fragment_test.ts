import assert from "node:assert/strict";
import { decode, type Message } from "../../proto/mod.ts";
import type { Diagnostic } from "../api/mod.ts";
import type { Route, VirtualHost } from "../graph/mod.ts";
import type { HostFragment } from "./mod.ts";
import { fragmentOf, routesOf } from "./tests/decoded.ts";
import {
  answer,
  clusterSpec,
  forward,
  host,
  match,
  overTls,
  proxy,
  route,
  target,
  untouched,
} from "./tests/model.ts";

Deno.test("a plain host", () => {
  const fragment = fragmentOf(host("a.example"));
  const { routes: _routes, ...rest } = decode(
    "envoy.config.route.v3.VirtualHost",
    fragment.plain?.virtualHost ?? assert.fail(),
  );
  assert.deepEqual(rest, { name: "a.example", domains: ["a.example"] });
  assert.deepEqual(fragment.plain?.clusters, ["default/echo/80/da39a3ee5e"]);
  assert.deepEqual(fragment.clusters, [clusterSpec("echo")]);
  assert.equal(fragment.secure, undefined);
  assert.deepEqual(fragment.secrets, []);
  assert.deepEqual(fragment.diagnostics, []);
});

Deno.test("a long host name is replaced by the start of its hash", () => {
  const name = (fqdn: string) =>
    decode(
      "envoy.config.route.v3.VirtualHost",
      fragmentOf(host(fqdn)).plain?.virtualHost ?? assert.fail(),
    )["name"];
  assert.equal(name("a".repeat(59)), "a".repeat(59));
  assert.equal(
    name("a".repeat(60)),
    "11ee391211c6256460b6ed375957fadd8061cafbb31daf967db875aebd5a",
  );
});

Deno.test("a host over TLS sends plain requests there", () => {
  const fragment = fragmentOf(
    overTls(host("a.example", [route({ plain: "redirect-to-https" })])),
  );
  const [plain] = routesOf(fragment);
  const [secure] = routesOf(fragment, "secure");
  assert.deepEqual(plain?.["redirect"], { httpsRedirect: true });
  assert.deepEqual(plain?.["match"], { prefix: "/" });
  assert.deepEqual(secure?.["route"], { cluster: "default/echo/80/da39a3ee5e" });
  assert.deepEqual(fragment.plain?.clusters, []);
  assert.deepEqual(fragment.secure?.routeConfiguration?.clusters, ["default/echo/80/da39a3ee5e"]);
  assert.deepEqual(fragment.clusters, [clusterSpec("echo")]);
  assert.deepEqual(fragment.secrets, [{ namespace: "default", name: "tls" }]);
  assert.deepEqual(fragment.secure?.serverNames, ["a.example"]);
});

Deno.test("every cluster is asked for once, mirrors too", () => {
  const action = forward({
    clusters: [target("b"), target("a")],
    mirrors: [{ cluster: clusterSpec("m"), percent: 100 }],
  });
  const fragment = fragmentOf(host("a.example", [route({ action }), route({ action })]));
  assert.deepEqual(fragment.clusters.map(({ service }) => service), ["a", "b", "m"]);
  assert.equal(fragment.plain?.clusters.length, 3);
});

Deno.test("a host without rules is served nowhere", () => {
  const fragment = fragmentOf(overTls(host("a.example", [])));
  assert.equal(fragment.plain, undefined);
  assert.equal(fragment.secure, undefined);
});

Deno.test("a rule is on the listeners it is meant for, and a host where it has one", () => {
  const routes = [
    answer("/", "both"),
    answer("/tls", "tls", { plain: "absent" }),
    answer("/plain", "plain", { secure: "absent" }),
  ];
  const bodies = (fragment: HostFragment, side?: "secure") =>
    routesOf(fragment, side).map(({ match }) => (match as Message)["prefix"]);
  const both = fragmentOf(overTls(host("a.example", routes)));
  assert.deepEqual(bodies(both), ["/", "/plain"]);
  assert.deepEqual(bodies(both, "secure"), ["/", "/tls"]);
  assert.equal(fragmentOf(host("a.example", routes.slice(1, 2))).plain, undefined);
  assert.equal(fragmentOf(overTls(host("a.example", routes.slice(2)))).secure, undefined);
});

Deno.test("what Envoy would refuse of an Ingress is told without a condition, which it has not", () => {
  const object = { kind: "Ingress", namespace: "default", name: "i" } as const;
  const action = { kind: "direct-response", statusCode: 200, body: "x".repeat(70_000) } as const;
  const { diagnostics } = fragmentOf({
    fqdn: "*",
    owner: object,
    routes: [route({ action, origin: { object, path: "spec.defaultBackend" } })],
  });
  const told = diagnostics.map(({ object, path, condition }) => [object?.kind, path, condition]);
  assert.deepEqual(told, [["Ingress", "spec.defaultBackend", undefined]]);
});

/** The filter chain of a host, decoded, and the settings of its only network filter. */
function chainOf(virtualHost: VirtualHost): { readonly chain: Message; readonly filter: Message } {
  const chain = decode(
    "envoy.config.listener.v3.FilterChain",
    fragmentOf(virtualHost).secure?.filterChain ?? assert.fail(),
  );
  const [filter] = chain["filters"] as readonly { readonly typedConfig: Message }[];
  return { chain, filter: filter?.typedConfig ?? assert.fail() };
}

Deno.test("a filter chain that terminates TLS", () => {
  const { chain, filter } = chainOf(overTls(host("a.example")));
  assert.deepEqual(chain["filterChainMatch"], { serverNames: ["a.example"] });
  assert.deepEqual(chain["transportSocket"], {
    name: "envoy.transport_sockets.tls",
    typedConfig: {
      "@type": "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
      commonTlsContext: {
        tlsParams: {
          tlsMinimumProtocolVersion: "TLSv1_2",
          tlsMaximumProtocolVersion: "TLSv1_3",
          cipherSuites: [
            "[ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-ECDSA-CHACHA20-POLY1305]",
            "[ECDHE-RSA-AES128-GCM-SHA256|ECDHE-RSA-CHACHA20-POLY1305]",
            "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES256-GCM-SHA384",
          ],
        },
        alpnProtocols: ["h2", "http/1.1"],
        tlsCertificateSdsSecretConfigs: [{
          name: "default/tls",
          sdsConfig: { ads: {}, resourceApiVersion: "V3" },
        }],
      },
    },
  });
  const { httpFilters, accessLog: _accessLog, "@type": _type, ...rest } = filter;
  assert.deepEqual(rest, {
    statPrefix: "ingress_https",
    rds: {
      configSource: { ads: {}, resourceApiVersion: "V3" },
      routeConfigName: "https/a.example",
    },
    commonHttpProtocolOptions: { idleTimeout: { seconds: 60 } },
    httpProtocolOptions: { acceptHttp_10: true, allowChunkedLength: true },
    useRemoteAddress: { value: true },
    normalizePath: { value: true },
    mergeSlashes: true,
    preserveExternalRequestId: true,
  });
  const names = (httpFilters as readonly Message[]).map(({ name }) => name);
  assert.deepEqual(names, [
    "envoy.filters.http.lua.misdirected_request",
    "envoy.filters.http.compressor",
    "envoy.filters.http.grpc_web",
    "envoy.filters.http.grpc_stats",
    "envoy.filters.http.cors",
    "envoy.filters.http.local_ratelimit",
    "envoy.filters.http.lua.cookie_rewrite",
    "envoy.filters.http.rbac",
    "router",
  ]);
});

const tcp = (...weights: readonly number[]) => ({
  clusters: weights.map((weight, i) => ({ cluster: clusterSpec(`s${i}`), weight })),
});

Deno.test("a filter chain that passes TLS through", () => {
  const { chain, filter } = chainOf({
    ...host("a.example", []),
    secure: { kind: "passthrough", proxy: tcp(0, 5) },
  });
  assert.equal(chain["transportSocket"], undefined);
  const { accessLog: _accessLog, ...rest } = filter;
  assert.deepEqual(rest, {
    "@type": "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
    statPrefix: "ingress_https",
    cluster: "default/s1/80/da39a3ee5e",
    idleTimeout: { seconds: 9001 },
  });
});

Deno.test("a filter chain that terminates TLS and copies bytes", () => {
  const secure = overTls(host("a.example", [])).secure;
  const tls = secure?.kind === "http" ? secure.tls : assert.fail();
  const virtualHost: VirtualHost = {
    ...host("a.example", []),
    secure: { kind: "tcp", tls, proxy: tcp(0, 0) },
  };
  const { chain, filter } = chainOf(virtualHost);
  assert.ok(!JSON.stringify(chain).includes("alpn"));
  assert.deepEqual(filter["weightedClusters"], {
    clusters: [
      { name: "default/s0/80/da39a3ee5e", weight: 1 },
      { name: "default/s1/80/da39a3ee5e", weight: 1 },
    ],
  });
  const fragment = fragmentOf(virtualHost);
  assert.deepEqual(fragment.secure?.clusters, [
    "default/s0/80/da39a3ee5e",
    "default/s1/80/da39a3ee5e",
  ]);
  assert.deepEqual(fragment.clusters.map(({ service }) => service), ["s0", "s1"]);
  assert.equal(fragment.plain, undefined);
});

/** What Envoy would refuse, what is told of it, and of which field. */
const refusals: Readonly<Record<string, readonly [Partial<Route>, RegExp, string]>> = {
  "a line break in a header": [
    { action: forward({ requestHeaders: { set: [{ name: "X-A", value: "a\n" }], remove: [] } }) },
    /requestHeadersToAdd\[0\]\.header\.value must not contain line breaks \("X-A"\)/,
    "requestHeadersPolicy.set",
  ],
  "the removal of Host": [
    { action: forward({ responseHeaders: { set: [], remove: ["Host"] } }) },
    /must not hold "Host"/,
    "responseHeadersPolicy.remove",
  ],
  "a body that is too long": [
    { action: { kind: "direct-response", statusCode: 200, body: "ä".repeat(32_769) } },
    /at most 65536 bytes, not 65538/,
    "directResponsePolicy.body",
  ],
  "a line break in a header of one target of two": [
    {
      action: forward({
        clusters: [
          target("a", { weight: 1, at: "services[1]" }),
          target("b", { weight: 1, at: "services[0]", hostRewrite: "b\n" }),
        ],
      }),
    },
    /clusters\[1\]\.hostRewriteLiteral/,
    "services[0].requestHeadersPolicy.set",
  ],
  "a line break in a redirect": [
    { action: { kind: "redirect", statusCode: 302, path: { kind: "full", text: "/a\r" } } },
    /redirect\.pathRedirect/,
    "requestRedirectPolicy.path",
  ],
  "a negative timeout": [
    { action: forward({ timeout: { kind: "explicit", ms: -1000 } }) },
    /route\.timeout must not be negative/,
    "timeoutPolicy.response",
  ],
  "a health check without a path": [
    {
      action: forward({
        clusters: [target("a", {
          cluster: clusterSpec("a", {
            healthCheck: {
              kind: "http",
              path: "",
              host: "h",
              expectedStatuses: [],
              timeoutMs: 1000,
              intervalMs: 1000,
              healthyThreshold: 1,
              unhealthyThreshold: 1,
            },
          }),
        })],
      }),
    },
    /healthChecks\[0\]\.httpHealthCheck\.path/,
    "healthCheckPolicy.path",
  ],
};

for (const [name, [more, words, field]] of Object.entries(refusals)) {
  Deno.test(`refused: ${name}`, () => {
    const fragment = fragmentOf(overTls(host("a.example", [route(more), answer("/", "next")])));
    for (const side of ["plain", "secure"] as const) {
      const [first, second] = routesOf(fragment, side);
      assert.deepEqual(first?.["directResponse"], { status: 503 });
      assert.deepEqual(first?.["match"], { prefix: "/" });
      assert.ok(second?.["directResponse"]);
    }
    assert.deepEqual(fragment.clusters, []);
    const { message, ...diagnostic } = only(fragment.diagnostics);
    assert.match(message, words);
    assert.match(message, /answered with 503/);
    assert.deepEqual(diagnostic, {
      code: "CTR303",
      severity: "error",
      object: proxy("a.example"),
      path: `spec.routes[0].${field}`,
      condition: { type: "RouteError", reason: "EnvoyRule" },
    });
  });
}

Deno.test("harmless: what Envoy takes although it looks odd", () => {
  const { diagnostics } = fragmentOf(host("a.example", [
    answer("/", "x".repeat(65_536)),
    route({
      action: forward({
        requestHeaders: { set: [{ name: "X-A", value: "ünï 100%%" }], remove: [] },
        clusters: [target("a", { weight: 0 }), target("b", { weight: 1 })],
      }),
    }),
    route({
      action: forward({
        clusters: [target("a", { weight: 2 ** 32 - 1 }), target("b", { weight: 1 })],
      }),
    }),
    route({ match: match({ kind: "regex", regex: "/(?i)a" }) }),
  ]));
  assert.deepEqual(diagnostics, []);
});

Deno.test("refused: conditions that Envoy cannot evaluate take no requests", () => {
  const fragment = fragmentOf(host("a.example", [
    route({ match: match({ kind: "regex", regex: "/a(" }) }),
    route({
      match: match("/", {
        headers: [{
          name: "",
          value: { kind: "present" },
          invert: false,
          ignoreCase: false,
          treatMissingAsEmpty: false,
        }],
      }),
    }),
    answer("/", "next"),
  ]));
  assert.equal(routesOf(fragment).length, 1);
  assert.deepEqual(fragment.diagnostics.map(({ path }) => path), [
    "spec.routes[0].conditions",
    "spec.routes[1].conditions",
  ]);
  assert.match(fragment.diagnostics[0]?.message ?? "", /takes no requests/);
});

Deno.test("refused: what is about the host is told on its owner", () => {
  const cluster = clusterSpec("a", { protocol: "tls", sni: "s".repeat(256) });
  const fragment = fragmentOf({
    ...host("a.example"),
    secure: { kind: "passthrough", proxy: { clusters: [{ cluster, weight: 1 }] } },
  });
  assert.equal(fragment.secure, undefined);
  assert.ok(fragment.plain);
  const diagnostic = only(fragment.diagnostics);
  assert.deepEqual(diagnostic.object, proxy("a.example"));
  assert.deepEqual(diagnostic.condition, { type: "VirtualHostError", reason: "EnvoyRule" });
  assert.match(diagnostic.message, /not served over TLS/);
});

Deno.test("equal hosts give equal bytes", () => {
  const make = () =>
    overTls(host("a.example", [route({ action: forward({ requestHeaders: untouched }) })]));
  assert.deepEqual(fragmentOf(make()), fragmentOf(make()));
});

function only(diagnostics: readonly Diagnostic[]): Diagnostic {
  assert.equal(diagnostics.length, 1, JSON.stringify(diagnostics));
  return diagnostics[0] ?? assert.fail();
}
