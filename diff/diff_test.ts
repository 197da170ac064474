import assert from "node:assert/strict";
import { Diff, diff, type DiffReport, type RequestClass } from "./mod.ts";
import { parseManifest } from "../controller/files/mod.ts";
import { resourceChanges } from "./resources.ts";
import { defaultEnvoyOptions } from "../controller/envoy/mod.ts";

Deno.test("what is lost, moved and gained, each with a request that shows it", () => {
  const report = compared(
    proxy(`
      - conditions: [{ prefix: /cart }]
        services: [{ name: cart, port: 80 }]
      - conditions: [{ exact: /about }]
        services: [{ name: web, port: 80 }]`),
    proxy(`
      - conditions: [{ prefix: /cart/v2 }]
        services: [{ name: cart, port: 80 }]
      - conditions: [{ exact: /about }]
        services: [{ name: news, port: 80 }]
      - conditions: [{ prefix: /news/ }]
        services: [{ name: news, port: 80 }]`),
  );
  assert.deepEqual(shown(report), [
    "lost * /cart** web/cart:80 -> (404) GET http://shop.test/cart",
    "moved * /about web/web:80 -> web/news:80 GET http://shop.test/about",
    "gained * /news/** (404) -> web/news:80 GET http://shop.test/news/",
  ]);
  assert.equal(report.hosts[0]?.unchanged, 1);
});

Deno.test("conditions on headers and queries part the requests; the rest is named by what it lacks", () => {
  const report = compared(
    proxy(`
      - services: [{ name: web, port: 80 }]`),
    proxy(`
      - services: [{ name: web, port: 80 }]
      - conditions: [{ prefix: / }, { header: { name: x-a, notexact: "1" } }, { queryParameter: { name: q, exact: "2" } }]
        services: [{ name: beta, port: 80 }]`),
  );
  const [only, none] = classes(report);
  assert.equal(none, undefined);
  assert.deepEqual(only?.conditions, ['header x-a is not "1"', 'query q is "2"']);
  assert.equal(only?.witness.url, "http://shop.test/?q=2");
  assert.notEqual(only?.witness.headers["x-a"], undefined, "absent headers meet no comparison");

  const less = compared(
    proxy(`
      - services: [{ name: web, port: 80 }]`),
    proxy(`
      - conditions: [{ prefix: / }, { header: { name: x-a, exact: "1" } }]
        services: [{ name: web, port: 80 }]`),
  );
  assert.deepEqual(classes(less).map(({ except, kind }) => [kind, ...except]), [
    ["lost", 'header x-a is "1"'],
  ]);
});

Deno.test("regular expressions are compared by what they match, not by how they are written", () => {
  const one = (regex: string) =>
    proxy(`
      - conditions: [{ regex: "${regex}" }]
        services: [{ name: api, port: 80 }]`);
  const same = [
    ["/(a|b)/.*", "/[ab]/.*"],
    ["/v[0-9]+", "/v\\\\d\\\\d*"],
    ["/a{2,3}", "/aaa?"],
    ["/(?i)AB", "/[aA][bB]"],
    ["/x.*", "/x(.*)?$"],
    // No path holds two slashes in a row, or a dot as its segment.
    ["/a/?/?b?", "/a/?b?"],
  ];
  for (const [a = "", b = ""] of same) assert.deepEqual(shown(compared(one(a), one(b))), [], a);
  assert.deepEqual(shown(compared(one("/v[0-9]+"), one("/v[1-9]+"))), [
    "lost * ~/v[0-9]+ web/api:80 -> (404) GET http://shop.test/v0",
  ]);
});

Deno.test("a path that is replaced otherwise is a change, one that comes out the same is none", () => {
  const one = (prefix: string, replacement: string) =>
    proxy(`
      - conditions: [{ prefix: ${prefix} }]
        services: [{ name: api, port: 80 }]
        pathRewritePolicy: { replacePrefix: [{ replacement: ${replacement} }] }`);
  assert.deepEqual(shown(compared(one("/a/", "/b/"), one("/a/", "/b"))), []);
  const [change] = classes(compared(one("/a", "/b"), one("/a", "/c")));
  assert.deepEqual(change?.treatment, [
    { name: "path", before: "/b in place of /a", after: "/c in place of /a" },
  ]);
});

Deno.test("requests to any other host, and to a wildcard whose host is gone", () => {
  const ingress = (name: string) => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: any, namespace: web }
spec:
  rules:
    - http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: ${name}, port: { number: 80 } } } }] }`;
  const report = compared(ingress("a"), ingress("b"));
  assert.deepEqual(shown(report), [
    "moved * /** web/a:80 -> web/b:80 GET http://any.example/",
  ]);
  assert.equal(report.hosts[0]?.fqdn, "*");
});

Deno.test("conditions on the host name see every name that a wildcard takes", () => {
  const one = (regex: string) =>
    `${proxy("      - services: [{ name: own, port: 80 }]", "eu.shop.test", "own")}\n---\n${
      proxy(
        `
      - services: [{ name: web, port: 80 }]
      - conditions: [{ prefix: / }, { header: { name: ":authority", regex: "${regex}" } }]
        services: [{ name: eu, port: 80 }]`,
        "*.shop.test",
      )
    }`;
  const report = compared(one("(eu|de)[.].*"), one("eu[.].*"));
  assert.deepEqual(shown(report), [
    "moved * /** web/eu:80 -> web/web:80 GET http://de.shop.test/",
  ]);
});

Deno.test("TLS: plain requests, connections, and what is passed through", () => {
  const routes = "\n      - services: [{ name: web, port: 80 }]";
  const tls = (more: string) => proxy(routes).replace("shop.test", `shop.test, tls: {${more}}`);
  assert.deepEqual(shown(compared(proxy(routes), tls("secretName: a"))), [
    "moved * /** web/web:80 -> 301 to https://… GET http://shop.test/",
    "gained * /** (no TLS) -> web/web:80 GET https://shop.test/",
  ]);
  const [certificate, none] = classes(compared(tls("secretName: a"), tls("secretName: b")));
  assert.equal(none, undefined);
  assert.equal(certificate?.path, "TLS");
  const passed = tls("passthrough: true").replace("routes:", "tcpproxy:")
    .replace("- services", "  services");
  assert.deepEqual(
    shown(compared(tls("secretName: a"), passed)).map((line) => line.split(" GET")[0]),
    [
      "lost * /** 301 to https://… -> (404)",
      "moved * /** web/web:80 -> web/web:80 (TLS passed through)",
    ],
  );
});

Deno.test("what is on neither side is assumed on both; what one side holds is missing on the other", () => {
  const routes = "\n      - services: [{ name: web, port: 80 }]";
  const web = `
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: web }
spec: { ports: [{ port: 80 }] }`;
  assert.deepEqual(shown(compared(proxy(routes), proxy(routes))), []);
  assert.deepEqual(shown(compared(proxy(routes) + web, proxy(routes))), [
    "lost * /** web/web:80 -> 503 from Envoy GET http://shop.test/",
  ]);
  const strict = diff([file(proxy(routes))], [file(proxy(routes) + web)], { strictRefs: true });
  assert.equal(strict.summary.gained, 1);
  assert.deepEqual(strict.assumed, []);
});

Deno.test("a part without its root is compared under a root that is assumed", () => {
  const part = (name: string) => `
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: part, namespace: web }
spec:
  routes:
    - services: [{ name: ${name}, port: 80 }]`;
  const report = compared(part("a"), part("b"));
  assert.deepEqual(report.summary.moved, 1);
  assert.ok(report.assumed.some(({ kind, name }) => kind === "HTTPProxy" && name === "part"));
});

Deno.test("a host that would take too long is sampled, and says so", () => {
  const many = (extra: string) =>
    proxy(
      Array.from({ length: 12 }, (_, i) => `
      - conditions: [{ regex: "/.*[${"abcdefghijkl".slice(i)}].{${10 + i}}" }]
        services: [{ name: s${i}, port: 80 }]`).join("") + extra,
    );
  const report = compared(
    many(""),
    many(`
      - conditions: [{ exact: /new }]
        services: [{ name: new, port: 80 }]`),
  );
  assert.match(report.hosts[0]?.inexact ?? "", /too many states/);
  assert.equal(report.summary.inexactHosts, 1);
  assert.deepEqual(shown(report), [
    "gained * /new (404) -> web/new:80 GET http://shop.test/new",
  ]);
});

Deno.test("what Envoy sets itself is as Envoy sets it; the header :path is sampled", () => {
  const one = (header: string, exact: string, service: string) =>
    proxy(`
      - services: [{ name: web, port: 80 }]
      - conditions: [{ prefix: / }, { header: { name: "${header}", exact: "${exact}" } }]
        services: [{ name: ${service}, port: 80 }]`);
  const proto = (service: string) => one("x-forwarded-proto", "https", service);
  assert.deepEqual(shown(compared(proto("a"), proto("b"))), [], "nobody comes by https");
  const path = compared(one(":path", "/x?y", "a"), one(":path", "/x?y", "b"));
  assert.match(path.hosts[0]?.inexact ?? "", /header :path/);
});

Deno.test("resources of Envoy never show what Secrets hold", () => {
  const secret = (text: string) => `
apiVersion: v1
kind: Secret
metadata: { name: keys, namespace: web }
type: Opaque
data: { jwks: ${btoa(text)} }
---${
    proxy("\n      - services: [{ name: web, port: 80 }]").replace(
      "shop.test }",
      "shop.test, tls: { secretName: cert }, jwtProviders: [{ name: p, default: true, localJWKS: { secretName: keys, key: jwks } }] }",
    )
  }`;
  const keys = (kid: string) =>
    secret(JSON.stringify({
      keys: [{
        kty: "EC",
        kid,
        crv: "P-256",
        x: "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY",
        y: "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
      }],
    }));
  const both = new Diff(contents(keys("kid-one")), contents(keys("kid-two")));
  const [change] = both.report.hosts.flatMap(({ classes }) => classes);
  assert.deepEqual(change?.treatment.map(({ name }) => name), ["token"]);
  const changes = resourceChanges(both.sides, {
    settings: both.settings,
    envoy: defaultEnvoyOptions,
  });
  assert.equal(changes.length, 1);
  const text = JSON.stringify([both.report, changes]);
  assert.ok(!text.includes("axfR8uEsQkf4") && !text.includes("kid-two"), text);
  assert.match(text, /sha256:/);
});

function file(text: string) {
  return { file: "test.yaml", text };
}

function contents(text: string) {
  const { objects } = parseManifest(text, { file: "test.yaml", namespace: "default" });
  return { objects: objects.map(({ object }) => object) };
}

function compared(before: string, after: string): DiffReport {
  return diff([file(before)], [file(after)]);
}

function proxy(routes: string, fqdn = "shop.test", name = "shop"): string {
  return `
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: ${name}, namespace: web }
spec:
  virtualhost: { fqdn: "${fqdn}" }
  routes:${routes.startsWith("\n") ? "" : "\n"}${routes}
`.replace('"shop.test"', "shop.test");
}

function classes({ hosts }: DiffReport): readonly RequestClass[] {
  return hosts.flatMap(({ classes }) => classes);
}

function shown(report: DiffReport): readonly string[] {
  return classes(report).map(({ kind, method, path, before, after, witness }) =>
    `${kind} ${method} ${path} ${before} -> ${after} ${witness.method} ${witness.url}`
  );
}
