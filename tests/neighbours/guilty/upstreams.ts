/** Health checks, TLS towards Services, Services, endpoints and ExtensionServices. */
import {
  endpointSlice,
  extension,
  type Fields,
  root,
  route,
  secret,
  secure,
  service,
  services,
  sound,
} from "../objects.ts";
import { type Guilty, odd } from "./guilty.ts";
import { material } from "./material.ts";

const web = { name: "web", port: 80 };
const check = (fields: Fields) => route({ healthCheckPolicy: { path: "/", ...fields } });
const policy = "spec.routes[0].healthCheckPolicy";
const upstream = (validation: Fields, more: Fields = {}) =>
  services({ ...web, protocol: "tls", validation, ...more });
const validation = "spec.routes[0].services[0].validation";
const own = (...more: readonly Fields[]) => services({ name: "odd", port: 80 }, ...more);

const healthChecks: readonly Guilty[] = [
  odd("probes of no path", check({ path: "" }), policy),
  odd("probes of a path with a line break", check({ path: "/a\nb" }), policy),
  odd("probes of a path with a NUL", check({ path: "/\0" }), policy),
  odd("probes of a host with a line break", check({ host: "a\nb" }), policy),
  odd("probes every -5 seconds", check({ intervalSeconds: -5 }), policy),
  odd("probes that wait -1 seconds", check({ timeoutSeconds: -1 }), policy),
  odd("probes every 285 million years", check({ intervalSeconds: 9_007_199_254_740_991 }), policy),
  odd("probes that wait 300 years", check({ timeoutSeconds: 9_500_000_000 }), policy),
  odd("five thousand million failures", check({ unhealthyThresholdCount: 5_000_000_000 }), policy),
  odd("five thousand million successes", check({ healthyThresholdCount: 5_000_000_000 }), policy),
  odd(
    "less than no failures",
    check({ unhealthyThresholdCount: -1 }),
    `${policy}.unhealthyThresholdCount`,
    { beyond: "schema" },
  ),
  odd(
    "statuses that end before they begin",
    check({ expectedStatuses: [{ start: 300, end: 200 }] }),
    policy,
  ),
  odd("statuses of no length", check({ expectedStatuses: [{ start: 200, end: 200 }] }), policy),
  odd(
    "statuses beyond 599",
    check({ expectedStatuses: [{ start: 200, end: 700 }] }),
    `${policy}.expectedStatuses[0].end`,
    { beyond: "schema" },
  ),
  odd("seconds in words", check({ intervalSeconds: "ten" }), `${policy}.intervalSeconds`, {
    beyond: "schema",
  }),
  odd(
    "a TCP proxy that is checked every -5 seconds",
    tcp({ healthCheckPolicy: { intervalSeconds: -5 } }),
    "spec.tcpproxy.healthCheckPolicy",
  ),
  odd(
    "a TCP proxy with less than no failures",
    tcp({ healthCheckPolicy: { unhealthyThresholdCount: -1 } }),
    "spec.tcpproxy.healthCheckPolicy",
  ),
];

function tcp(fields: Fields) {
  return root({ tcpproxy: { services: [web], ...fields }, routes: [sound] }, {
    tls: { secretName: "tls" },
  });
}

const certificates: readonly Guilty[] = [
  odd("an authority that is none", [
    secret({ "ca.crt": "none" }),
    upstream({ caSecret: "odd", subjectName: "a" }),
  ], validation),
  odd("an authority with junk behind it", [
    secret({
      "ca.crt": `${material.ca}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
    }),
    upstream({ caSecret: "odd", subjectName: "a" }),
  ], validation),
  odd("an authority with half a block behind it", [
    secret({ "ca.crt": `${material.ca}-----BEGIN CERTIFICATE-----\nAAAA` }),
    upstream({ caSecret: "odd", subjectName: "a" }),
  ], validation),
  odd("an authority that is a key", [
    secret({ "ca.crt": material.key }),
    upstream({ caSecret: "odd", subjectName: "a" }),
  ], validation),
  odd(
    "an authority that is not there",
    upstream({ caSecret: "odd-nowhere", subjectName: "a" }),
    validation,
  ),
  odd(
    "a server name beyond 255 bytes",
    route({
      services: [{ ...web, protocol: "tls" }],
      requestHeadersPolicy: { set: [{ name: "Host", value: "v".repeat(256) }] },
    }),
    "spec.routes[0].requestHeadersPolicy",
  ),
  odd(
    "two different first names",
    upstream({ caSecret: "ca", subjectName: "a", subjectNames: ["b"] }),
    validation,
    { beyond: "schema" },
  ),
  odd(
    "no names at all",
    upstream({ caSecret: "ca", subjectName: "" }),
    `${validation}.subjectName`,
    { beyond: "schema" },
  ),
];

const backends: readonly Guilty[] = [
  odd(
    "endpoints that are names",
    [service(), endpointSlice([{ addresses: ["a.example"] }], { addressType: "FQDN" }), own()],
    "",
    { object: "Service odd", ok: 200 },
  ),
  odd(
    "endpoints that are no addresses",
    [service(), endpointSlice([{ addresses: ["1.2.3"] }]), own()],
    "",
    { object: "Service odd", ok: 200, beyond: "server" },
  ),
  odd(
    "endpoints with a zone",
    [service(), endpointSlice([{ addresses: ["fe80::1%eth0"] }], { addressType: "IPv6" }), own()],
    "",
    { object: "Service odd", ok: 200, beyond: "server" },
  ),
  odd(
    "endpoints at port 70,000",
    [
      service(),
      endpointSlice([{ addresses: ["198.18.0.9"] }], { ports: [{ name: "", port: 70_000 }] }),
      own(),
    ],
    "ports[0].port",
    { object: "EndpointSlice odd", beyond: "server" },
  ),
  odd(
    "endpoints at port 0",
    [
      service(),
      endpointSlice([{ addresses: ["198.18.0.9"] }], { ports: [{ name: "", port: 0 }] }),
      own(),
    ],
    "ports[0].port",
    { object: "EndpointSlice odd", beyond: "server" },
  ),
  odd(
    "endpoints at a negative port",
    [
      service(),
      endpointSlice([{ addresses: ["198.18.0.9"] }], { ports: [{ name: "", port: -1 }] }),
      own(),
    ],
    "ports[0].port",
    { object: "EndpointSlice odd", beyond: "server" },
  ),
  odd(
    "endpoints without addresses",
    [service(), endpointSlice([{ addresses: [] }]), own()],
    "endpoints[0].addresses",
    { object: "EndpointSlice odd", beyond: "server" },
  ),
  odd("a Service at port 0", [service({ ports: [{ port: 0 }] }), own()], "spec.ports[0].port", {
    object: "Service odd",
    beyond: "server",
  }),
  odd(
    "a Service of UDP",
    [service({ ports: [{ port: 80, protocol: "UDP" }] }), own()],
    "spec.routes[0].services[0].port",
  ),
  odd("a Service that is a name", [
    service({ type: "ExternalName", externalName: "a.example" }),
    own(),
  ], "spec.routes[0].services[0]"),
];

const extensions: readonly Guilty[] = [
  odd(
    "an ExtensionService of nothing",
    extension({ services: [{ name: "odd-nowhere", port: 80 }] }),
    "spec.services[0]",
    { object: "ExtensionService odd" },
  ),
  odd(
    "an ExtensionService with negative limits",
    extension({ circuitBreakerPolicy: { maxConnections: -1 } }),
    "spec.circuitBreakerPolicy",
    { object: "ExtensionService odd" },
  ),
  odd(
    "an ExtensionService with limits beyond 32 bits",
    extension({ circuitBreakerPolicy: { maxConnections: 5_000_000_000 } }),
    "spec.circuitBreakerPolicy",
    { object: "ExtensionService odd", beyond: "schema" },
  ),
  odd(
    "an ExtensionService with a negative weight",
    extension({ services: [{ ...web, weight: -1 }] }),
    "spec.services[0].weight",
    { object: "ExtensionService odd" },
  ),
  odd(
    "an ExtensionService with an authority that is none",
    [
      secret({ "ca.crt": "none" }),
      extension({ protocol: "h2", validation: { caSecret: "odd", subjectName: "a" } }),
    ],
    "spec.validation",
    { object: "ExtensionService odd" },
  ),
  odd(
    "an ExtensionService that is idle for centuries",
    extension({ timeoutPolicy: { idleConnection: "2562047h" } }),
    "spec.timeoutPolicy",
    { object: "ExtensionService odd" },
  ),
  odd(
    "an ExtensionService of a hash",
    extension({ loadBalancerPolicy: { strategy: "RequestHash" } }),
    "spec.loadBalancerPolicy",
    { object: "ExtensionService odd" },
  ),
  odd(
    "an ExtensionService of a protocol of the future",
    extension({ protocol: "h3" }),
    "spec.protocol",
    { object: "ExtensionService odd", beyond: "schema" },
  ),
  odd("an ExtensionService of no Services", extension({ services: [] }), "spec.services", {
    object: "ExtensionService odd",
    beyond: "schema",
  }),
];

const authorization = (fields: Fields) =>
  secure({ authorization: { extensionRef: { name: "odd" }, ...fields } });
const ofHost = "spec.virtualhost.authorization";

const authorizations: readonly Guilty[] = [
  odd(
    "an authorization by nobody",
    secure({ authorization: { extensionRef: { name: "odd-nowhere" } } }),
    ofHost,
  ),
  odd("an authorization at a path without a slash", [
    extension({ protocol: "http/1.1" }),
    authorization({ serviceType: "http", httpSettings: { pathPrefix: "no" } }),
  ], ofHost),
  odd("an authorization at a path with a line break", [
    extension({ protocol: "http/1.1" }),
    authorization({ serviceType: "http", httpSettings: { pathPrefix: "/a\nb" } }),
  ], ofHost),
  odd("an authorization that takes centuries", [
    extension({}),
    authorization({ responseTimeout: "2562047h" }),
  ], ofHost),
  odd(
    "an authorization that takes less than no time",
    [extension({}), authorization({ responseTimeout: "-5s" })],
    `${ofHost}.responseTimeout`,
    { beyond: "schema" },
  ),
  odd(
    "an authorization of no bytes",
    [extension({}), authorization({ withRequestBody: { maxRequestBytes: 0 } })],
    `${ofHost}.withRequestBody.maxRequestBytes`,
    { beyond: "schema" },
  ),
  odd(
    "an authorization of negative bytes",
    [extension({}), authorization({ withRequestBody: { maxRequestBytes: -1 } })],
    `${ofHost}.withRequestBody.maxRequestBytes`,
    { beyond: "schema" },
  ),
  odd("an authorization with an empty header", [
    extension({ protocol: "http/1.1" }),
    authorization({
      serviceType: "http",
      httpSettings: { allowedAuthorizationHeaders: [{ prefix: "" }] },
    }),
  ], ofHost),
];

/** See {@link Guilty}. */
export const upstreams: readonly Guilty[] = [
  ...healthChecks,
  ...certificates,
  ...backends,
  ...extensions,
  ...authorizations,
];
