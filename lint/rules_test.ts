/** What each rule finds, by the text it points at, and what it lets pass. */
import assert from "node:assert/strict";
import { makeAuthority } from "../controller/certs/mod.ts";
import { type Finding, lint, type LintOptions, rules } from "./mod.ts";

Deno.test("a route behind one that takes everything", () => {
  check(
    host(`
    - conditions: [{ regex: /.* }]
      services: [{ name: all, port: 80 }]
    - conditions: [{ prefix: /cart }]
      services: [{ name: cart, port: 80 }]
    - conditions: [{ exact: /exact }]
      services: [{ name: cart, port: 80 }]`),
    {
      CTR401: [[
        "conditions: [{ prefix: /cart }]",
        /spec.routes\[0\] \(regex \/\.\*\) takes them all/,
      ]],
    },
  );
  check(
    host(`
    - conditions: [{ regex: /api/.* }]
      services: [{ name: all, port: 80 }]
    - conditions: [{ prefix: /api }]
      services: [{ name: cart, port: 80 }]
    - conditions: [{ prefix: /api/v1, header: { name: x, present: true } }]
      services: [{ name: cart, port: 80 }]`),
    { CTR401: [["conditions: [{ prefix: /api/v1", /never takes a request/]] },
  );
});

Deno.test("a route that differs in what it asks is not shadowed", () => {
  check(
    host(`
    - conditions: [{ regex: "/(a|b)/.*" }]
      services: [{ name: all, port: 80 }]
    - conditions: [{ prefix: /a }]
      services: [{ name: cart, port: 80 }]
    - conditions: [{ regex: /c+/.* }, { header: { name: x, exact: "1" } }]
      services: [{ name: cart, port: 80 }]
    - conditions: [{ prefix: /ccc/ }, { header: { name: x, exact: "2" } }]
      services: [{ name: cart, port: 80 }]
    - services: [{ name: rest, port: 80 }]`),
    {},
  );
});

Deno.test("of routes with the same conditions the last is served", () => {
  check(
    host(`
    - conditions: [{ prefix: /a }]
      services: [{ name: first, port: 80 }]
    - conditions: [{ prefix: /a }]
      services: [{ name: second, port: 80 }]`),
    { CTR402: [["conditions: [{ prefix: /a }]", /spec.routes\[1\] has the same conditions/]] },
  );
});

Deno.test("an include that brings nothing", () => {
  check(
    `${host("[]", "includes: [{ name: empty }, { name: full, conditions: [{ prefix: /full }] }]")}
---
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: empty }
spec: {}
---
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: full }
spec:
  routes: [{ services: [{ name: shop, port: 80 }] }]
`,
    { CTR403: [["empty", /"default\/empty" has no routes/]] },
  );
});

Deno.test("conditions that no request meets", () => {
  check(
    host(`
    - conditions: [{ prefix: "/a?b=1" }]
      services: [{ name: shop, port: 80 }]
    - conditions: [{ exact: /a/../b }]
      services: [{ name: shop, port: 80 }]
    - conditions: [{ prefix: /m }, { header: { name: ":method", exact: get } }]
      services: [{ name: shop, port: 80 }]
    - conditions:
        - header: { name: x, exact: abc }
        - header: { name: X, contains: z }
      services: [{ name: shop, port: 80 }]
    - conditions:
        - queryParameter: { name: q, exact: abc }
        - queryParameter: { name: q, prefix: b }
      services: [{ name: shop, port: 80 }]
    - conditions:
        - header: { name: z, notpresent: true }
        - header: { name: z, exact: "1" }
      services: [{ name: shop, port: 80 }]
    - conditions:
        - header: { name: fine, exact: abc }
        - header: { name: fine, contains: b }
        - header: { name: fine, notexact: abd }
      services: [{ name: shop, port: 80 }]`),
    {
      CTR404: [
        ['"/a?b=1"', /no path holds "\?"/],
        ["/a/../b", /as a segment/],
        ["get", /methods are in upper case/],
        ["- header: { name: x, exact", /exact "abc" and contains "z"/],
        ["- queryParameter", /exact "abc" and prefix "b"/],
        ["- header: { name: z", /exact "1" and notpresent/],
      ],
    },
  );
});

Deno.test("a host in the clear beside hosts with TLS", () => {
  const root = (name: string, tls: string, domain = "example.com") => `
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: ${name} }
spec:
  virtualhost: { fqdn: ${name}.${domain}${tls} }
  routes: [{ services: [{ name: shop, port: 80 }] }]
`;
  const secure = ", tls: { secretName: shop }";
  check(
    [root("a", secure), root("b", ""), root("c", "", "example.org")].join("---"),
    { CTR405: [["b.example.com", /"a.example.com" beside it/]] },
  );
  // Names below these belong to other people.
  for (const suffix of ["co.uk", "com.au", "github.io"]) {
    check([root("a", secure, suffix), root("b", "", suffix)].join("---"), {});
  }
});

Deno.test("services that get nothing", () => {
  check(
    host(`
    - services:
        - { name: a, port: 80, weight: 100 }
        - { name: b, port: 80, weight: 0 }
        - { name: c, port: 80 }
        - { name: d, port: 80, mirror: true }
    - conditions: [{ prefix: /even }]
      services: [{ name: a, port: 80, weight: 0 }, { name: b, port: 80, weight: 0 }]`),
    { CTR406: [["0", /"b" has weight 0/], ["c", /"c" has no weight/]] },
  );
});

Deno.test("certificates near their end, or of another host", async () => {
  const nowMs = Date.now();
  const day = 24 * 60 * 60 * 1000;
  const validity = { notBefore: new Date(nowMs - day), notAfter: new Date(nowMs + 5.5 * day) };
  const algorithm = "ecdsa";
  const authority = await makeAuthority({ commonName: "test", validity, algorithm });
  const { certificate, privateKey } = await authority.issue({
    dnsNames: ["*.example.com"],
    validity,
    algorithm,
  });
  const text = ["shop.example.com", "example.com", "a.b.example.com"].map((fqdn, i) => `
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: p${i} }
spec:
  virtualhost: { fqdn: ${fqdn}, tls: { secretName: wildcard } }
  routes: [{ services: [{ name: shop, port: 80 }] }]
---`).join("") + `
apiVersion: v1
kind: Secret
metadata: { name: wildcard }
type: kubernetes.io/tls
data: { tls.crt: ${btoa(certificate)}, tls.key: ${btoa(privateKey)} }
`;
  const { findings } = lint([{ file: "a.yaml", text }], { nowMs });
  assert.deepEqual(
    findings.map(({ code, message }) => `${code} ${message.replace(/ on .*/, "")}`),
    [
      'CTR306 certificate in Secret "default/wildcard" expires in 5 days,',
      'CTR306 certificate in Secret "default/wildcard" expires in 5 days,',
      'CTR407 certificate in Secret "default/wildcard" is for *.example.com, not for example.com',
      'CTR306 certificate in Secret "default/wildcard" expires in 5 days,',
      'CTR407 certificate in Secret "default/wildcard" is for *.example.com, not for a.b.example.com',
    ],
  );
  const later = lint([{ file: "a.yaml", text }], { nowMs, certificateDays: 5 }).findings;
  assert.deepEqual(later.map(({ code }) => code), ["CTR407", "CTR407"]);
});

Deno.test("names of Service ports that nothing answers to", () => {
  check(
    `apiVersion: v1
kind: Service
metadata:
  name: shop
  annotations:
    projectcontour.io/upstream-protocol.h2c: "grpc,80"
spec:
  ports:
    - { name: http, port: 80 }
    - { name: admin, port: 81 }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: shop-1, labels: { kubernetes.io/service-name: shop } }
addressType: IPv4
endpoints: [{ addresses: [10.0.0.1] }]
ports: [{ name: http, port: 8080 }]
`,
    {
      CTR408: [['"grpc,80"', /no port "grpc"/], ["admin", /endpoints of the Service have "http"/]],
    },
  );
});

Deno.test("Services that stand for other names", () => {
  const outside = (name: string, externalName: string) => `
---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { type: ExternalName, externalName: ${externalName}, ports: [{ port: 80 }] }
`;
  check(
    host(`
    - services: [{ name: a, port: 80 }, { name: b, port: 80 }]`) +
      outside("a", "shop.example.net") +
      outside("b", "admin.kube-system.svc.cluster.local") + outside("c", "not-routed.example"),
    {
      CTR409: [
        ["shop.example.net", /leave the cluster/],
        ["admin.kube-system.svc.cluster.local", /past its namespace's owner/],
      ],
    },
    { settings: { enableExternalNameService: true } },
  );
});

Deno.test("regular expressions that backtrack, or are large", () => {
  const routes = ["/(a+)+", "/(a|b*)*c", "/(?:[a-z]+/)*", "/([^/]+/)*x", "/a+b*", "/[a-z]{1,1000}"]
    .map((regex, i) => `
    - conditions: [{ regex: "${regex}" }, { header: { name: x, exact: "${i}" } }]
      services: [{ name: shop, port: 80 }]`);
  check(host(routes.join("")), {
    CTR410: [['"/(a+)+"', /"\(a\+\)\+" repeats/], ['"/(a|b*)*c"', /repeats/]],
    CTR411: [['"/[a-z]{1,1000}"', /about \d+ steps: Envoy warns above 1000/]],
  });
});

Deno.test("what is only there for old objects", () => {
  check(
    `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata:
  name: shop
  annotations:
    contour.heptio.com/ingress.class: x
    kubernetes.io/ingress.class: contour
spec:
  virtualhost:
    fqdn: shop.example.com
    tls: { secretName: shop, minimumProtocolVersion: "1.1" }
  routes: [{ services: [{ name: shop, port: 80 }] }]
`,
    {
      CTR412: [
        ["contour.heptio.com/ingress.class", /has no effect/],
        ["kubernetes.io/ingress.class", /spec.ingressClassName/],
        ['"1.1"', /counts as 1.2/],
      ],
    },
  );
});

Deno.test("kinds of long ago are told", () => {
  check(
    "apiVersion: contour.heptio.com/v1beta1\nkind: IngressRoute\nmetadata: { name: shop }\n",
    {
      CTR412: [["IngressRoute", /^contour.heptio.com\/v1beta1 IngressRoute is not read any more/]],
    },
  );
});

Deno.test("a Service or HTTPProxy that is misspelt is told by its name", () => {
  const text = `${host("[{ services: [{ name: shpo, port: 80 }] }]", "includes: [{ name: chlid }]")}
---
apiVersion: v1
kind: Service
metadata: { name: shop }
spec: { ports: [{ port: 80 }] }
---
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: child }
spec: { routes: [{ services: [{ name: shop, port: 80 }] }] }
`;
  const { findings } = lint([{ file: "a.yaml", text }], { strictRefs: true });
  const missing = findings.filter(({ hint }) => hint !== undefined);
  assert.deepEqual(missing.map(({ hint, fix }) => [hint, fix?.safety, fix?.edits[0]?.text]), [
    ['did you mean "child"?', "unsafe", "child"],
    ['did you mean "shop"?', "unsafe", "shop"],
  ]);
});

Deno.test("delegations that nobody uses", () => {
  check(
    `${
      host(`
    - services: [{ name: shop, port: 80 }]`)
    }
---
apiVersion: projectcontour.io/v1
kind: TLSCertificateDelegation
metadata: { name: all, namespace: certs }
spec:
  delegations:
    - { secretName: a, targetNamespaces: [default, elsewhere] }
    - { secretName: b, targetNamespaces: ["*"] }
`,
    { CTR413: [["default", /namespace "default" names/], ['"*"', /of another namespace names/]] },
  );
});

Deno.test("timeouts that contradict each other", () => {
  check(
    host(`
    - conditions: [{ prefix: /a }]
      services: [{ name: shop, port: 80 }]
      timeoutPolicy: { response: 10s }
      retryPolicy: { perTryTimeout: 11s }
    - conditions: [{ prefix: /b }]
      services: [{ name: shop, port: 80 }]
      retryPolicy: { perTryTimeout: 15s }
    - conditions: [{ prefix: /c }]
      services: [{ name: shop, port: 80 }]
      timeoutPolicy: { response: infinity }
      retryPolicy: { perTryTimeout: 1h }
    - conditions: [{ prefix: /d }]
      services: [{ name: shop, port: 80 }]
      timeoutPolicy: { response: 1m, idle: 30s }`),
    {
      CTR414: [
        ["11s", /the response timeout 10s/],
        ["15s", /the default response timeout 15s/],
        ["30s", /shorter than the response timeout 1m0s/],
      ],
    },
  );
});

Deno.test("an exact path that counts as a prefix", () => {
  check(
    host(`
    - conditions: [{ exact: /a }, { header: { name: x, present: true } }]
      services: [{ name: shop, port: 80 }]
    - conditions: [{ header: { name: x, present: true } }, { exact: /b }]
      services: [{ name: shop, port: 80 }]`),
    { CTR415: [["/a", /counts as a prefix/]] },
  );
});

Deno.test("codes of rules are unique, in order, and explained", () => {
  const codes = rules.map(({ code }) => code);
  assert.deepEqual(codes, codes.toSorted());
  assert.equal(new Set(codes).size, codes.length);
  for (const { row } of rules) assert.ok(row.explanation.length > 40, row.name);
});

/** A root with routes, and more fields of its spec. */
function host(routes: string, more = ""): string {
  return `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: shop }
spec:
  virtualhost: { fqdn: shop.example.com }
  ${more}
  routes: ${routes}`;
}

type Expected = Readonly<Record<string, readonly (readonly [points: string, message: RegExp])[]>>;

/** Findings by code: the text that each points at begins as said. No other codes may appear. */
function check(text: string, expected: Expected, options: LintOptions = {}): void {
  const { findings } = lint([{ file: "a.yaml", text }], options);
  const lines = text.split("\n");
  for (const finding of findings) {
    assert.ok(Object.hasOwn(expected, finding.code), `${finding.code} ${finding.message}`);
  }
  for (const [code, list] of Object.entries(expected)) {
    const found = findings.filter((finding) => finding.code === code);
    assert.equal(found.length, list.length, found.map(({ message }) => message).join("\n"));
    for (const [i, [points, message]] of list.entries()) {
      const finding = found[i];
      assert.ok(finding !== undefined);
      assert.match(finding.message, message);
      assert.ok(
        pointed(lines, finding).startsWith(points),
        `${points}: ${pointed(lines, finding)}`,
      );
    }
  }
}

function pointed(lines: readonly string[], { position: at }: Finding): string {
  return lines[(at?.line ?? 0) - 1]?.slice((at?.column ?? 0) - 1) ?? "";
}
