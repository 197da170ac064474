import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { request } from "node:http";
import { decode, encode, type Message, typeName, typeUrl } from "../../proto/mod.ts";
import {
  clusterResource,
  createLayout,
  defaultEnvoyOptions,
  type EnvoyOptions,
  hostFragment,
  type Resource,
} from "../envoy/mod.ts";
import { fileEnvoy } from "../envoy/tests/file_envoy.ts";
import { answer, clusterSpec, host, overTls } from "../envoy/tests/model.ts";
import { envoyOptionsOf, readConfigurationFile, resolveConfiguration } from "./mod.ts";

function optionsOf(text: string): EnvoyOptions {
  const reading = readConfigurationFile(text, "contour.yaml");
  if (!reading.ok) assert.fail(JSON.stringify(reading.diagnostics));
  return envoyOptionsOf(
    resolveConfiguration(reading.spec, { source: "flags", namespace: "projectcontour" }),
  );
}

/** Everything that Envoy is sent of one plain host and one over TLS, decoded, by type and name. */
function served(options: EnvoyOptions): ReadonlyMap<string, Message> {
  const layout = createLayout("flat", options);
  const hosts = [host("a.example", [answer("/", "a")]), overTls(host("b.example"))];
  const changed = new Map(hosts.map((host) => [host.fqdn, hostFragment(host, options)]));
  layout.update({ hosts: { changed, removed: [] } });
  return decoded([
    ...layout.resources(),
    clusterResource({
      spec: clusterSpec("echo", { protocol: "tls" }),
      discovery: { kind: "dns", address: "echo.example", port: 443 },
      connectTimeoutMs: 2_000,
      circuitBreakers: { maxRequests: 9 },
    }, options.upstream).value,
  ]);
}

function decoded(resources: readonly Resource[]): ReadonlyMap<string, Message> {
  return new Map(resources.map(({ typeUrl, name, body }) => {
    const type = typeName(typeUrl);
    return [`${type.split(".").at(-1)} ${name}`, decode(type, body)];
  }));
}

function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, step) => Object(inner)[step], value);
}

const everything = `
disableAllowChunkedLength: true
disableMergeSlashes: true
serverHeaderTransformation: pass_through
compression: {algorithm: brotli}
default-http-versions: [HTTP/1.1]
listener:
  connection-balancer: exact
  max-requests-per-connection: 11
  per-connection-buffer-limit-bytes: 32768
  max-requests-per-io-cycle: 12
  http2-max-concurrent-streams: 13
  max-connections-per-listener: 14
  max-connections-to-accept-per-socket-event: 15
  socket-options: {tos: 16, traffic-class: 17}
tls:
  minimum-protocol-version: "1.3"
  cipher-suites: [ECDHE-RSA-AES128-GCM-SHA256, ECDHE-RSA-AES128-GCM-SHA256]
  ecdh-curves: [X25519, P-384, X25519]
  fingerprint: {ja3: true, ja4: true}
timeouts:
  request-timeout: 21s
  connection-idle-timeout: 22s
  stream-idle-timeout: infinity
  max-connection-duration: 24s
  delayed-close-timeout: 25s
  connection-shutdown-grace-period: 26s
cluster:
  dns-lookup-family: all
  max-requests-per-connection: 31
  per-connection-buffer-limit-bytes: 32
  circuit-breakers: {max-connections: 33, max-requests: 34, per-host-max-connections: 35}
  upstream-tls: {minimum-protocol-version: "1.3", cipher-suites: [AES128-SHA], ecdh-curves: [P-256]}
network: {num-trusted-hops: 2, strip-trailing-host-dot: true, admin-port: 9101}
runtime-settings: {re2.max_program_size.warn_level: "7"}
accesslog-format: json
json-fields: [method, "kind=%METADATA(ROUTE:a:b)%", path, "short=%REQ_WITHOUT_QUERY(:PATH)%"]
accesslog-level: error
metrics: {envoy: {server-certificate-path: /c, server-key-path: /k, ca-certificate-path: /ca}}
omEnforcedHealthListener: {address: 127.0.0.1, port: 9102}
`;

Deno.test("an empty file changes nothing but what watches over Envoy", () => {
  const { watch: _watch, runtime: _runtime, ...options } = optionsOf("");
  const plain = served(defaultEnvoyOptions);
  assert.deepEqual(served(options), plain);
  const added = [...served(optionsOf("")).keys()].filter((key) => !plain.has(key));
  assert.deepEqual(added.sort(), [
    "Listener envoy-admin",
    "Listener stats-health",
    "Runtime dynamic",
  ]);
});

Deno.test("what is configured reaches the connection manager and the listeners", () => {
  const resources = served(optionsOf(everything));
  const plain = resources.get("Listener ingress_http");
  const secure = resources.get("Listener ingress_https");
  const manager = at(plain, "filterChains", 0, "filters", 0, "typedConfig") as Message;
  const { accessLog, httpFilters, rds: _rds, "@type": _type, ...rest } = manager;
  assert.deepEqual(rest, {
    codecType: "HTTP1",
    statPrefix: "ingress_http",
    commonHttpProtocolOptions: {
      idleTimeout: { seconds: 22 },
      maxConnectionDuration: { seconds: 24 },
      maxRequestsPerConnection: { value: 11 },
    },
    httpProtocolOptions: { acceptHttp_10: true },
    http2ProtocolOptions: { maxConcurrentStreams: { value: 13 } },
    serverHeaderTransformation: "PASS_THROUGH",
    requestTimeout: { seconds: 21 },
    streamIdleTimeout: {},
    delayedCloseTimeout: { seconds: 25 },
    drainTimeout: { seconds: 26 },
    useRemoteAddress: { value: true },
    xffNumTrustedHops: 2,
    stripTrailingHostDot: true,
    normalizePath: { value: true },
    preserveExternalRequestId: true,
  });
  assert.equal(at(httpFilters, 0, "typedConfig", "compressorLibrary", "name"), "brotli");
  assert.deepEqual(
    at(accessLog, 0, "filter", "orFilter", "filters", 0, "statusCodeFilter", "comparison"),
    {
      op: "GE",
      value: { defaultValue: 300, runtimeKey: "contour.accesslog.filter.status_code" },
    },
  );
  const format = at(accessLog, 0, "typedConfig", "logFormat");
  assert.equal(at(format, "omitEmptyValues"), true);
  assert.deepEqual(
    (at(format, "formatters") as readonly Message[]).map(({ name }) => name),
    ["envoy.formatter.metadata", "envoy.formatter.req_without_query"],
  );
  for (const listener of [plain, secure]) {
    assert.deepEqual(at(listener, "perConnectionBufferLimitBytes"), { value: 32_768 });
    assert.deepEqual(at(listener, "connectionBalanceConfig"), { exactBalance: {} });
    assert.deepEqual(at(listener, "maxConnectionsToAcceptPerSocketEvent"), { value: 15 });
    assert.deepEqual(at(listener, "socketOptions", 4, "intValue"), 16);
    assert.deepEqual(at(listener, "socketOptions", 5), undefined, "IPv4 has no traffic class");
  }
  const options = optionsOf(everything);
  const ofIPv6 = served({ ...options, http: { ...options.http, address: "::" } });
  const marked = ofIPv6.get("Listener ingress_http");
  assert.deepEqual(at(marked, "socketOptions", 5, "intValue"), 17);
  assert.deepEqual(at(secure, "listenerFilters", 0, "typedConfig", "enableJa3Fingerprinting"), {
    value: true,
  });
  assert.deepEqual(at(secure, "listenerFilters", 0, "typedConfig", "enableJa4Fingerprinting"), {
    value: true,
  });
  const context = at(secure, "filterChains", 0, "transportSocket", "typedConfig");
  assert.deepEqual(at(context, "commonTlsContext", "alpnProtocols"), ["http/1.1"]);
  assert.deepEqual(at(context, "commonTlsContext", "tlsParams"), {
    tlsMinimumProtocolVersion: "TLSv1_3",
    tlsMaximumProtocolVersion: "TLSv1_3",
    cipherSuites: ["ECDHE-RSA-AES128-GCM-SHA256"],
    ecdhCurves: ["X25519", "P-384"],
  });
  const proxied = served({ ...optionsOf(everything), connections: { useProxyProtocol: true } });
  for (const name of ["Listener ingress_http", "Listener ingress_https"]) {
    assert.equal(
      at(proxied.get(name), "listenerFilters", 0, "name"),
      "envoy.filters.listener.proxy_protocol",
    );
  }
});

Deno.test("what is configured reaches clusters, and each Service's own limits win", () => {
  const [cluster] = [...served(optionsOf(everything))].flatMap(([key, value]) =>
    key.startsWith("Cluster ") ? [value] : []
  );
  assert.equal(at(cluster, "type"), "LOGICAL_DNS");
  assert.equal(at(cluster, "dnsLookupFamily"), "ALL");
  assert.deepEqual(at(cluster, "perConnectionBufferLimitBytes"), { value: 32 });
  assert.deepEqual(at(cluster, "circuitBreakers"), {
    thresholds: [{
      maxConnections: { value: 33 },
      maxRequests: { value: 9 },
      trackRemaining: true,
    }],
    perHostThresholds: [{ maxConnections: { value: 35 }, trackRemaining: true }],
  });
  assert.deepEqual(
    at(
      cluster,
      "typedExtensionProtocolOptions",
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
      "commonHttpProtocolOptions",
    ),
    { maxRequestsPerConnection: { value: 31 } },
  );
  assert.deepEqual(
    at(cluster, "transportSocket", "typedConfig", "commonTlsContext", "tlsParams"),
    {
      tlsMinimumProtocolVersion: "TLSv1_3",
      tlsMaximumProtocolVersion: "TLSv1_3",
      cipherSuites: ["AES128-SHA"],
      ecdhCurves: ["P-256"],
    },
  );
});

Deno.test("metrics over TLS and health are listeners of their own, and runtime a resource", () => {
  const resources = served(optionsOf(everything));
  const own = [...resources.keys()].filter((key) => /^(Listener|Secret|Runtime) /.test(key));
  assert.deepEqual(own.sort(), [
    "Listener envoy-admin",
    "Listener health",
    "Listener health-om-enforced",
    "Listener ingress_http",
    "Listener ingress_https",
    "Listener stats",
    "Runtime dynamic",
    "Secret metrics-ca-certificate",
    "Secret metrics-tls-certificate",
  ]);
  const { requireClientCertificate } = at(
    resources.get("Listener stats"),
    "filterChains",
    0,
    "transportSocket",
    "typedConfig",
  ) as Message;
  assert.deepEqual(requireClientCertificate, { value: true });
  assert.equal(at(resources.get("Listener health"), "ignoreGlobalConnLimit"), true);
  assert.equal(
    at(resources.get("Listener health-om-enforced"), "ignoreGlobalConnLimit"),
    undefined,
  );
  assert.deepEqual(at(resources.get("Runtime dynamic"), "layer", "fields"), {
    "re2.max_program_size.warn_level": { stringValue: "7" },
    "http.max_requests_per_io_cycle": { numberValue: 12 },
    "envoy.resource_limits.listener.ingress_http.connection_limit": { numberValue: 14 },
    "envoy.resource_limits.listener.ingress_https.connection_limit": { numberValue: 14 },
  });
});

Deno.test("Envoy takes all of it, serves by it and can be watched", async () => {
  await using admin = backend("as the admin interface says");
  const configured = optionsOf(everything.replace(/^metrics:.*$/m, ""));
  const free = { address: "127.0.0.1", port: 0 };
  const options: EnvoyOptions = {
    ...configured,
    http: { ...configured.http, ...free },
    https: { ...configured.https, ...free },
    // No packets of IPv6 go out of a socket of IPv4, and it takes no such option.
    connections: { ...configured.connections, trafficClass: 0 },
    watch: { metrics: free, health: free, healthWithinLimits: free, adminPort: 0 },
  };
  const layout = createLayout("scoped", options);
  const fragment = hostFragment(host("a.example", [answer("/", "a")]), options);
  layout.update({ hosts: { changed: new Map([["a.example", fragment]]), removed: [] } });
  await using envoy = await fileEnvoy([...layout.resources(), adminCluster(admin.port)]);
  const get = (listener: string, path: string) =>
    new Promise<string>((resolve, reject) => {
      const at = { host: "127.0.0.1", port: envoy.port(listener), path, agent: false };
      request({ ...at, headers: { host: "a.example." } }, (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => body += part);
        response.on("end", () => resolve(`${response.statusCode} ${body}`));
      }).on("error", reject).end();
    });
  assert.equal(await get("ingress_http", "/"), "200 a");
  for (const path of ["/ready", "/stats", "/stats/prometheus"]) {
    assert.equal(await get("stats-health", path), "200 as the admin interface says");
  }
  assert.equal(await get("health-om-enforced", "/ready"), "200 as the admin interface says");
  assert.equal(await get("envoy-admin", "/config_dump"), "200 as the admin interface says");
  assert.equal(await get("envoy-admin", "/quitquitquit"), "404 ");
});

/** The cluster that Envoy's bootstrap has for its admin interface. */
function adminCluster(port: number): Resource {
  const type = "envoy.config.cluster.v3.Cluster";
  const name = "envoy-admin";
  const address = { socketAddress: { address: "127.0.0.1", portValue: port } };
  const body = encode(type, {
    name,
    type: "STATIC",
    connectTimeout: { seconds: 1 },
    loadAssignment: {
      clusterName: name,
      endpoints: [{ lbEndpoints: [{ endpoint: { address } }] }],
    },
  });
  const version = createHash("sha256").update(body).digest("hex");
  return { typeUrl: typeUrl(type), name, version, body };
}

function backend(body: string): AsyncDisposable & { readonly port: number } {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(body),
  );
  return {
    port: server.addr.port,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
