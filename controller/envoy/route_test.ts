import assert from "node:assert/strict";
import type { Message } from "../../proto/mod.ts";
import type { HeaderMatch, QueryMatch, Route } from "../graph/mod.ts";
import { routeName } from "./mod.ts";
import { fragmentOf, plainRoute, routesOf } from "./tests/decoded.ts";
import { forward, host, match, proxy, route, target } from "./tests/model.ts";

const echo = "default/echo/80/da39a3ee5e";

function header(more: Partial<HeaderMatch>): Partial<Route> {
  const plain = { name: "x-a", invert: false, ignoreCase: false, treatMissingAsEmpty: false };
  const value = { kind: "exact", text: "v" } as const;
  return { match: match("/", { headers: [{ ...plain, value, ...more }] }) };
}

function query(value: QueryMatch["value"], ignoreCase = false): Partial<Route> {
  return { match: match("/", { query: [{ name: "q", value, ignoreCase }] }) };
}

const matches: Readonly<Record<string, readonly [Partial<Route>, Message]>> = {
  "an exact path": [{ match: match({ kind: "exact", path: "/a" }) }, { path: "/a" }],
  "a regex path": [
    { match: match({ kind: "regex", regex: "/a.*" }) },
    { safeRegex: { regex: "^/a.*" } },
  ],
  "a prefix": [{ match: match("/a/") }, { prefix: "/a/" }],
  "a segment prefix": [
    { match: match({ kind: "segment-prefix", prefix: "/a" }) },
    { pathSeparatedPrefix: "/a" },
  ],
  "a header": [header({}), {
    prefix: "/",
    headers: [{ name: "x-a", stringMatch: { exact: "v" } }],
  }],
  "a header that is not, in any case": [
    header({ invert: true, ignoreCase: true, treatMissingAsEmpty: true }),
    {
      prefix: "/",
      headers: [{
        name: "x-a",
        stringMatch: { exact: "v", ignoreCase: true },
        invertMatch: true,
        treatMissingHeaderAsEmpty: true,
      }],
    },
  ],
  "a header that contains": [header({ value: { kind: "contains", text: "v" } }), {
    prefix: "/",
    headers: [{ name: "x-a", stringMatch: { contains: "v" } }],
  }],
  "a header by regex": [header({ value: { kind: "regex", text: "v+" } }), {
    prefix: "/",
    headers: [{ name: "x-a", stringMatch: { safeRegex: { regex: "v+" } } }],
  }],
  "a header that is there": [header({ value: { kind: "present" } }), {
    prefix: "/",
    headers: [{ name: "x-a", presentMatch: true }],
  }],
  "a header that is not there": [header({ value: { kind: "present" }, invert: true }), {
    prefix: "/",
    headers: [{ name: "x-a", presentMatch: true, invertMatch: true }],
  }],
  "a query parameter": [query({ kind: "prefix", text: "v" }, true), {
    prefix: "/",
    queryParameters: [{ name: "q", stringMatch: { prefix: "v", ignoreCase: true } }],
  }],
  "a query parameter's end": [query({ kind: "suffix", text: "v" }), {
    prefix: "/",
    queryParameters: [{ name: "q", stringMatch: { suffix: "v" } }],
  }],
  "a query parameter by regex": [query({ kind: "regex", text: "v" }), {
    prefix: "/",
    queryParameters: [{ name: "q", stringMatch: { safeRegex: { regex: "v" } } }],
  }],
  "a query parameter that is there": [query({ kind: "present" }), {
    prefix: "/",
    queryParameters: [{ name: "q", presentMatch: true }],
  }],
};

for (const [name, [more, expected]] of Object.entries(matches)) {
  Deno.test(`match: ${name}`, () => {
    assert.deepEqual(plainRoute(route(more))["match"], expected);
  });
}

const set = { set: [{ name: "X-A", value: "%%" }], remove: ["X-B"] };
const setAdded = {
  header: { key: "X-A", value: "%%" },
  appendAction: "OVERWRITE_IF_EXISTS_OR_ADD",
};

const forwards: Readonly<Record<string, readonly [Parameters<typeof forward>[0], Message]>> = {
  "one cluster": [{}, { route: { cluster: echo } }],
  "several clusters": [{ clusters: [target("echo", { weight: 0 }), target("b", { weight: 9 })] }, {
    route: {
      weightedClusters: {
        clusters: [
          { name: echo, weight: {} },
          { name: "default/b/80/da39a3ee5e", weight: { value: 9 } },
        ],
      },
    },
  }],
  "one cluster with headers of its own": [
    { clusters: [target("echo", { requestHeaders: set, hostRewrite: "b.example" })] },
    {
      route: {
        weightedClusters: {
          clusters: [{
            name: echo,
            weight: { value: 1 },
            requestHeadersToAdd: [setAdded],
            requestHeadersToRemove: ["X-B"],
            hostRewriteLiteral: "b.example",
          }],
        },
      },
    },
  ],
  "headers of the route": [{ requestHeaders: set, responseHeaders: set }, {
    route: { cluster: echo },
    requestHeadersToAdd: [setAdded],
    requestHeadersToRemove: ["X-B"],
    responseHeadersToAdd: [setAdded],
    responseHeadersToRemove: ["X-B"],
  }],
  "timeouts": [
    { timeout: { kind: "explicit", ms: 90_500 }, idleTimeout: { kind: "disabled" } },
    {
      route: { cluster: echo, timeout: { seconds: 90, nanos: 500_000_000 }, idleTimeout: {} },
    },
  ],
  "retries": [
    { retry: { retryOn: ["5xx", "reset"], retries: 0, perTryTimeoutMs: 200, statusCodes: [409] } },
    {
      route: {
        cluster: echo,
        retryPolicy: {
          retryOn: "5xx,reset",
          numRetries: {},
          perTryTimeout: { nanos: 200_000_000 },
          retriableStatusCodes: [409],
        },
      },
    },
  ],
  "a mirror": [{ mirrors: [{ cluster: target("m").cluster, percent: 40 }] }, {
    route: {
      cluster: echo,
      requestMirrorPolicies: [{
        cluster: "default/m/80/da39a3ee5e",
        runtimeFraction: { defaultValue: { numerator: 40 } },
      }],
    },
  }],
  "hash policies": [
    {
      hashPolicies: [
        { kind: "cookie", name: "X-Contour-Session-Affinity" },
        { kind: "header", name: "X-User", terminal: true },
        { kind: "query", name: "user", terminal: false },
        { kind: "source-ip", terminal: false },
      ],
    },
    {
      route: {
        cluster: echo,
        hashPolicy: [
          { cookie: { name: "X-Contour-Session-Affinity", ttl: {}, path: "/" } },
          { header: { headerName: "X-User" }, terminal: true },
          { queryParameter: { name: "user" } },
          { connectionProperties: { sourceIp: true } },
        ],
      },
    },
  ],
  "a rewritten prefix and host": [
    { prefixRewrite: "/new", hostRewrite: { kind: "literal", host: "b.example" } },
    { route: { cluster: echo, prefixRewrite: "/new", hostRewriteLiteral: "b.example" } },
  ],
  "a host from a header": [{ hostRewrite: { kind: "header", name: "X-Host" } }, {
    route: { cluster: echo, hostRewriteHeader: "X-Host" },
  }],
  "websockets": [{ websockets: true }, {
    route: { cluster: echo, upgradeConfigs: [{ upgradeType: "websocket" }] },
  }],
};

for (const [name, [action, expected]] of Object.entries(forwards)) {
  Deno.test(`forward: ${name}`, () => {
    const { match: _match, ...rest } = plainRoute(route({ action: forward(action) }));
    assert.deepEqual(rest, expected);
  });
}

const answers: Readonly<Record<string, readonly [Route["action"], Message]>> = {
  "a redirect": [
    { kind: "redirect", statusCode: 301, scheme: "https", hostname: "b.example", port: 8443 },
    { redirect: { schemeRedirect: "https", hostRedirect: "b.example", portRedirect: 8443 } },
  ],
  "a redirect of a path": [
    { kind: "redirect", statusCode: 308, path: { kind: "full", text: "/b" } },
    { redirect: { pathRedirect: "/b", responseCode: "PERMANENT_REDIRECT" } },
  ],
  "a redirect of a prefix": [
    { kind: "redirect", statusCode: 302, path: { kind: "prefix", text: "/b" } },
    { redirect: { prefixRewrite: "/b", responseCode: "FOUND" } },
  ],
  "a direct response": [
    { kind: "direct-response", statusCode: 418, body: "tea" },
    { directResponse: { status: 418, body: { inlineString: "tea" } } },
  ],
  "a direct response without a body": [
    { kind: "direct-response", statusCode: 503, body: "" },
    { directResponse: { status: 503 } },
  ],
};

for (const [name, [action, expected]] of Object.entries(answers)) {
  Deno.test(`answer: ${name}`, () => {
    const { match: _match, ...rest } = plainRoute(route({ action }));
    assert.deepEqual(rest, expected);
  });
}

Deno.test("a route says which rule of which object it is", () => {
  const [first] = routesOf(fragmentOf(host("a.example", [route()])));
  assert.equal(first?.["name"], "HTTPProxy/default/a.example#spec.routes[0]");
  const text = (stringValue: string) => ({ stringValue });
  assert.deepEqual(first?.["metadata"], {
    filterMetadata: {
      "envoy.access_loggers.file": {
        fields: {
          "io.projectcontour.kind": text("HTTPProxy"),
          "io.projectcontour.namespace": text("default"),
          "io.projectcontour.name": text("a.example"),
        },
      },
    },
  });
  assert.equal(routeName({ object: proxy("shop"), path: "" }), "HTTPProxy/default/shop");
});
