import assert from "node:assert/strict";
import {
  type ConfigurationReading,
  conflicts,
  type ContourConfigurationSpec,
  fileBeneathFlags,
  readConfigurationFile,
  readContourConfiguration,
  resolveConfiguration,
  settingsOf,
} from "./mod.ts";

const name = "contour.yaml";
const flags = { source: "flags", namespace: "edge" } as const;

function read(text: string): Extract<ConfigurationReading, { readonly ok: true }> {
  const reading = readConfigurationFile(text, name);
  if (!reading.ok) assert.fail(JSON.stringify(reading.diagnostics));
  return reading;
}

const configured = (text: string) => resolveConfiguration(read(text).spec, flags);

function problems(text: string): readonly string[] {
  const reading = readConfigurationFile(text, name);
  return reading.ok ? [] : reading.diagnostics.map(({ code, position, message }) => {
    return `${position?.file}:${position?.line}:${position?.column} ${code} ${message}`;
  });
}

Deno.test("an empty file, comments and nulls configure nothing", () => {
  for (
    const text of [
      "",
      "# nothing\n",
      "{}",
      "tls:\n  fallback-certificate:\n  envoy-client-certificate:\n    name:\n    namespace:\n",
      "gateway:\nserver: {}\ntracing:\n",
    ]
  ) {
    assert.deepEqual(configured(text), resolveConfiguration(read("").spec, flags), text);
  }
});

Deno.test("defaults are Contour's", () => {
  const { xds, debug, health, metrics, envoy } = configured("");
  assert.deepEqual(xds, {
    address: "127.0.0.1",
    port: 8001,
    insecure: false,
    tls: { caFile: "/certs/ca.crt", certFile: "/certs/tls.crt", keyFile: "/certs/tls.key" },
  });
  assert.deepEqual(debug, { address: "127.0.0.1", port: 6060 });
  assert.deepEqual(health, { address: "0.0.0.0", port: 8000 });
  assert.deepEqual(metrics, { address: "0.0.0.0", port: 8000, tls: undefined });
  assert.deepEqual(envoy.service, { namespace: "edge", name: "envoy" });
  assert.deepEqual(envoy.https, { address: "0.0.0.0", port: 8443, accessLog: "/dev/stdout" });
  assert.deepEqual(envoy.timeouts.connectionIdle, { kind: "explicit", ms: 60_000 });
  assert.equal(envoy.timeouts.connectMs, 2_000);
  assert.equal(envoy.adminPort, 9001);
  const resource = resolveConfiguration({}, { source: "resource", namespace: "projectcontour" });
  assert.equal(resource.xds.address, "0.0.0.0");
  assert.deepEqual(resource.envoy.timeouts.connectionIdle, { kind: "default" });
});

Deno.test("the file of Contour's quickstart", () => {
  const text = `
disablePermitInsecure: false
tls:
  fallback-certificate:
  envoy-client-certificate:
accesslog-format: envoy
`;
  assert.deepEqual(configured(text), configured(""));
});

Deno.test("what is said arrives, as a ContourConfiguration would say it", () => {
  const { spec } = read(`
ingress-status-address: 10.0.0.1, lb.example
enableExternalNameService: true
envoy-service-name: edge
default-http-versions: [http/2]
listener: {http2-max-concurrent-streams: 50, connection-balancer: exact, socket-options: {tos: 4}}
tls:
  minimum-protocol-version: 1.3
  fingerprint: {ja3: true}
  fallback-certificate: {name: fallback, namespace: certs}
timeouts: {request-timeout: infinity, connect-timeout: 3s}
cluster: {circuit-breakers: {max-requests: 7}, upstream-tls: {ecdh-curves: [P-256]}}
runtime-settings: {a.b: 1, c: "x"}
json-fields: [method, "m=%REQ(X-M)%"]
metrics: {envoy: {port: 9002, server-certificate-path: /c, server-key-path: /k}}
rateLimitService:
  extensionService: limits
  defaultGlobalRateLimitPolicy:
    descriptors:
    - entries:
      - requestHeaderValueMatch: {headers: [{name: x, exact: "y", ignorecase: true}], value: z}
globalExtAuth:
  extensionService: auth/server
  serviceType: http
  httpSettings: {pathprefix: /p, allowedupstreamheaders: [{prefix: x-, ignorecase: true}]}
`);
  const { envoy, ...rest } = spec;
  assert.deepEqual(rest.ingress, { statusAddress: "10.0.0.1, lb.example" });
  assert.deepEqual(rest.httpproxy?.fallbackCertificate, { name: "fallback", namespace: "certs" });
  assert.deepEqual(rest.rateLimitService, {
    extensionService: { namespace: "default", name: "limits" },
    defaultGlobalRateLimitPolicy: {
      descriptors: [{
        entries: [{
          requestHeaderValueMatch: {
            headers: [{ name: "x", exact: "y", ignoreCase: true }],
            expectMatch: false,
            value: "z",
          },
        }],
      }],
    },
  });
  assert.deepEqual(rest.globalExtAuth, {
    extensionRef: { namespace: "auth", name: "server" },
    serviceType: "http",
    httpSettings: {
      pathPrefix: "/p",
      allowedUpstreamHeaders: [{ prefix: "x-", ignoreCase: true }],
    },
  });
  assert.deepEqual(envoy?.runtimeSettings, { "a.b": "1", c: "x" });
  const configuration = resolveConfiguration(spec, flags);
  assert.deepEqual(configuration.statusAddresses, ["10.0.0.1", "lb.example"]);
  assert.deepEqual(configuration.envoy.service, { namespace: "edge", name: "edge" });
  assert.equal(configuration.envoy.httpVersions, "http/2");
  assert.equal(configuration.envoy.tls.minimumVersion, "1.3");
  assert.deepEqual(configuration.envoy.upstreamTls.curves, ["P-256"]);
  assert.deepEqual(configuration.envoy.timeouts.request, { kind: "disabled" });
  assert.deepEqual(configuration.envoy.metrics, {
    address: "0.0.0.0",
    port: 9002,
    tls: { certFile: "/c", keyFile: "/k" },
  });
  const { enableExternalNameService, connectTimeoutMs } = settingsOf(configuration);
  assert.deepEqual({ enableExternalNameService, connectTimeoutMs }, {
    enableExternalNameService: true,
    connectTimeoutMs: 3_000,
  });
});

const mistakes: readonly [text: string, problem: RegExp][] = [
  [
    "timeouts:\n  request-timout: 1s\n",
    /^contour.yaml:2:3 CTR003 unknown field "request-timout", did you mean "request-timeout"\?$/,
  ],
  ["server: {xds-server-type: envoy}", /:1:10 CTR003 unknown field "xds-server-type"/],
  ["debug: maybe", /:1:8 CTR004 "debug" must be true or false/],
  ["debug: true\ndebug: false", /:2:1 CTR002/],
  ["a: [", /^contour.yaml:\d+:\d+ CTR001 cannot parse/],
  ["debug: true\n---\ndebug: false\n", /:3:1 CTR001 the file has to hold one document/],
  ["timeouts: {request-timeout: soon}", /"request-timeout" must be a duration/],
  ["timeouts: {connect-timeout: infinity}", /"connect-timeout" must be a duration/],
  ["gateway: {}", /CTR006 required field "gatewayRef" is missing/],
  ["tls: {fallback-certificate: {name: a}}", /must have namespace and name, or neither/],
  ["tls: {minimum-protocol-version: 1.1}", /must be one of 1.2, 1.3/],
  [
    "tls: {minimum-protocol-version: 1.3, maximum-protocol-version: 1.2}",
    /must have a lowest version that is not above the highest/,
  ],
  ["tls: {cipher-suites: [AES128-SHA, RC4]}", /:1:35 CTR005 "cipher-suites\[1\]" must be a cipher/],
  ["listener: {max-requests-per-connection: 0}", /must be at least 1/],
  ["listener: {connection-balancer: near}", /must be exact/],
  ["accesslog-level: trace", /must be one of info, error, critical, disabled/],
  ["accesslog-format-string: '%METHOD%'", /has to end in a line break/],
  [`accesslog-format-string: "%SHOE_SIZE%\\n"`, /has the unknown operator "%SHOE_SIZE%"/],
  [`accesslog-format-string: "100%\\n"`, /has a stray "%" at character 4/],
  ["json-fields: [method, shoe_size]", /:1:23 CTR005 .* is no field known by name/],
  ["json-fields: ['a=%REQ%']", /without its argument/],
  ["policy: {request-headers: {set: {'x y': a}}}", /header name/],
  ["cluster: {dns-lookup-family: v5}", /must be one of auto, v4, v6, all/],
  ["rateLimitService: {extensionService: a/b/c}", /must be of the form "namespace\/name"/],
  ["tracing: {}", /required field "extensionService" is missing/],
  ["tracing: {extensionService: a, overallSampling: '101'}", /must be a number from 0 to 100/],
  [
    "tracing: {extensionService: a, customTags: [{tagName: t}]}",
    /either literal or requestHeaderName/,
  ],
  ["metrics: {envoy: {server-key-path: /k}}", /server-certificate-path and server-key-path/],
  ["network: {admin-port: 70000}", /must be at most 65535/],
];

Deno.test("mistakes are told in the order of the text", () => {
  const text = "timeouts:\n  connect-timeout: 5\n  request-timout: 1m\ndebug: maybe\n";
  assert.deepEqual(problems(text).map((problem) => problem.split(" ").slice(0, 2).join(" ")), [
    "contour.yaml:2:20 CTR004",
    "contour.yaml:3:3 CTR003",
    "contour.yaml:4:8 CTR004",
  ]);
});

for (const [text, expected] of mistakes) {
  Deno.test(`a mistake is told with its place: ${JSON.stringify(text)}`, () => {
    const found = problems(text);
    assert.ok(found.some((problem) => expected.test(problem)), found.join("\n") || "no problem");
  });
}

Deno.test("flags beat the file, but not where metrics are, and nothing is beaten by nothing", () => {
  const file = read(`
envoy-service-name: of-file
metrics: {contour: {port: 9000}, envoy: {address: 10.0.0.1}}
accesslog-format: json
`).spec;
  const said: ContourConfigurationSpec = {
    envoy: {
      service: { name: "of-flag", namespace: "" },
      metrics: { address: "10.0.0.2", port: 7000 },
      health: { address: "10.0.0.2", port: 7000 },
      logging: {},
    },
    metrics: { port: 1 },
    httpproxy: { rootNamespaces: ["a"] },
  };
  const configuration = resolveConfiguration(fileBeneathFlags(file, said), flags);
  assert.deepEqual(configuration.envoy.service, { name: "of-flag", namespace: "edge" });
  assert.equal(configuration.metrics.port, 9000);
  assert.deepEqual(configuration.envoy.metrics, {
    address: "10.0.0.1",
    port: 7000,
    tls: undefined,
  });
  assert.deepEqual(configuration.envoy.health, { address: "10.0.0.2", port: 7000 });
  assert.equal(configuration.envoy.logging.format, "json");
  assert.deepEqual(configuration.rootNamespaces, ["a"]);
});

Deno.test("a ContourConfiguration is read as the API server gives it", () => {
  const resource = (spec: unknown) => ({
    apiVersion: "projectcontour.io/v1alpha1",
    kind: "ContourConfiguration",
    metadata: { name: "contour", namespace: "projectcontour", uid: "1" },
    spec,
    status: { conditions: [] },
  });
  const good = readContourConfiguration(resource({
    xdsServer: { address: "::", tls: { insecure: true } },
    envoy: { ofTomorrow: true, listener: { tls: { minimumProtocolVersion: "1.3" } } },
  }));
  assert.ok(good.ok);
  const { xds, envoy } = resolveConfiguration(good.spec, {
    source: "resource",
    namespace: "projectcontour",
  });
  assert.deepEqual([xds.address, xds.insecure], ["::", true]);
  assert.equal(envoy.tls.minimumVersion, "1.3");
  assert.deepEqual(
    readContourConfiguration(resource({ envoy: { cluster: { dnsLookupFamily: "v5" } } })),
    {
      ok: false,
      problems: [
        'spec.envoy.cluster.dnsLookupFamily: "dnsLookupFamily" must be one of auto, v4, v6, all, not "v5", did you mean "v4"?',
      ],
    },
  );
});

/** Texts that are right by themselves, and what every host would suffer from all the same. */
const harmful: readonly (readonly [text: string, problem: RegExp])[] = [
  ["globalExtAuth: {extensionService: a/b, responseTimeout: -1s}", /globalExtAuth.responseTimeout/],
  [
    "globalExtAuth: {extensionService: a/b, serviceType: http, httpSettings: {pathprefix: x}}",
    /globalExtAuth says: .*must begin with "\/"/,
  ],
  [
    "globalExtAuth: {extensionService: a/b, serviceType: http, authPolicy: {context: {a: b}}}",
    /globalExtAuth.authPolicy.context reaches servers of serviceType grpc only/,
  ],
  [
    "rateLimitService: {extensionService: a/b, defaultGlobalRateLimitPolicy: {descriptors: [{entries: [{}]}]}}",
    /defaultGlobalRateLimitPolicy is not valid: .*exactly one field/,
  ],
  [
    'tracing: {extensionService: a/b, customTags: [{tagName: t, requestHeaderName: "x\\ny"}]}',
    /tracing says: name/,
  ],
  ['policy: {request-headers: {set: {a: "x\\n"}}}', /policy says: value/],
  ["policy: {request-headers: {set: {a: x, A: y}}}", /policy is not valid: duplicate/],
  ["policy: {request-headers: {set: {host: '%REQ(x)%'}}}", /policy is not valid: .*"Host"/],
  ["policy: {response-headers: {set: {Host: x}}}", /policy is not valid: .*"Host"/],
  ["policy: {request-headers: {remove: [host]}}", /policy is not valid: .*"Host"/],
];

for (const [text, problem] of harmful) {
  Deno.test(`what would harm every host is told: ${JSON.stringify(text)}`, () => {
    const [found = "", ...others] = conflicts(configured(text));
    assert.match(found, problem);
    assert.deepEqual(others, []);
  });
}

Deno.test("a ContourConfiguration has to name its authorization server", () => {
  const configuration = {
    ...configured(""),
    globalExtAuth: { serviceType: "grpc", extensionRef: { name: "a" } },
  } as const;
  assert.deepEqual(conflicts(configuration), [
    "globalExtAuth must name an ExtensionService by its namespace and name",
  ]);
});

Deno.test("services of all hosts have to be in namespaces that are seen", () => {
  const configuration = configured(`
globalExtAuth: {extensionService: a/auth}
rateLimitService: {extensionService: b/limits}
tracing: {extensionService: edge/collector}
`);
  assert.deepEqual(conflicts(configuration, { watchNamespaces: ["edge"] }), [
    '"a" is the namespace of the authorization server, but not among the watched namespaces',
    '"b" is the namespace of the rate limit service, but not among the watched namespaces',
  ]);
});

Deno.test("what does not go together is told when all is known", () => {
  assert.deepEqual(conflicts(configured("")), []);
  const configuration = configured(`
metrics:
  contour: {server-certificate-path: /c, server-key-path: /k}
  envoy: {server-certificate-path: /c, server-key-path: /k}
omEnforcedHealthListener: {address: 0.0.0.0, port: 8002}
tls: {fallback-certificate: {name: a, namespace: certs}}
`);
  assert.deepEqual(conflicts(configuration, { watchNamespaces: ["edge"] }), [
    "The controller's metrics over TLS and health cannot both be at 0.0.0.0:8000",
    "Envoy's metrics over TLS and health cannot both be at 0.0.0.0:8002",
    "Envoy's health and health within limits cannot both be at 0.0.0.0:8002",
    "Envoy's metrics and health within limits cannot both be at 0.0.0.0:8002",
    '"certs" is the namespace of the fallback certificate, but not among the watched namespaces',
  ]);
});
