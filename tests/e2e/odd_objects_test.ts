/**
 * Objects that the schema lets pass, and an Envoy would not take as they stand: each is answered for
 * by a diagnostic, or served, and none of them reaches Envoy in a form that it refuses.
 */
// First, since it brings along what the library behind it needs.
import { type IssuedCertificate, validityAround } from "../../controller/certs/mod.ts";
import {
  Extension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import assert from "node:assert/strict";
import { type Gateway, layouts, startGateway } from "../support/gateway.ts";
import { connect } from "../support/http_client.ts";
import { caSecret, documents, ingress, ingressRule, root, service, tlsSecret } from "./manifest.ts";
import { setStage, stageManifest } from "./stage.ts";

const to = "services: [{ name: a, port: 80 }]";
const large = 5_000_000_000;
const long = (count: number) => "v".repeat(count);
const setting = (value: string) =>
  `routes: [{ ${to}, requestHeadersPolicy: { set: [{ name: x-a, value: "${value}" }] } }]`;
const on = (condition: string) => `routes: [{ ${to}, conditions: [{ ${condition} }] }]`;
const route = (rest: string) => `routes: [{ ${to}, ${rest} }]`;
const services = (list: string) => `routes: [{ services: [${list}] }]`;

/** The rest of a spec, by what is odd in it. */
const specs: Readonly<Record<string, string>> = {
  "a weight beyond 32 bits": services(`{ name: a, port: 80, weight: ${large} }`),
  "weights beyond 32 bits together": services(
    "{ name: a, port: 80, weight: 4294967295 }, { name: b, port: 80, weight: 1 }",
  ),
  "a mirror of 5000 percent": services(
    "{ name: a, port: 80 }, { name: b, port: 80, weight: 5000, mirror: true }",
  ),
  "a weight of a tcpproxy beyond 32 bits":
    `tcpproxy: { services: [{ name: a, port: 80, weight: ${large} }, { name: b, port: 80, weight: 1 }] }`,
  "weights of a tcpproxy beyond 32 bits together":
    "tcpproxy: { services: [{ name: a, port: 80, weight: 4294967295 }, { name: b, port: 80, weight: 4294967295 }] }",
  "a tcpproxy that is checked every -5 seconds":
    "tcpproxy: { services: [{ name: a, port: 80 }], healthCheckPolicy: { intervalSeconds: -5 } }",
  "health checks every -5 seconds": route(
    "healthCheckPolicy: { path: /, intervalSeconds: -5, timeoutSeconds: -1 }",
  ),
  "health checks every 285 million years": route(
    "healthCheckPolicy: { path: /, intervalSeconds: 9007199254740991 }",
  ),
  "five thousand million failures": route(
    `healthCheckPolicy: { path: /, unhealthyThresholdCount: ${large} }`,
  ),
  "health checks without a path": route(`healthCheckPolicy: { path: "", host: "a b" }`),
  "health checks of a path without a slash": route(
    `healthCheckPolicy: { path: "no slash", host: "é" }`,
  ),
  "health checks that hope for 1xx": route(
    "healthCheckPolicy: { path: /, expectedStatuses: [{ start: 100, end: 200 }] }",
  ),
  "timeouts of centuries": route(
    "timeoutPolicy: { response: 2562047h, idle: 2562047h, idleConnection: 2562047h }",
  ),
  "timeouts of a nanosecond": route(
    "timeoutPolicy: { response: 1ns, idle: 1ns, idleConnection: 1ns }",
  ),
  "five thousand million retries": route(`retryPolicy: { count: ${large} }`),
  "retries for centuries, on status 0": route(
    "retryPolicy: { perTryTimeout: 2562047h, retryOn: [retriable-status-codes], retriableStatusCodes: [0] }",
  ),
  "a control character in a header": setting("a\\u0001b"),
  "a line break in a header": setting("a\\nb"),
  "a header in UTF-8": setting("é"),
  "a header that is too long": setting(long(20_000)),
  "half a variable": setting("%REQ(%"),
  "a variable with a colon": setting("%REQ(a:b)%"),
  "a lone percent sign": setting("%"),
  "headers of the connection itself": route(
    "requestHeadersPolicy: { set: [{ name: Connection, value: x }, { name: Content-Length, value: x }, { name: Transfer-Encoding, value: x }] }",
  ),
  "a pseudo-header that is set": route(
    `requestHeadersPolicy: { set: [{ name: ":path", value: x }] }`,
  ),
  "a pseudo-header that is removed": route(`requestHeadersPolicy: { remove: [":path"] }`),
  "a Host with a line break": route(
    `requestHeadersPolicy: { set: [{ name: Host, value: "a\\nb" }] }`,
  ),
  "a Host from the path": route(
    `requestHeadersPolicy: { set: [{ name: Host, value: "%REQ(:path)%" }] }`,
  ),
  "a condition on a header with a blank in its name": on(`header: { name: "x a", present: true }`),
  "a condition on a line break": on(`header: { name: x-a, exact: "a\\nb" }`),
  "a condition on a long value": on(`header: { name: x-a, contains: "${long(20_000)}" }`),
  "a condition on nothing": on("header: { name: x-a }"),
  "a condition on a parameter without a name": on(`queryParameter: { name: "", present: true }`),
  "a condition on a parameter with a long name": on(
    `queryParameter: { name: "${long(2_000)}", present: true }`,
  ),
  "a query in a prefix": on(`prefix: "/a?b"`),
  "a line break in a prefix": on(`prefix: "/a\\nb"`),
  "a zero in an exact path": on(`exact: "/\\u0000"`),
  "a regex that grows too large": on(`regex: "/((((a{1,10}){1,10}){1,10}){1,10})"`),
  "a regex in UTF-8": on(`regex: "/[é]"`),
  "a replacement with a line break": route(
    `pathRewritePolicy: { replacePrefix: [{ replacement: "no\\nslash" }] }`,
  ),
  "a replacement with a query": route(
    `pathRewritePolicy: { replacePrefix: [{ replacement: "a b?c#d" }] }`,
  ),
  "a redirect to a variable": `routes: [{ requestRedirectPolicy: { path: "/%REQ(x)%" } }]`,
  "a redirect to a query": `routes: [{ requestRedirectPolicy: { prefix: "/a?b" } }]`,
  "a body that is too long": `routes: [{ directResponsePolicy: { statusCode: 200, body: "${
    long(5_000)
  }" } }]`,
  "a body with a zero":
    `routes: [{ directResponsePolicy: { statusCode: 599, body: "a\\u0000b" } }]`,
  "a hash of a pseudo-header": route(
    `loadBalancerPolicy: { strategy: RequestHash, requestHashPolicies: [{ headerHashOptions: { headerName: ":path" } }] }`,
  ),
  "a hash of a parameter with a line break": route(
    `loadBalancerPolicy: { strategy: RequestHash, requestHashPolicies: [{ queryParameterHashOptions: { parameterName: "é\\n" } }] }`,
  ),
  "a slow start of a nanosecond": services(
    `{ name: a, port: 80, slowStartPolicy: { window: 1ns, aggression: "0.0" } }`,
  ),
  "a slow start of centuries": services(
    `{ name: a, port: 80, slowStartPolicy: { window: 2562047h, aggression: "99999999999999999999", minWeightPercent: 0 } }`,
  ),
  "a subject name with a line break": services(
    `{ name: https, port: 80, protocol: tls, validation: { caSecret: ca, subjectName: "a\\nb" } }`,
  ),
  "a server name that is too long": services(
    `{ name: https, port: 80, protocol: tls, requestHeadersPolicy: { set: [{ name: Host, value: "${
      long(300)
    }" }] } }`,
  ),
};

/** Paths and annotations of an Ingress, by what is odd in them. */
const ingresses: Readonly<Record<string, OddIngress>> = {
  "a path with a query": { path: "Prefix /a?b" },
  "a path with a fragment": { path: "Prefix /a#b" },
  "a path of a blank and a line break": { path: "Prefix /a\u0020b\n" },
  "a path without a slash": { path: "ImplementationSpecific a" },
  "a path of one slash too many": { path: "Prefix //" },
  "a path with a zero": { path: "Exact /\u0000" },
  "a long path": { path: `Prefix /${long(20_000)}` },
  "a regex that grows too large": {
    path: "ImplementationSpecific /((((a{1,10}){1,10}){1,10}){1,10})[a-z]*",
  },
  "a regex that ends nowhere": { path: "ImplementationSpecific /[" },
  "a percent sign": { path: "ImplementationSpecific /%" },
  "a negative timeout": { annotations: { "response-timeout": "-5s" } },
  "a timeout of centuries": { annotations: { "response-timeout": "2562047h" } },
  "a timeout of a nanosecond": { annotations: { "response-timeout": "1ns" } },
  "retries with a line break": { annotations: { "retry-on": "5xx\nreset" } },
  "retries for centuries": {
    annotations: { "retry-on": "5xx", "num-retries": "2147483647", "per-try-timeout": "2562047h" },
  },
  "a negative try": { annotations: { "retry-on": "5xx", "per-try-timeout": "-1s" } },
  "websockets for no path": { annotations: { "websocket-routes": ",,\n," } },
};

interface OddIngress {
  readonly path?: Parameters<typeof ingressRule>[1][0];
  readonly annotations?: Readonly<Record<string, string>>;
}

function oddIngress({ path = "Prefix /", annotations = {} }: OddIngress, index: number): string {
  const own = Object.entries(annotations).map((
    [name, text],
  ) => [`projectcontour.io/${name}`, text]);
  const hosts = [`odd-ingress-${index}.secure.test`];
  return ingress(`odd-${index}`, hosts.map((host) => ingressRule(host, [path, "a"])), {
    annotations: Object.fromEntries(own),
    tls: [{ hosts, secretName: "certificate" }],
  });
}

/** What the schema of HTTPProxies says nothing about. */
function oddOthers(stapled: IssuedCertificate): string {
  return documents(
    tlsSecret("stapled", stapled),
    root("stapled.secure.test", `routes: [{ ${to} }]`, { tls: "{ secretName: stapled }" }),
    caSecret("no-ca", "no certificate"),
    root(
      "no-ca.test",
      services(
        "{ name: https, port: 80, protocol: tls, validation: { caSecret: no-ca, subjectName: x } }",
      ),
    ),
    service("limits", [{ port: 1 }], {
      annotations: {
        "projectcontour.io/max-connections": "4294967295",
        "projectcontour.io/max-requests": "99999999999",
        "projectcontour.io/per-host-max-connections": "-1",
        "projectcontour.io/upstream-protocol.h2c": "no-port,,80",
      },
    }),
    root("limits.test", services("{ name: limits, port: 80 }")),
  );
}

/** A certificate that tells servers to staple an OCSP response, which they do not have. */
async function stapledCertificate(): Promise<IssuedCertificate> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: "CN=stapled.secure.test",
    ...validityAround(new Date(), 30),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new SubjectAlternativeNameExtension([{ type: "dns", value: "stapled.secure.test" }]),
      new Extension("1.3.6.1.5.5.7.1.24", false, new Uint8Array([0x30, 3, 2, 1, 5])),
    ],
  });
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificate: certificate.toString("pem"),
    privateKey: PemConverter.encode(key, "PRIVATE KEY"),
  };
}

for (const layout of layouts) {
  Deno.test(`odd objects are served or told of, and Envoy refuses none of them, ${layout}`, async () => {
    await using stage = await setStage();
    const tls = { tls: "{ secretName: certificate }" };
    const manifest = documents(
      stageManifest(stage),
      oddOthers(await stapledCertificate()),
      root("sound.secure.test", `routes: [{ permitInsecure: true, ${to} }]`, tls),
      ...Object.values(specs).map((spec, i) => root(`odd-${i}.secure.test`, spec, tls)),
      ...Object.values(ingresses).map(oddIngress),
    );
    await using gateway = await startGateway({ layout, manifest });
    assert.deepEqual(gateway.controller.refusals, []);
    assert.deepEqual(gateway.envoy.log, []);
    const host = "sound.secure.test";
    assert.equal((await gateway.ask({ host })).headers["x-backend"], "a");
    assert.equal((await gateway.ask({ host, tls: { ca: stage.ca } })).headers["x-backend"], "a");
    const odd = [
      ...Object.keys(specs).map((name, i) => {
        const fqdn = `odd-${i}.secure.test`;
        return { name, fqdn, id: `HTTPProxy/default/${fqdn}` };
      }),
      ...Object.keys(ingresses).map((name, i) => ({
        name,
        fqdn: `odd-ingress-${i}.secure.test`,
        id: `Ingress/default/odd-${i}`,
      })),
    ];
    for (const { name, fqdn, id } of odd) {
      const told = gateway.controller.translation.statuses.get(id)?.diagnostics ?? [];
      assert.ok(
        told.length > 0 || await isServed(gateway, fqdn, stage.ca),
        `nobody hears of ${name}`,
      );
    }
  });
}

/** Whether Envoy takes TLS connections for the host. */
async function isServed({ place }: Gateway, serverName: string, ca: string): Promise<boolean> {
  const target = { address: place.address, port: place.https, tls: { serverName, ca } };
  return await connect(target).then((socket) => socket.destroy(), () => undefined) !== undefined;
}
