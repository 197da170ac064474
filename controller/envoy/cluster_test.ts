import assert from "node:assert/strict";
import { decode, type Message } from "../../proto/mod.ts";
import type { CircuitBreakers, ClusterSpec, Discovery, HealthCheckTiming } from "../graph/mod.ts";
import { clusterResource, type Resource } from "./mod.ts";
import { clusterSpec } from "./tests/model.ts";

const assignment = {
  name: "default/echo/http",
  namespace: "default",
  service: "echo",
  portName: "http",
};

function cluster(
  spec: Partial<ClusterSpec> = {},
  more: {
    readonly discovery?: Discovery;
    readonly circuitBreakers?: CircuitBreakers;
    readonly caBundle?: string;
  } = {},
) {
  return clusterResource({
    spec: clusterSpec("echo", spec),
    discovery: { kind: "eds", assignment },
    connectTimeoutMs: 2_000,
    circuitBreakers: {},
    ...more,
  });
}

function message({ body }: Resource): Message {
  return decode("envoy.config.cluster.v3.Cluster", body);
}

const plain = {
  name: "default/echo/80/da39a3ee5e",
  altStatName: "default_echo_80",
  type: "EDS",
  edsClusterConfig: {
    edsConfig: { ads: {}, resourceApiVersion: "V3" },
    serviceName: "default/echo/http",
  },
  connectTimeout: { seconds: 2 },
  commonLbConfig: { healthyPanicThreshold: {} },
};

Deno.test("a plain cluster waits for its endpoints", () => {
  const { value, diagnostics } = cluster();
  const { lbPolicy: _lbPolicy, ...rest } = message(value);
  assert.deepEqual(rest, plain);
  assert.deepEqual(diagnostics, []);
  assert.equal(value.name, plain.name);
  assert.match(value.version, /^[0-9a-f]{16}$/);
  assert.deepEqual(value.warms, [{
    typeUrl: "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
    name: "default/echo/http",
  }]);
  assert.equal(cluster().value.version, value.version);
  assert.notEqual(cluster({ loadBalancing: "Random" }).value.version, value.version);
});

const timing: HealthCheckTiming = {
  timeoutMs: 2_000,
  intervalMs: 10_000,
  unhealthyThreshold: 3,
  healthyThreshold: 2,
};
const timed = {
  timeout: { seconds: 2 },
  interval: { seconds: 10 },
  unhealthyThreshold: { value: 3 },
  healthyThreshold: { value: 2 },
};
const tlsParams = {
  tlsMinimumProtocolVersion: "TLSv1_2",
  tlsMaximumProtocolVersion: "TLSv1_3",
  cipherSuites: [
    "[ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-ECDSA-CHACHA20-POLY1305]",
    "[ECDHE-RSA-AES128-GCM-SHA256|ECDHE-RSA-CHACHA20-POLY1305]",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
  ],
};
const http2 = {
  "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
    "@type": "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
    explicitHttpConfig: { http2ProtocolOptions: {} },
  },
};
const tls = (context: Message, more: Message = {}) => ({
  name: "envoy.transport_sockets.tls",
  typedConfig: {
    "@type": "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
    commonTlsContext: { tlsParams, ...context },
    ...more,
  },
});

const cases: Readonly<Record<string, readonly [Parameters<typeof cluster>, Message]>> = {
  "least request, slowly": [[{
    loadBalancing: "WeightedLeastRequest",
    slowStart: { windowMs: 10_000, aggression: 0.5, minimumWeightPercent: 10 },
  }], {
    lbPolicy: "LEAST_REQUEST",
    leastRequestLbConfig: {
      slowStartConfig: {
        slowStartWindow: { seconds: 10 },
        aggression: { defaultValue: 0.5, runtimeKey: "contour.slowstart.aggression" },
        minWeightPercent: { value: 10 },
      },
    },
  }],
  "by hash": [[{ loadBalancing: "RingHash" }], { lbPolicy: "RING_HASH" }],
  "HTTP/2 in clear": [[{ protocol: "h2c" }], { typedExtensionProtocolOptions: http2 }],
  "TLS": [[{ protocol: "tls", sni: "s.example" }], {
    transportSocket: tls({}, { sni: "s.example" }),
  }],
  "HTTP/2 over TLS, verified": [
    [{
      protocol: "h2",
      validation: {
        caSecret: { namespace: "default", name: "ca" },
        subjectNames: ["a.example", "b.example"],
      },
    }, { caBundle: "PEM" }],
    {
      transportSocket: tls({
        alpnProtocols: ["h2"],
        validationContext: {
          trustedCa: { inlineBytes: new TextEncoder().encode("PEM") },
          matchTypedSubjectAltNames: [
            { sanType: "DNS", matcher: { exact: "a.example" } },
            { sanType: "DNS", matcher: { exact: "b.example" } },
          ],
        },
      }),
      typedExtensionProtocolOptions: http2,
    },
  ],
  "an idle timeout": [[{ idleConnectionTimeout: { kind: "explicit", ms: 90_000 } }], {
    typedExtensionProtocolOptions: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        commonHttpProtocolOptions: { idleTimeout: { seconds: 90 } },
        explicitHttpConfig: { httpProtocolOptions: {} },
      },
    },
  }],
  "an HTTP health check": [[{
    protocol: "h2c",
    healthCheck: {
      ...timing,
      kind: "http",
      path: "/healthz",
      host: "contour-envoy-healthcheck",
      expectedStatuses: [{ start: 200, end: 300 }],
    },
  }], {
    healthChecks: [{
      ...timed,
      httpHealthCheck: {
        host: "contour-envoy-healthcheck",
        path: "/healthz",
        expectedStatuses: [{ start: 200, end: 300 }],
        codecClientType: "HTTP2",
      },
    }],
    ignoreHealthOnHostRemoval: true,
    typedExtensionProtocolOptions: http2,
  }],
  "a TCP health check": [[{ healthCheck: { ...timing, kind: "tcp" } }], {
    healthChecks: [{ ...timed, tcpHealthCheck: {} }],
    ignoreHealthOnHostRemoval: true,
  }],
  "circuit breakers": [[{}, { circuitBreakers: { maxConnections: 9, perHostMaxConnections: 0 } }], {
    circuitBreakers: {
      thresholds: [{ maxConnections: { value: 9 }, trackRemaining: true }],
      perHostThresholds: [{ trackRemaining: true }],
    },
  }],
};

for (const [name, [parameters, expected]] of Object.entries(cases)) {
  Deno.test(`cluster: ${name}`, () => {
    const { value, diagnostics } = cluster(...parameters);
    const { lbPolicy, ...rest } = message(value);
    const { lbPolicy: expectedPolicy = "ROUND_ROBIN", ...more } = expected;
    assert.deepEqual(rest, { ...plain, ...more });
    assert.equal(lbPolicy ?? "ROUND_ROBIN", expectedPolicy);
    assert.deepEqual(diagnostics, []);
  });
}

Deno.test("a cluster by DNS has its endpoints with it", () => {
  const { value } = cluster({}, {
    discovery: { kind: "dns", address: "db.example", port: 5432, healthPort: 8080 },
  });
  assert.equal(value.warms, undefined);
  const { type, loadAssignment } = message(value);
  assert.equal(type, "STRICT_DNS");
  assert.deepEqual(loadAssignment, {
    clusterName: "default/echo/http",
    endpoints: [{
      lbEndpoints: [{
        endpoint: {
          address: { socketAddress: { address: "db.example", portValue: 5432 } },
          healthCheckConfig: { portValue: 8080 },
        },
      }],
    }],
  });
});

Deno.test("a cluster that Envoy would refuse is there, without endpoints", () => {
  const { value, diagnostics } = cluster({}, {
    discovery: { kind: "dns", address: "", port: 80 },
  });
  assert.equal(value.name, plain.name);
  assert.equal(value.warms, undefined);
  assert.deepEqual(message(value)["loadAssignment"], { clusterName: plain.name });
  assert.deepEqual(diagnostics.map(({ object, code }) => [object?.kind, object?.name, code]), [
    ["Service", "echo", "CTR303"],
  ]);
});
