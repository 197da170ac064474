import assert from "node:assert/strict";
import { type KubeObject, parseObject } from "./mod.ts";

type Fields = Record<string, unknown>;

function proxy(spec: Fields, more: Fields = {}): Fields {
  return {
    apiVersion: "projectcontour.io/v1",
    kind: "HTTPProxy",
    metadata: { name: "a" },
    spec,
    ...more,
  };
}

const route = (fields: Fields) => proxy({ routes: [fields] });
const host = (fields: Fields) => proxy({ virtualhost: { fqdn: "a.com", ...fields } });
const service = (fields: Fields) => route({ services: [{ name: "s", port: 80, ...fields }] });
const core = (kind: string, fields: Fields) => ({
  apiVersion: "v1",
  kind,
  metadata: { name: "a" },
  ...fields,
});
const extension = (fields: Fields) => ({
  apiVersion: "projectcontour.io/v1alpha1",
  kind: "ExtensionService",
  metadata: { name: "a" },
  spec: { services: [{ name: "s", port: 80 }], ...fields },
});

/** The object, which must be accepted. */
function accepted(value: unknown, strict = true): KubeObject {
  const result = parseObject(structuredClone(value), { strict });
  assert.equal(result.kind, "object", JSON.stringify(result));
  return result.object;
}

/** What is wrong with the object: code, path and message of each problem. */
function problems(value: unknown): string[] {
  const result = parseObject(structuredClone(value), { strict: true });
  assert.equal(result.kind, "refused");
  return result.problems.map(({ code, path, message }) => `${code} ${path.join(".")}: ${message}`);
}

const refused: [title: string, value: unknown, problem: string][] = [
  [
    "unknown field",
    route({ servces: [] }),
    'CTR003 spec.routes.0.servces: unknown field "servces", did you mean "services"?',
  ],
  [
    "unknown field of an empty object",
    proxy({
      routes: [{
        rateLimitPolicy: { global: { descriptors: [{ entries: [{ remoteAddress: { x: 1 } }] }] } },
      }],
    }),
    'CTR003 spec.routes.0.rateLimitPolicy.global.descriptors.0.entries.0.remoteAddress.x: unknown field "x"',
  ],
  [
    "fqdn in capitals",
    proxy({ virtualhost: { fqdn: "A.com" } }),
    'CTR005 spec.virtualhost.fqdn: "fqdn" must be a host name in lower case such as www.example.com or *.example.com, not "A.com"',
  ],
  [
    "fqdn missing",
    proxy({ virtualhost: {} }),
    'CTR006 spec.virtualhost.fqdn: required field "fqdn" is missing',
  ],
  [
    "fqdn null",
    proxy({ virtualhost: { fqdn: null } }),
    'CTR006 spec.virtualhost.fqdn: required field "fqdn" is missing',
  ],
  [
    "spec missing",
    { ...proxy({}), spec: undefined },
    'CTR006 spec: required field "spec" is missing',
  ],
  [
    "port as text",
    service({ port: "80" }),
    'CTR004 spec.routes.0.services.0.port: "port" must be an integer, not the text "80"',
  ],
  [
    "port too small",
    service({ port: 0 }),
    'CTR005 spec.routes.0.services.0.port: "port" must be at least 1, not 0',
  ],
  [
    "port too big",
    service({ port: 65536 }),
    'CTR005 spec.routes.0.services.0.port: "port" must be less than 65536, not 65536',
  ],
  [
    "port with a fraction",
    service({ port: 1.5 }),
    'CTR004 spec.routes.0.services.0.port: "port" must be an integer, not the number 1.5',
  ],
  [
    "negative weight",
    service({ weight: -1 }),
    'CTR005 spec.routes.0.services.0.weight: "weight" must be at least 0, not -1',
  ],
  [
    "protocol",
    service({ protocol: "h3" }),
    'CTR005 spec.routes.0.services.0.protocol: "protocol" must be one of h2, h2c, tls, not "h3", did you mean "h2"?',
  ],
  [
    "timeout without unit",
    route({ timeoutPolicy: { response: "5" } }),
    'CTR005 spec.routes.0.timeoutPolicy.response: "response" must be a duration such as 30s or 1m30s, or infinity, not "5"',
  ],
  [
    "retryOn",
    route({ retryPolicy: { retryOn: ["5xxx"] } }),
    'CTR005 spec.routes.0.retryPolicy.retryOn.0: "retryOn[0]" must be one of 5xx, gateway-error, reset, reset-before-request, connect-failure, envoy-ratelimited, retriable-4xx, refused-stream, retriable-status-codes, retriable-headers, http3-post-connect-failure, cancelled, deadline-exceeded, internal, resource-exhausted, unavailable, not "5xxx", did you mean "5xx"?',
  ],
  [
    "retry count",
    route({ retryPolicy: { count: -2 } }),
    'CTR005 spec.routes.0.retryPolicy.count: "count" must be at least -1, not -2',
  ],
  [
    "redirect status",
    route({ requestRedirectPolicy: { statusCode: 304 } }),
    'CTR005 spec.routes.0.requestRedirectPolicy.statusCode: "statusCode" must be one of 301, 302, 303, 307, 308, not 304',
  ],
  [
    "redirect path",
    route({ requestRedirectPolicy: { path: "a" } }),
    'CTR005 spec.routes.0.requestRedirectPolicy.path: "path" must be a path that begins with a slash, not "a"',
  ],
  [
    "direct response without status",
    route({ directResponsePolicy: {} }),
    'CTR006 spec.routes.0.directResponsePolicy.statusCode: required field "statusCode" is missing',
  ],
  [
    "cookie name",
    route({ cookieRewritePolicies: [{ name: "a b" }] }),
    'CTR005 spec.routes.0.cookieRewritePolicies.0.name: "name" must be a cookie name, not "a b"',
  ],
  [
    "header value as boolean",
    route({ requestHeadersPolicy: { set: [{ name: "a", value: true }] } }),
    'CTR004 spec.routes.0.requestHeadersPolicy.set.0.value: "value" must be text, not the boolean true',
  ],
  [
    "CORS without methods",
    host({ corsPolicy: { allowOrigin: ["*"], allowMethods: [] } }),
    'CTR005 spec.virtualhost.corsPolicy.allowMethods: "allowMethods" must not be empty',
  ],
  [
    "CORS maxAge",
    host({ corsPolicy: { allowOrigin: ["*"], allowMethods: ["GET"], maxAge: "infinity" } }),
    'CTR005 spec.virtualhost.corsPolicy.maxAge: "maxAge" must be a duration such as 10m, or 0, not "infinity"',
  ],
  [
    "subject names that disagree",
    service({ validation: { caSecret: "c", subjectName: "a", subjectNames: ["b"] } }),
    'CTR005 spec.routes.0.services.0.validation: "validation": subjectNames[0] must equal subjectName if set',
  ],
  [
    "JWT with both sources",
    host({
      jwtProviders: [{
        name: "a",
        localJWKS: { secretName: "s", key: "k" },
        remoteJWKS: { uri: "https://a" },
      }],
    }),
    'CTR005 spec.virtualhost.jwtProviders.0: "jwtProviders[0]": exactly one of remoteJWKS and localJWKS must be set',
  ],
  [
    "allowed header with two operators",
    host({
      authorization: {
        serviceType: "http",
        httpSettings: { allowedUpstreamHeaders: [{ exact: "a", prefix: "b" }] },
      },
    }),
    'CTR005 spec.virtualhost.authorization.httpSettings.allowedUpstreamHeaders.0: "allowedUpstreamHeaders[0]": exactly one of exact, prefix, suffix and contains must be set',
  ],
  [
    "HTTP settings for gRPC",
    host({ authorization: { httpSettings: {} } }),
    'CTR005 spec.virtualhost.authorization: "authorization": httpSettings needs serviceType http',
  ],
  [
    "rate limit unit",
    host({ rateLimitPolicy: { local: { requests: 1, unit: "day" } } }),
    'CTR005 spec.virtualhost.rateLimitPolicy.local.unit: "unit" must be one of second, minute, hour, not "day"',
  ],
  [
    "IP filter source",
    host({ ipAllowPolicy: [{ source: "peer", cidr: "10.0.0.0/8" }] }),
    'CTR005 spec.virtualhost.ipAllowPolicy.0.source: "source" must be one of Peer, Remote, not "peer", did you mean "Peer"?',
  ],
  [
    "health check status",
    route({ healthCheckPolicy: { path: "/", expectedStatuses: [{ start: 99, end: 200 }] } }),
    'CTR005 spec.routes.0.healthCheckPolicy.expectedStatuses.0.start: "start" must be at least 100, not 99',
  ],
  [
    "object for a list",
    proxy({ routes: {} }),
    'CTR004 spec.routes: "routes" must be a list, not an object',
  ],
  [
    "null in a list",
    proxy({ routes: [null] }),
    'CTR004 spec.routes.0: "routes[0]" must be an object, not null',
  ],
  [
    "extension without services",
    extension({ services: [] }),
    'CTR005 spec.services: "services" must not be empty',
  ],
  [
    "extension protocol",
    extension({ protocol: "tls" }),
    'CTR005 spec.protocol: "protocol" must be one of http/1.1, h2, h2c, not "tls"',
  ],
  [
    "name with capitals",
    core("Service", { metadata: { name: "A" } }),
    `CTR005 metadata.name: "name" must be lower-case letters, digits, '-' and '.', and begin and end with a letter or digit, not "A"`,
  ],
  [
    "name missing",
    core("Service", { metadata: {} }),
    'CTR006 metadata.name: required field "name" is missing',
  ],
  [
    "label as number",
    core("Service", { metadata: { name: "a", labels: { v: 1 } } }),
    'CTR004 metadata.labels.v: "v" must be text, not the number 1',
  ],
  [
    "target port",
    core("Service", { spec: { ports: [{ port: 80, targetPort: true }] } }),
    'CTR004 spec.ports.0.targetPort: "targetPort" must be an integer or text, not the boolean true',
  ],
  [
    "secret that is not base64 does not leak",
    core("Secret", { data: { key: "p@ssword" } }),
    'CTR005 data.key: "key" must be base64',
  ],
  [
    "secret of the wrong type does not leak",
    core("Secret", { stringData: { key: 12345 } }),
    'CTR004 stringData.key: "key" must be text',
  ],
  ["not an object", "hello", "CTR007 : a document has to be an object with apiVersion and kind"],
  ["no kind", { apiVersion: "v1" }, 'CTR007 : the object has no "kind"'],
  ["no apiVersion", { kind: "Service" }, 'CTR007 : the object has no "apiVersion"'],
  [
    "old version",
    { apiVersion: "extensions/v1beta1", kind: "Ingress" },
    'CTR008 apiVersion: unknown apiVersion "extensions/v1beta1" of Ingress, use "networking.k8s.io/v1"',
  ],
  [
    "kind misspelt",
    { apiVersion: "projectcontour.io/v1", kind: "HttpProxie" },
    'CTR009 kind: unknown kind "HttpProxie", did you mean "HTTPProxy"?',
  ],
];
for (const [title, value, problem] of refused) {
  Deno.test(`refused: ${title}`, () => assert.deepEqual(problems(value), [problem]));
}

Deno.test("all problems of an object are told, up to a limit", () => {
  const many = problems(proxy({ routes: Array.from({ length: 50 }, () => ({ x: 1 })) }));
  assert.equal(many.length, 21);
  assert.equal(many.at(-1), "CTR016 : 30 more problems in this object");
});

Deno.test("defaults are those of the API server", () => {
  const object = accepted(route({
    requestRedirectPolicy: {},
    retryPolicy: {},
    internalRedirectPolicy: {},
    services: [{ name: "s", port: 80, slowStartPolicy: { window: "10s" } }],
  }));
  assert.equal(object.kind, "HTTPProxy");
  const [first] = object.spec.routes ?? [];
  assert.deepEqual(first?.requestRedirectPolicy, { statusCode: 302 });
  assert.deepEqual(first?.retryPolicy, { count: 1 });
  assert.deepEqual(first?.internalRedirectPolicy, { allowCrossSchemeRedirect: "Never" });
  assert.deepEqual(first?.services?.[0]?.slowStartPolicy, {
    window: "10s",
    aggression: "1.0",
    minWeightPercent: 10,
  });
  const secured = accepted(host({ authorization: { withRequestBody: {} } }));
  assert.equal(secured.kind, "HTTPProxy");
  assert.deepEqual(secured.spec.virtualhost?.authorization, {
    serviceType: "grpc",
    withRequestBody: { maxRequestBytes: 1024 },
  });
  const plain = accepted(core("Service", { spec: { ports: [{ port: 80 }] } }));
  assert.equal(plain.kind, "Service");
  assert.deepEqual(plain.spec, { type: "ClusterIP", ports: [{ protocol: "TCP", port: 80 }] });
});

Deno.test("stringData goes into data, and wins", () => {
  const object = accepted(core("Secret", {
    data: { a: "aGk=", b: "aGk=" },
    stringData: { b: "hü", c: "" },
  }));
  assert.deepEqual(object, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "a", namespace: "default" },
    type: "Opaque",
    data: { a: "aGk=", b: "aMO8", c: "" },
  });
});

Deno.test("nulls are absent", () => {
  const object = accepted(
    proxy({ virtualhost: null, routes: null, includes: [{ name: "b", conditions: null }] }),
  );
  assert.deepEqual(object.kind === "HTTPProxy" && object.spec, { includes: [{ name: "b" }] });
});

Deno.test("an object is in the namespace it names, or in the one of the reader", () => {
  const read = (metadata: Fields, kind = "Service", namespace?: string) => {
    const result = parseObject(core(kind, { metadata }), {
      strict: true,
      ...(namespace === undefined ? {} : { namespace }),
    });
    return result.kind === "object" ? result.key.namespace : undefined;
  };
  assert.equal(read({ name: "a" }), "default");
  assert.equal(read({ name: "a", namespace: "" }), "default");
  assert.equal(read({ name: "a" }, "Service", "team"), "team");
  assert.equal(read({ name: "a", namespace: "own" }, "Service", "team"), "own");
  assert.equal(read({ name: "a" }, "Namespace", "team"), "");
});

Deno.test("a file's status is dropped, a cluster's is kept", () => {
  const value = proxy({}, { status: { currentStatus: "valid" } });
  const status = (strict: boolean) => {
    const object = accepted(value, strict);
    return object.kind === "HTTPProxy" ? object.status : undefined;
  };
  assert.equal(status(true), undefined);
  assert.deepEqual(status(false), { currentStatus: "valid" });
  assert.equal(accepted(proxy({}, { status: { nonsense: 1 } })).kind, "HTTPProxy");
});

Deno.test("from a cluster unknown fields are dropped", () => {
  const object = accepted(proxy({ routes: [{ permitInsecure: true, newField: { a: 1 } }] }), false);
  assert.deepEqual(object.kind === "HTTPProxy" && object.spec, {
    routes: [{ permitInsecure: true }],
  });
});

Deno.test("from a cluster an odd value is a problem", () => {
  const result = parseObject(service({ port: "x" }), { strict: false });
  assert.equal(result.kind, "refused");
  assert.equal(result.problems[0]?.code, "CTR004");
});

const passedOver: [title: string, apiVersion: string, kind: string, code: string][] = [
  ["a Deployment", "apps/v1", "Deployment", "CTR010"],
  ["the Service of another group", "serving.knative.dev/v1", "Service", "CTR010"],
  ["Endpoints, though they resemble EndpointSlice", "v1", "Endpoints", "CTR010"],
  ["an IngressClass", "networking.k8s.io/v1", "IngressClass", "CTR010"],
  ["an HTTPRoute, with a warning", "gateway.networking.k8s.io/v1", "HTTPRoute", "CTR302"],
  [
    "a ContourConfiguration, with a warning",
    "projectcontour.io/v1alpha1",
    "ContourConfiguration",
    "CTR302",
  ],
];
for (const [title, apiVersion, kind, code] of passedOver) {
  Deno.test(`passed over: ${title}`, () => {
    const result = parseObject({ apiVersion, kind, metadata: { name: "a" } }, { strict: true });
    assert.equal(result.kind, "passed over");
    assert.equal(result.problem.code, code);
  });
}

Deno.test("a pattern that would backtrack for ever is answered at once", () => {
  const started = performance.now();
  problems(route({ timeoutPolicy: { response: "ms".repeat(5000) + "x" } }));
  assert.ok(performance.now() - started < 1000);
});

Deno.test("fields named like those every object inherits are unknown", () => {
  const value = JSON.parse('{"__proto__": {"a": 1}, "constructor": {}, "toString": 1}');
  const codes = problems(route(value)).map((problem) => problem.slice(0, 6));
  assert.deepEqual(codes, ["CTR003", "CTR003", "CTR003"]);
});
