import assert from "node:assert/strict";
import {
  appendRepeated,
  decode,
  duration,
  encode,
  encodeAny,
  EncodeError,
  type Message,
  messageType,
  struct,
  typeUrl,
} from "./mod.ts";

const route: Message = {
  match: { prefix: "/api", headers: [{ name: "x-a", stringMatch: { exact: "b" } }] },
  metadata: {
    filterMetadata: { owner: struct({ kind: "HTTPProxy", tags: ["a", 1, true, null] }) },
  },
  route: {
    cluster: "default/echo/80/da39a3ee5e",
    timeout: duration(1500),
    retryPolicy: { retryOn: "5xx", numRetries: { value: 2 }, retriableStatusCodes: [503, 504] },
    rateLimits: [{ actions: [{ remoteAddress: {} }] }],
    clusterNotFoundResponseCode: "NOT_FOUND",
  },
  requestHeadersToAdd: [
    { header: { key: "x-ü", value: "grün 🌱" }, appendAction: "OVERWRITE_IF_EXISTS_OR_ADD" },
  ],
  typedPerFilterConfig: {
    cors: {
      "@type": "envoy.extensions.filters.http.cors.v3.CorsPolicy",
      maxAge: "10",
      allowCredentials: { value: true },
    },
  },
};

const roundTrips: readonly (readonly [name: string, type: string, message: Message])[] = [
  ["a route with most kinds of fields", "envoy.config.route.v3.Route", route],
  ["an empty message", "google.protobuf.Empty", {}],
  ["text with every width of UTF-8", "google.protobuf.StringValue", { value: "aé€🌱".repeat(50) }],
  ["a fraction", "envoy.type.v3.Percent", { value: 12.5 }],
  ["the largest uint32", "google.protobuf.UInt32Value", { value: 4_294_967_295 }],
  ["the smallest int32", "google.protobuf.Duration", { nanos: -2_147_483_648 }],
  ["a safe uint64", "google.protobuf.UInt64Value", { value: Number.MAX_SAFE_INTEGER }],
  ["an unsafe uint64", "google.protobuf.UInt64Value", { value: "18446744073709551615" }],
  ["the smallest int64", "google.protobuf.Duration", { seconds: "-9223372036854775808" }],
  ["a set member of a oneof that is zero", "envoy.config.core.v3.SocketAddress", { portValue: 0 }],
  ["an enum number of a newer Envoy", "envoy.config.cluster.v3.Cluster", { lbPolicy: 99 }],
  ["bytes", "envoy.config.core.v3.DataSource", { inlineBytes: new Uint8Array([0, 255]) }],
  [
    "an Any inside an Any",
    "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    {
      statPrefix: "http",
      httpFilters: [{
        name: "compressor",
        typedConfig: {
          "@type": "envoy.extensions.filters.http.compressor.v3.Compressor",
          compressorLibrary: {
            name: "gzip",
            typedConfig: { "@type": "envoy.extensions.compression.gzip.compressor.v3.Gzip" },
          },
        },
      }],
    },
  ],
  [
    "an Any of an unknown type",
    "envoy.config.core.v3.TypedExtensionConfig",
    { name: "x", typedConfig: { "@type": "example.Unknown", "@bytes": new Uint8Array([1, 2]) } },
  ],
];

for (const [name, type, message] of roundTrips) {
  Deno.test(`encode: ${name} comes back`, () => {
    assert.deepEqual(decode(type, encode(type, message)), message);
  });
}

Deno.test("encode: another reader of the format reads the same", () => {
  const read = messageType("envoy.config.route.v3.Route")
    .decode(encode("envoy.config.route.v3.Route", route)).toJSON();
  assert.equal(read["match"].prefix, "/api");
  assert.deepEqual(read["route"].timeout, { seconds: "1", nanos: 500_000_000 });
  assert.deepEqual(read["route"].retryPolicy.retriableStatusCodes, [503, 504]);
  assert.equal(
    read["typedPerFilterConfig"].cors["@type"],
    typeUrl("envoy.extensions.filters.http.cors.v3.CorsPolicy"),
  );
});

const refusals: readonly (readonly [type: string, message: Message, path: string])[] = [
  ["envoy.config.route.v3.VirtualHost", { nmae: "x" }, "nmae"],
  ["envoy.config.route.v3.VirtualHost", { request_headers_to_add: [] }, "request_headers_to_add"],
  ["envoy.config.route.v3.VirtualHost", { name: 1 }, "name"],
  ["envoy.config.route.v3.VirtualHost", { name: 0 }, "name"],
  ["envoy.config.route.v3.VirtualHost", { name: null }, "name"],
  ["envoy.config.route.v3.VirtualHost", { name: "\ud800" }, "name"],
  ["envoy.config.route.v3.VirtualHost", { domains: "a.example" }, "domains"],
  ["envoy.config.route.v3.VirtualHost", { domains: ["a", undefined] }, "domains[1]"],
  ["envoy.config.route.v3.VirtualHost", { routes: [{}, { match: "/" }] }, "routes[1].match"],
  [
    "envoy.config.route.v3.VirtualHost",
    { routes: [{ route: { timeout: { seconds: 0.5 } } }] },
    "routes[0].route.timeout.seconds",
  ],
  ["envoy.config.route.v3.RouteMatch", { prefix: "/", path: "/" }, "path"],
  ["envoy.config.cluster.v3.Cluster", { lbPolicy: "ROUND-ROBIN" }, "lbPolicy"],
  ["envoy.config.core.v3.SocketAddress", { portValue: -1 }, "portValue"],
  ["envoy.config.core.v3.SocketAddress", { portValue: 4_294_967_296 }, "portValue"],
  ["google.protobuf.UInt64Value", { value: 2 ** 53 }, "value"],
  ["google.protobuf.UInt64Value", { value: "18446744073709551616" }, "value"],
  ["google.protobuf.BoolValue", { value: "true" }, "value"],
  ["envoy.config.core.v3.DataSource", { inlineBytes: "AAA=" }, "inlineBytes"],
  ["envoy.config.route.v3.Route", { typedPerFilterConfig: [] }, "typedPerFilterConfig"],
  [
    "envoy.config.route.v3.Route",
    { typedPerFilterConfig: { a: {} } },
    'typedPerFilterConfig["a"].@type',
  ],
  [
    "envoy.config.route.v3.Route",
    { typedPerFilterConfig: { a: { "@type": "envoy.Missing" } } },
    'typedPerFilterConfig["a"].@type',
  ],
  [
    "envoy.config.route.v3.Route",
    { typedPerFilterConfig: { a: { "@type": "envoy.config.route.v3.FilterConfig", off: true } } },
    'typedPerFilterConfig["a"].off',
  ],
];

for (const [type, message, path] of refusals) {
  Deno.test(`encode: refuses ${type} at ${path}`, () => {
    assert.throws(
      () => encode(type, message),
      (error) =>
        error instanceof EncodeError && error.path === path && error.message.includes(type),
    );
    // A refusal leaves nothing behind for the next message.
    assert.equal(encode("google.protobuf.StringValue", { value: "x" }).toHex(), "0a0178");
  });
}

Deno.test("encode: an unknown message type says where to add it", () => {
  assert.throws(
    () => encode("envoy.Missing", {}),
    /Unknown message type "envoy.Missing": add it to/,
  );
});

Deno.test("encode: fields and map entries in any order give the same bytes", () => {
  const one = encode("envoy.config.core.v3.Metadata", {
    filterMetadata: { b: struct({ y: 1, x: 2 }), a: struct({}) },
  });
  const other = encode("envoy.config.core.v3.Metadata", {
    filterMetadata: { a: struct({}), b: struct({ x: 2, y: 1 }) },
  });
  assert.deepEqual(one, other);
  const reversed = Object.fromEntries(Object.entries(route).reverse());
  assert.deepEqual(
    encode("envoy.config.route.v3.Route", reversed),
    encode("envoy.config.route.v3.Route", route),
  );
});

Deno.test("encode: zeros outside of a oneof are as good as absent", () => {
  const zeros = { address: "", ipv4Compat: false, protocol: "TCP" };
  assert.equal(encode("envoy.config.core.v3.SocketAddress", zeros).length, 0);
  assert.equal(encode("google.protobuf.Duration", { seconds: "0", nanos: 0 }).length, 0);
});

Deno.test("encode: undefined fields are left out", () => {
  assert.equal(encode("google.protobuf.StringValue", { value: undefined }).length, 0);
});

Deno.test("encode: answers do not share memory", () => {
  const first = encode("google.protobuf.StringValue", { value: "a" });
  const copy = first.slice();
  encode("google.protobuf.StringValue", { value: "b" });
  assert.deepEqual(first, copy);
  assert.equal(first.buffer.byteLength, first.length);
});

Deno.test("encodeAny: stands for the message it encodes", () => {
  const router = "envoy.extensions.filters.http.router.v3.Router";
  const content = { suppressEnvoyHeaders: true };
  const filter = "envoy.config.core.v3.TypedExtensionConfig";
  assert.deepEqual(
    encode(filter, { name: "router", typedConfig: encodeAny(router, content) }),
    encode(filter, { name: "router", typedConfig: { "@type": router, ...content } }),
  );
});

Deno.test("appendRepeated: equals encoding the whole", () => {
  const type = "envoy.config.route.v3.RouteConfiguration";
  const head = { name: "ingress_http", ignorePortInHostMatching: true };
  const hosts = Array.from({ length: 300 }, (_, index) => ({
    name: `h${index}`,
    domains: [`${"x".repeat(index)}.example`],
  }));
  const bodies = hosts.map((host) => encode("envoy.config.route.v3.VirtualHost", host));
  const whole = appendRepeated(encode(type, head), type, "virtualHosts", bodies);
  assert.deepEqual(decode(type, whole), { ...head, virtualHosts: hosts });
  assert.deepEqual(appendRepeated(whole, type, "virtualHosts", []), whole);
});

Deno.test("appendRepeated: takes only repeated messages", () => {
  for (const field of ["name", "internalOnlyHeaders", "missing"]) {
    assert.throws(
      () => appendRepeated(new Uint8Array(), "envoy.config.route.v3.RouteConfiguration", field, []),
      RangeError,
    );
  }
});
