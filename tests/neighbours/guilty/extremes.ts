/** Huge, deep and many; halves of letters; words of the language; certificates odd by a byte. */
import type { Manifest } from "../../support/cluster/mod.ts";
import {
  answering,
  endpointSlice,
  extension,
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
} from "../objects.ts";
import { type Guilty, odd } from "./guilty.ts";
import { material } from "./material.ts";

const web = { name: "web", port: 80 };
const first = "spec.routes[0]";
const condition = `${first}.conditions[0]`;
const path = "spec.rules[0].http.paths[0]";
const ofIngress = { object: "Ingress odd", ok: 200 };
const times = <Item>(count: number, item: (i: number) => Item): readonly Item[] =>
  Array.from({ length: count }, (_, i) => item(i));
const descriptor = (entry: Fields) =>
  route({ rateLimitPolicy: { global: { descriptors: [{ entries: [entry] }] } } });
const below = (level: number) =>
  ["a", "b"].map((letter) => ({ name: `odd-${level}`, conditions: [{ prefix: `/${letter}` }] }));

const regexes: readonly Guilty[] = [
  odd(
    "a regex of 4 KB with a third of a million steps",
    on({ regex: `/${"[a-z]{1000}".repeat(372)}` }),
    condition,
  ),
  odd("a regex of 20 KB of maybes", on({ regex: `/${"a?".repeat(10_000)}` }), condition),
  odd(
    "a regex of 1,100 groups in one another",
    on({ regex: `/${"(".repeat(1_100)}a${")".repeat(1_100)}` }),
    condition,
  ),
  odd(
    "a regex that repeats what is there no times",
    on({ regex: "/((a{500}){0}b){3}" }),
    condition,
  ),
  odd(
    "a regex of a header with 50,000 steps",
    on({ header: { name: "x", regex: "a{1000}".repeat(50) } }),
    condition,
  ),
  odd(
    "a regex of a parameter with 50,000 steps",
    on({ queryParameter: { name: "x", regex: "(a{0,500})".repeat(50) } }),
    condition,
  ),
  odd(
    "a regex of an Ingress with 50,000 steps",
    ingress({ pathType: "ImplementationSpecific", path: `/${"[a-z]{1000}".repeat(50)}` }),
    path,
    ofIngress,
  ),
  odd(
    "a regex of an origin with 50,000 steps",
    route({}, { corsPolicy: { allowOrigin: ["a{1000}".repeat(50)], allowMethods: ["GET"] } }),
    "spec.virtualhost.corsPolicy",
  ),
  odd(
    "a regex of a descriptor with 50,000 steps",
    descriptor({
      requestHeaderValueMatch: {
        headers: [{ name: "x", regex: "a{1000}".repeat(50) }],
        value: "a",
      },
    }),
    `${first}.rateLimitPolicy`,
  ),
  odd(
    "60 regexes of 9,900 steps",
    root({
      routes: [
        ...times(60, (i) => ({
          conditions: [{ regex: `/${i}/${"[a-z]{1000}".repeat(9)}b{900}` }],
          services: [web],
        })),
        sound,
      ],
    }),
    "spec.routes[",
    { ok: 200 },
  ),
];

const counts: readonly Guilty[] = [
  odd(
    "a route with 257 conditions",
    on(...times(257, (i) => ({ header: { name: `x-${i}`, present: true } }))),
    `${first}.conditions`,
  ),
  odd(
    "a route with 10,000 conditions",
    on(...times(10_000, (i) => ({ header: { name: `x-${i}`, notexact: "a" } }))),
    `${first}.conditions`,
  ),
  odd(
    "includes that make 4,096 copies of 60,000 bytes",
    [
      root({ includes: below(1), routes: [sound] }),
      ...times(11, (i) => proxy(`odd-${i + 1}`, { includes: below(i + 2) })),
      proxy("odd-12", {
        routes: [{ directResponsePolicy: { statusCode: 200, body: "b".repeat(60_000) } }],
      }),
    ],
    "spec.includes",
    { ok: 200 },
  ),
  odd(
    "a header set 2,000 times",
    route({ requestHeadersPolicy: { set: times(2_000, () => ({ name: "x-a", value: "a" })) } }),
    `${first}.requestHeadersPolicy`,
  ),
  odd(
    "5,000 services of which one is not there",
    services(...times(5_000, (i) => i === 4_999 ? { name: "nowhere", port: 80 } : web)),
    `${first}.services[4999].name`,
  ),
  odd(
    "5,000 routes of which one is wrong",
    root({
      routes: [
        ...times(5_000, (i) => ({
          conditions: [{ prefix: i === 3_000 ? "wrong" : `/${i}` }],
          services: [web],
        })),
        sound,
      ],
    }),
    "spec.routes[3000].conditions[0]",
  ),
  odd(
    "1,000 rewrites of one cookie",
    services({
      ...web,
      cookieRewritePolicies: times(1_000, () => ({ name: "a", secure: true })),
    }),
    `${first}.services[0]`,
  ),
  odd(
    "a timeout of an Ingress of 100 KB",
    ingress({}, {
      annotations: { "projectcontour.io/response-timeout": `${"1".repeat(100_000)}h` },
    }),
    "metadata.annotations",
    ofIngress,
  ),
  odd(
    "10,000 endpoints of which one is a name",
    [
      service(),
      endpointSlice([
        ...times(10_000, (i) => ({ addresses: [`10.1.${i >> 8}.${i & 255}`] })),
        { addresses: ["nowhere.test"] },
      ]),
      services({ name: "odd", port: 80 }),
    ],
    "",
    { object: "Service odd", beyond: "server" },
  ),
  odd(
    "an include of a name of 10,000 letters",
    root({ includes: [{ name: "x".repeat(10_000) }], routes: [sound] }),
    "spec.includes[0]",
    { ok: 200 },
  ),
];

/** The first half of an emoji in UTF-16, which an API server replaces by another letter. */
const half = "\ud83e";

const halves: readonly Guilty[] = [
  odd("half a letter in a prefix", on({ prefix: `/${half}` }), first, { beyond: "server" }),
  odd("half a letter in a regex", on({ regex: `/${half}` }), first, { beyond: "server" }),
  odd(
    "half a letter in a parameter",
    on({ queryParameter: { name: half, present: true } }),
    first,
    { beyond: "server" },
  ),
  odd(
    "half a letter in a header",
    route({ requestHeadersPolicy: { set: [{ name: "x", value: half }] } }),
    `${first}.requestHeadersPolicy`,
    { beyond: "server" },
  ),
  odd(
    "half a letter in a body",
    answering({ directResponsePolicy: { statusCode: 200, body: half } }),
    `${first}.directResponsePolicy`,
    { beyond: "server" },
  ),
  odd(
    "half a letter in a redirect",
    answering({ requestRedirectPolicy: { path: `/${half}` } }),
    `${first}.requestRedirectPolicy`,
    { beyond: "server" },
  ),
  odd(
    "half a letter in a rewrite",
    route({ pathRewritePolicy: { replacePrefix: [{ replacement: `/${half}` }] } }),
    `${first}.pathRewritePolicy`,
    { beyond: "server" },
  ),
  odd(
    "half a letter in a cookie",
    services({
      ...web,
      cookieRewritePolicies: [{ name: "a", pathRewrite: { value: `/${half}` } }],
    }),
    `${first}.services[0]`,
    { beyond: "server" },
  ),
  odd(
    "half a letter in a descriptor",
    descriptor({ genericKey: { value: half } }),
    `${first}.rateLimitPolicy`,
    { beyond: "server" },
  ),
  odd(
    "half a letter in what is probed",
    route({ healthCheckPolicy: { path: `/${half}` } }),
    `${first}.healthCheckPolicy`,
    { beyond: "server" },
  ),
  odd(
    "half a letter in the name of an upstream",
    services({ ...web, protocol: "tls", validation: { caSecret: "ca", subjectName: half } }),
    `${first}.services[0].validation`,
    { beyond: "server" },
  ),
  odd("half a letter in an Ingress", ingress({ pathType: "Prefix", path: `/${half}` }), path, {
    ...ofIngress,
    beyond: "server",
  }),
  odd(
    "half a letter for a time",
    extension({ services: [web], timeoutPolicy: { response: half } }),
    "spec",
    { object: "ExtensionService odd", beyond: "server" },
  ),
];

const words: readonly Guilty[] = [
  odd(
    "a Service called constructor that is not there",
    services({ name: "constructor", port: 80 }),
    `${first}.services[0].name`,
  ),
  odd(
    "a provider called __proto__ that is not there",
    root({
      routes: [{ services: [web], jwtVerificationPolicy: { require: "__proto__" } }, sound],
    }, { tls: { secretName: "tls" } }),
    "",
  ),
  odd(
    "a header called __proto__ with a line break",
    route({ requestHeadersPolicy: { set: [{ name: "__proto__", value: "a\n" }] } }),
    `${first}.requestHeadersPolicy`,
  ),
  odd(
    "a descriptor of __proto__ with a line break",
    descriptor({ requestHeader: { headerName: "__proto__\n", descriptorKey: "__proto__" } }),
    `${first}.rateLimitPolicy`,
  ),
  odd(
    "an include of toString",
    root({ includes: [{ name: "toString" }], routes: [sound] }),
    "spec.includes[0]",
    { ok: 200 },
  ),
];

const served = (certificate: string, key: string): readonly Manifest[] => [
  secret({ "tls.crt": certificate, "tls.key": key }, "kubernetes.io/tls"),
  secure({}, { secretName: "odd" }),
];
const clients = (data: Readonly<Record<string, string>>, fields: Fields): readonly Manifest[] => [
  secret(data),
  secure({}, { clientValidation: { caSecret: "ca", ...fields } }),
];
const ofTls = "spec.virtualhost.tls";

const bytes: readonly Guilty[] = [
  odd(
    "a key of RSA whose numbers do not go with one another",
    served(material.rsa, material.rsaBroken),
    ofTls,
  ),
  odd(
    "a certificate of somebody called by bits",
    served(material.bitsForName, material.leaf.privateKey),
    ofTls,
  ),
  odd(
    "a certificate until the 30th of February",
    served(material.oddDay, material.leaf.privateKey),
    ofTls,
  ),
  odd(
    "an authority of clients of the first version with extensions",
    clients({ "ca.crt": material.firstVersion }, { caSecret: "odd" }),
    `${ofTls}.clientValidation`,
  ),
  odd(
    "a list that says in odd words whose it is",
    clients({ "crl.pem": material.oddIssuerCrl }, { crlSecret: "odd" }),
    `${ofTls}.clientValidation`,
  ),
];

/** See {@link Guilty}. */
export const extremes: readonly Guilty[] = [
  ...regexes,
  ...counts,
  ...halves,
  ...words,
  ...bytes,
];
