/** What looks as if it could not work, does work, and has to go on doing so. */
import type { Manifest } from "../support/cluster/mod.ts";
import { material } from "./guilty/material.ts";
import {
  answering,
  endpointSlice,
  type Fields,
  ingress,
  on,
  proxy,
  root,
  route,
  secret,
  secure,
  service,
  services,
  sound,
} from "./objects.ts";

/** Objects of the host `odd.guilty.test`, a request, and what comes back. */
export interface NearMiss {
  readonly what: string;
  readonly objects: readonly Manifest[];
  readonly ask?: Request;
  readonly answer?: Answer;
  /** Warnings that are in order. Default: none at all. */
  readonly warned?: RegExp;
}

/** What a client asks. */
export interface Request {
  /** Default: `/`. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: no. */
  readonly tls?: boolean;
}

/** What has to come back: all that is given. */
export interface Answer {
  /** Default: 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The whole body. */
  readonly body?: string;
  /** Headers that the backend got; "" for none. */
  readonly seen?: Readonly<Record<string, string>>;
  /** The path that the backend got. */
  readonly path?: string;
  /** Whose certificate is shown, PEM. */
  readonly shown?: string;
}

function near(
  what: string,
  objects: Manifest | readonly Manifest[],
  ask: Request = {},
  answer: Answer = {},
  rest: Pick<NearMiss, "warned"> = {},
): NearMiss {
  return { what, objects: Array.isArray(objects) ? objects : [objects], ask, answer, ...rest };
}

const web = { name: "web", port: 80 };
const setting = (value: string, name = "x-a") =>
  route({ requestHeadersPolicy: { set: [{ name, value }] } });
const answered = (value: string) =>
  route({ responseHeadersPolicy: { set: [{ name: "x-a", value }] } });
const body = (text: string) => answering({ directResponsePolicy: { statusCode: 200, body: text } });
const long = (count: number) => "v".repeat(count);
const local = (fields: Fields) =>
  route({ rateLimitPolicy: { local: { requests: 1_000, unit: "second", ...fields } } });
const served = (certificate: string, key: string): readonly Manifest[] => [
  secret({ "tls.crt": certificate, "tls.key": key }),
  secure({}, { secretName: "odd" }),
];
const overTls = { tls: true };
const clients = (fields: Fields) =>
  secure({}, { clientValidation: { optionalClientCertificate: true, ...fields } });
const noted = (annotations: Readonly<Record<string, string>>, path: Fields = {}) =>
  ingress(path, { annotations });

const headers: readonly NearMiss[] = [
  near("UTF-8 in a value", answered("é"), {}, { headers: { "x-a": "é" } }),
  near("a lone percent sign", setting("100%"), {}, { seen: { "x-a": "100%" } }),
  near("percent signs around a word", setting("%NO_SUCH%"), {}, { seen: { "x-a": "%NO_SUCH%" } }),
  near("half a command", setting("%REQ(%"), {}, { seen: { "x-a": "%REQ(%" } }),
  near("a command of another header", setting("%REQ(x-b)%"), { headers: { "x-b": "c" } }, {
    seen: { "x-a": "c" },
  }),
  near("a tab in a value", answered("a\tb"), {}, { headers: { "x-a": "a\tb" } }),
  near("a value of 8,000 bytes", answered(long(8_000)), {}, { headers: { "x-a": long(8_000) } }),
  near(
    "200 headers",
    route({
      requestHeadersPolicy: {
        set: Array.from({ length: 60 }, (_, i) => ({ name: `x-${i}`, value: "a" })),
      },
    }),
    {},
    { seen: { "x-0": "a", "x-59": "a" } },
  ),
  near(
    "a header that is set and taken away",
    route({
      requestHeadersPolicy: { set: [{ name: "x-a", value: "b" }], remove: ["x-b"] },
    }),
    { headers: { "x-b": "c" } },
    { seen: { "x-a": "b", "x-b": "" } },
  ),
  near(
    "a Service's Host from another header, which is passed over",
    services({
      ...web,
      requestHeadersPolicy: { set: [{ name: "Host", value: "%REQ(x-a)%" }] },
    }),
  ),
  near(
    "headers of answers without a Service",
    answering({
      directResponsePolicy: { statusCode: 200 },
      responseHeadersPolicy: { set: [{ name: "x-a", value: "a\nb" }] },
    }),
  ),
];

const routes: readonly NearMiss[] = [
  near("a flag of RE2", on({ regex: "/(?i)A.*" }), { path: "/abc" }),
  near("the last byte", on({ regex: "/[^\\x{FF}]+" }), { path: "/abc" }),
  near("a class by its short name", on({ regex: "/\\pL+" }), { path: "/abc" }),
  near("a thousand times the same", on({ regex: "/a{1000}" }), { path: `/${"a".repeat(1_000)}` }),
  near("a regex with quoted text", on({ regex: "/\\Q(\\E" }), { path: "/(" }),
  near("a name for a group", on({ regex: "/(?P<name>a+)" }), { path: "/aa" }),
  near("a regex behind a prefix that looks like one", [
    root({ includes: [{ name: "odd-child", conditions: [{ prefix: "/(a" }] }], routes: [sound] }),
    proxy("odd-child", { routes: [{ conditions: [{ regex: "/[0-9]+" }], services: [web] }] }),
  ], { path: "/(a/7" }),
  near(
    "a regex behind a prefix with a dot",
    [
      root({
        includes: [{ name: "odd-child", conditions: [{ prefix: "/a.b" }] }],
        routes: [sound],
      }),
      proxy("odd-child", { routes: [{ conditions: [{ regex: "/[0-9]+" }], services: [web] }] }),
    ],
    { path: "/axb/7" },
    { status: 404 },
  ),
  near(
    "a condition on a header that no client can send",
    on({ header: { name: "x a", notpresent: true } }),
  ),
  near("a condition on a NUL", on({ header: { name: "x-a", notexact: "a\0b" } }), {
    headers: { "x-a": "b" },
  }),
  near("a prefix with a line break", on({ prefix: "/a\nb" }), { path: "/ok" }),
  near("an exact path with a NUL", on({ exact: "/a\0b" }), { path: "/ok" }),
  near(
    "a parameter with a name of 1,024 bytes",
    on({ queryParameter: { name: long(1_024), present: true } }),
    { path: `/?${long(1_024)}=1` },
  ),
  near(
    "weights of nothing and nothing",
    services({ ...web, weight: 0 }, { name: "other", port: 80, weight: 0 }),
  ),
  near(
    "weights beyond 32 bits together",
    services({ ...web, weight: 4_294_967_295 }, { name: "other", port: 80, weight: 4_294_967_295 }),
  ),
  near(
    "a weight beyond 32 bits",
    services({ ...web, weight: 5_000_000_000 }, { name: "other", port: 80, weight: 0 }),
  ),
  near(
    "a mirror of 5,000 percent",
    services(web, { name: "other", port: 80, weight: 5_000, mirror: true }),
  ),
  near(
    "a slow start of centuries",
    services({
      ...web,
      slowStartPolicy: { window: "2562047h", aggression: "99999999999999999999" },
    }),
  ),
  near("an idle connection of centuries", route({ timeoutPolicy: { idleConnection: "1200000h" } })),
  near("a try of centuries", route({ retryPolicy: { perTryTimeout: "1200000h" } })),
  near(
    "a timeout of a nanosecond, which is long enough for an answer of Envoy",
    answering({ directResponsePolicy: { statusCode: 200 }, timeoutPolicy: { response: "1ns" } }),
  ),
  near("a strategy that nobody knows", route({ loadBalancerPolicy: { strategy: "Telepathy" } })),
  near(
    "the same code of redirects twice",
    route({ internalRedirectPolicy: { redirectResponseCodes: [301, 302, 303, 307, 308, 301] } }),
  ),
  near("a body of 4,096 bytes", body("é".repeat(2_048)), {}, { body: "é".repeat(2_048) }),
  near("a body of 4,097 bytes", body(long(4_097)), {}, { body: long(4_097) }),
  near("a body of 65,536 bytes", body(long(65_536)), {}, { body: long(65_536) }),
  near("a body with a NUL", body("a\0b"), {}, { body: "a\0b" }),
  near("an answer of 599", answering({ directResponsePolicy: { statusCode: 599 } }), {}, {
    status: 599,
  }),
  near(
    "a redirect to a blank and a variable",
    answering({ requestRedirectPolicy: { path: "/a b%REQ(x)%" } }),
    {},
    { status: 302 },
  ),
  near("a redirect to a query", answering({ requestRedirectPolicy: { path: "/a?b=c" } }), {}, {
    status: 302,
  }),
  near(
    "a replacement with blanks and marks",
    route({ pathRewritePolicy: { replacePrefix: [{ replacement: "/a#b" }] } }),
  ),
  near("a host of 253 letters", longHost(253), { headers: { host: longName(253) } }),
  near("a host of a label of 63 letters", longHost(70), { headers: { host: longName(70) } }),
  near(
    "a range of IPv4 written as IPv6",
    answering({ directResponsePolicy: { statusCode: 200 } }, {
      ipDenyPolicy: [{ source: "Peer", cidr: "::ffff:10.0.0.0/104" }],
    }),
  ),
  near(
    "a range that is an address",
    answering({ directResponsePolicy: { statusCode: 200 } }, {
      ipDenyPolicy: [{ source: "Peer", cidr: "10.0.0.1" }],
    }),
  ),
  near(
    "an origin of a regex",
    answering({ directResponsePolicy: { statusCode: 200 } }, {
      corsPolicy: { allowOrigin: [".*[.]example"], allowMethods: ["GET"] },
    }),
  ),
];

/** A name of that many letters, in labels of 63 at most. */
function longName(length: number): string {
  const tail = ".odd.guilty.test";
  const labels: string[] = [];
  for (let left = length - tail.length; left > 0; left -= 64) {
    labels.push("a".repeat(Math.min(63, left)));
  }
  return labels.join(".") + tail;
}

function longHost(length: number): Manifest {
  return proxy("odd", {
    virtualhost: { fqdn: longName(length) },
    routes: [{ services: [web] }],
  });
}

const others: readonly NearMiss[] = [
  near(
    "ten headers on refusals",
    local({
      responseHeadersToAdd: Array.from({ length: 10 }, (_, i) => ({ name: `x-${i}`, value: "é" })),
    }),
  ),
  near("a million requests and more", local({ requests: 2_147_483_647, burst: 2_147_483_647 })),
  near(
    "a descriptor without a service",
    route({ rateLimitPolicy: { global: { descriptors: [{ entries: [{ remoteAddress: {} }] }] } } }),
  ),
  near(
    "an expired certificate",
    served(material.expired.certificate, material.expired.privateKey),
    overTls,
    { shown: material.expired.certificate },
    { warned: /expired/ },
  ),
  near(
    "a certificate of the future",
    served(material.early.certificate, material.early.privateKey),
    overTls,
    { shown: material.early.certificate },
    { warned: /not valid before/ },
  ),
  near(
    "a certificate for clients",
    served(material.clientOnly.certificate, material.clientOnly.privateKey),
    overTls,
    { shown: material.clientOnly.certificate },
  ),
  near(
    "a certificate on P-384",
    served(material.p384.certificate, material.p384.privateKey),
    overTls,
    { shown: material.p384.certificate },
  ),
  near(
    "a certificate with a thousand names",
    served(material.manyNames.certificate, material.manyNames.privateKey),
    overTls,
    { shown: material.manyNames.certificate },
  ),
  near(
    "a chain with blank lines and words",
    served(
      `words\n${material.leaf.certificate.replace("-----END", "\n\n-----END")}words`,
      material.leaf.privateKey,
    ),
    overTls,
    { shown: material.leaf.certificate },
  ),
  near(
    "a chain with line ends of Windows",
    served(
      material.leaf.certificate.replaceAll("\n", "\r\n"),
      material.leaf.privateKey.replaceAll("\n", "\r\n"),
    ),
    overTls,
    { shown: material.leaf.certificate },
  ),
  near(
    "a chain that ends with who signed it",
    served(material.leaf.certificate + material.authority, material.leaf.privateKey),
    overTls,
    { shown: material.leaf.certificate },
  ),
  near("an authority of clients with words around it", [
    secret({ "ca.crt": `words\n${material.ca.replace("-----END", "\n-----END")}words` }),
    clients({ caSecret: "odd" }),
  ], overTls),
  near("an authority of clients twice", [
    secret({ "ca.crt": material.ca + material.ca }),
    clients({ caSecret: "odd" }),
  ], overTls),
  near("the list of another issuer", [
    secret({ "crl.pem": material.otherCrl }),
    clients({ caSecret: "ca", crlSecret: "odd" }),
  ], overTls),
  near("keys of which one is junk", [
    secret({ keys: JSON.stringify({ keys: [{ kty: "XYZ" }, { kty: "oct", k: "c2VjcmV0" }] }) }),
    secure({ jwtProviders: [{ name: "issuer", localJWKS: { secretName: "odd", key: "keys" } }] }),
  ], overTls),
  near(
    "keys at an address of IPv6",
    secure({
      jwtProviders: [{ name: "issuer", remoteJWKS: { uri: "http://[::1]:1/keys?a=b#c" } }],
    }),
    overTls,
  ),
  near(
    "a subject name with a NUL",
    services({ ...web, weight: 1 }, {
      name: "other",
      port: 80,
      weight: 0,
      protocol: "tls",
      validation: { caSecret: "ca", subjectName: "a\0b" },
    }),
  ),
  near(
    "validation without TLS, which is passed over",
    services({ ...web, validation: { caSecret: "ca", subjectName: "a" } }),
  ),
  near("annotations of a Service that are no numbers", [
    service({
      annotations: {
        "projectcontour.io/max-connections": "-1",
        "projectcontour.io/max-retries": "99999999999",
        "projectcontour.io/upstream-protocol.h2c": "no-port,,81",
      },
    }),
    endpointSlice([{ addresses: ["198.18.0.9"] }]),
    services({ ...web, weight: 1 }, { name: "odd", port: 80, weight: 0 }),
  ]),
  near("endpoints of IPv6", [
    service(),
    endpointSlice([{ addresses: ["2001:db8::1"] }], { addressType: "IPv6" }),
    services({ ...web, weight: 1 }, { name: "odd", port: 80, weight: 0 }),
  ]),
  near(
    "probes that hope for 1xx",
    route({
      healthCheckPolicy: {
        path: "/healthz",
        expectedStatuses: [{ start: 100, end: 101 }, { start: 200, end: 201 }],
      },
    }),
  ),
  near(
    "an Ingress with a timeout of centuries",
    noted({ "projectcontour.io/response-timeout": "2562047h" }),
  ),
  near(
    "an Ingress with a timeout of a nanosecond that is infinite",
    noted({ "projectcontour.io/response-timeout": "infinity" }),
  ),
  near("an Ingress of a path with a blank", ingress({ path: "/a b", pathType: "Prefix" }), {
    path: "/ok",
  }),
  near(
    "an Ingress of a percent sign",
    ingress({ path: "/%", pathType: "ImplementationSpecific" }),
    { path: "/ok" },
  ),
  near("an annotation of 200 KB that nobody reads", [
    service({ annotations: { "example.com/note": "n".repeat(200_000) } }),
    services({ ...web, weight: 1 }, { name: "odd", port: 80, weight: 0 }),
  ]),
  near("10,000 endpoints of a Service with no share", [
    service(),
    endpointSlice(
      Array.from({ length: 10_000 }, (_, i) => ({ addresses: [`198.18.${i >> 8}.${i & 255}`] })),
    ),
    services({ ...web, weight: 1 }, { name: "odd", port: 80, weight: 0 }),
  ]),
  near("a regex of 9,900 steps", on({ regex: `/(?:${"a{900}|".repeat(10)}.*)` }), { path: "/x" }),
  near(
    "256 conditions",
    on(
      ...Array.from({ length: 256 }, (_, i) => ({ header: { name: `x-${i}`, notpresent: true } })),
    ),
  ),
  near("a regex with a letter of Japanese", on({ regex: "/.*[あ-ん]?" })),
  near(
    "a header whose value turns to the left",
    route({ responseHeadersPolicy: { set: [{ name: "x-left", value: "\u202ea" }] } }),
  ),
  near(
    "a header called constructor",
    route({ requestHeadersPolicy: { set: [{ name: "constructor", value: "a" }] } }),
    {},
    { seen: { constructor: "a" } },
  ),
  near("an Ingress of one slash too many", ingress({ path: "//", pathType: "Prefix" }), {
    path: "/ok",
  }),
];

/** All of them. */
export const nearMisses: readonly NearMiss[] = [...headers, ...routes, ...others];
