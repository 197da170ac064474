import type { Case } from "../case.ts";

const policy = (name: string, spec: string, namespace = "$NS") =>
  `apiVersion: policy.projectcontour.io/v1alpha1
kind: HeaderPolicy
metadata: { name: ${name}, namespace: ${namespace} }
spec:
${spec.split("\n").map((line) => `  ${line}`).join("\n")}`;

const proxy = (name: string, spec: string, namespace = "$NS") =>
  `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: ${name}, namespace: ${namespace} }
spec:
${spec.split("\n").map((line) => `  ${line}`).join("\n")}`;

const documents = (...texts: readonly string[]) => texts.join("\n---\n");

const services = "services: [{ name: echo, port: 80 }]";

/** Which policy holds where, and what several come to. */
export const precedence: readonly Case[] = [
  {
    name: "namespace, host, object, route",
    policy: {
      manifest: documents(
        proxy(
          "root",
          `virtualhost:
  fqdn: $HOST
  plugins: { headers: { request: [{ add: { name: x-at, value: host-field } }] } }
routes:
  - conditions: [{ prefix: /plain }]
    ${services}
  - conditions: [{ prefix: /field }]
    plugins: { headers: { request: [{ add: { name: x-at, value: route-field } }] } }
    ${services}
  - conditions: [{ prefix: /section }]
    ${services}
  - conditions: [{ prefix: /alone }]
    ${services}
includes:
  - name: part
    conditions: [{ prefix: /part }]
  - name: away
    namespace: $NS-away
    conditions: [{ prefix: /away }]`,
        ),
        proxy("part", `routes: [{ ${services} }]`),
        proxy("away", `routes: [{ ${services} }]`, "$NS-away"),
        policy(
          "namespace",
          `targetRef: { kind: Namespace, name: $NS }
request: [{ add: { name: x-at, value: namespace } }]`,
        ),
        policy(
          "host",
          `targetRef: { kind: HTTPProxy, name: root }
request: [{ add: { name: x-at, value: host } }]`,
        ),
        policy(
          "object",
          `targetRef: { kind: HTTPProxy, name: part }
request: [{ add: { name: x-at, value: object } }]`,
        ),
        policy(
          "section",
          `targetRef: { kind: HTTPProxy, name: root, sectionName: "/section" }
request: [{ add: { name: x-at, value: section } }]`,
        ),
        policy(
          "alone",
          `targetRef: { kind: HTTPProxy, name: root, sectionName: "/alone" }
inherit: false
request: [{ add: { name: x-at, value: alone } }]`,
        ),
        policy(
          "away",
          `targetRef: { kind: Namespace, name: $NS-away }
request: [{ add: { name: x-at, value: away } }]`,
          "$NS-away",
        ),
      ),
    },
    asks: [
      { path: "/plain", sees: { "x-at": ["namespace", "host", "host-field"] } },
      { path: "/field", sees: { "x-at": ["namespace", "host", "host-field", "route-field"] } },
      { path: "/section", sees: { "x-at": ["namespace", "host", "host-field", "section"] } },
      { path: "/alone", sees: { "x-at": "alone" } },
      { path: "/part", sees: { "x-at": ["namespace", "host", "host-field", "object"] } },
      { path: "/away", sees: { "x-at": ["namespace", "away", "host", "host-field"] } },
    ],
  },
  {
    name: "of several at one place the older has the last word",
    policy: {
      manifest: documents(
        proxy("root", `virtualhost: { fqdn: $HOST }\nroutes: [{ ${services} }]`),
        policy(
          "younger",
          `targetRef: { kind: HTTPProxy, name: root }
request: [{ set: { name: x-at, value: younger } }]
security: { preset: api, frameOptions: SAMEORIGIN }`,
        ).replace("name: younger,", 'name: younger, creationTimestamp: "2025-01-02T00:00:00Z",'),
        policy(
          "older",
          `targetRef: { kind: HTTPProxy, name: root }
request: [{ set: { name: x-at, value: older } }]
security: { frameOptions: DENY }`,
        ).replace("name: older,", 'name: older, creationTimestamp: "2025-01-01T00:00:00Z",'),
      ),
    },
    asks: [{
      sees: { "x-at": "older" },
      gets: { "x-frame-options": "DENY", "cache-control": "no-store" },
    }],
  },
  {
    name: "what is nearer unsets and amends what is wider",
    policy: {
      manifest: documents(
        proxy(
          "root",
          `virtualhost: { fqdn: $HOST }
routes:
  - conditions: [{ prefix: / }]
    ${services}
  - conditions: [{ prefix: /frames }]
    plugins: { headers: { security: { frameOptions: SAMEORIGIN, cacheControl: "off" } } }
    ${services}
  - conditions: [{ prefix: /api }]
    plugins: { headers: { security: { preset: api } } }
    ${services}
  - conditions: [{ prefix: /none }]
    plugins: { headers: { inherit: false } }
    ${services}
  - conditions: [{ prefix: /set }]
    plugins:
      headers:
        request: [{ set: { name: x-a, value: route } }, { remove: { name: x-b } }]
        response: [{ set: { name: x-frame-options, value: step } }]
    ${services}`,
        ),
        policy(
          "host",
          `targetRef: { kind: HTTPProxy, name: root }
request:
  - when: { methods: [GET] }
    remove: { name: x-a }
  - set: { name: x-b, value: host }
security: { preset: strict }
cors: { preset: readOnly }`,
        ),
      ),
    },
    asks: [
      {
        headers: { "x-a": "client", origin: "https://a.test" },
        sees: { "x-a": undefined, "x-b": "host" },
        gets: {
          "x-frame-options": "DENY",
          "cache-control": "no-store, max-age=0",
          "access-control-allow-origin": "https://a.test",
        },
      },
      {
        path: "/frames",
        reply: { "cache-control": "max-age=60" },
        gets: { "x-frame-options": "SAMEORIGIN", "cache-control": "max-age=60" },
      },
      {
        path: "/api",
        gets: { "cache-control": "no-store", "permissions-policy": undefined },
      },
      {
        path: "/none",
        headers: { "x-a": "client" },
        sees: { "x-a": "client", "x-b": undefined },
        gets: { "x-frame-options": undefined },
      },
      {
        path: "/set",
        headers: { "x-a": "client" },
        sees: { "x-a": "route", "x-b": undefined },
        gets: { "x-frame-options": "step" },
      },
    ],
  },
  {
    name: "wildcard hosts",
    policy: {
      fqdn: "*.wild.policies.test",
      manifest: documents(
        proxy("root", `virtualhost: { fqdn: "*.wild.policies.test" }\nroutes: [{ ${services} }]`),
        policy(
          "host",
          `targetRef: { kind: HTTPProxy, name: root }
request:
  - set: { name: x-is, value: "yes" }
  - rewrite: { name: x-a, pattern: a, substitution: b }
  - when: { methods: [GET] }
    remove: { name: x-drop }
security: { preset: balanced }
response:
  - when: { path: { exact: /a } }
    set: { name: x-path, value: "%REQ(:path)%" }`,
        ),
      ),
    },
    asks: [{
      host: "a.wild.policies.test",
      path: "/a",
      headers: { "x-a": "a", "x-drop": "1" },
      sees: { "x-is": "yes", "x-a": "b", "x-drop": undefined },
      gets: { "x-frame-options": "SAMEORIGIN", "x-path": "/a" },
    }],
  },
  {
    name: "hosts in upper case",
    policy: `request:
  - set: { name: x-is, value: "yes" }
  - when: { methods: [GET] }
    remove: { name: x-drop }
security: { preset: balanced }`,
    asks: [{
      host: "Hosts-In-Upper-CASE.policies.test",
      headers: { "x-drop": "1" },
      sees: { "x-is": "yes", "x-drop": undefined },
      gets: { "x-frame-options": "SAMEORIGIN" },
    }],
  },
  {
    name: "answers of envoy itself",
    policy: {
      manifest: documents(
        proxy(
          "root",
          `virtualhost:
  fqdn: $HOST
  ipDenyPolicy: [{ source: Peer, cidr: 127.0.0.0/8 }]
routes:
  - conditions: [{ prefix: /denied }]
    ${services}
  - conditions: [{ prefix: /teapot }]
    ipDenyPolicy: [{ source: Peer, cidr: 10.0.0.0/8 }]
    directResponsePolicy: { statusCode: 418 }
  - conditions: [{ prefix: /elsewhere }]
    ipDenyPolicy: [{ source: Peer, cidr: 10.0.0.0/8 }]
    requestRedirectPolicy: { hostname: b.test }`,
        ),
        policy(
          "host",
          `targetRef: { kind: HTTPProxy, name: root }
security: { preset: balanced }
response:
  - when: { status: ["403"], path: { prefix: /denied } }
    set: { name: x-status, value: "%RESPONSE_CODE%" }
  - rewrite: { name: location, pattern: "^http:", substitution: "https:" }`,
        ),
      ),
    },
    asks: [
      {
        path: "/denied",
        answers: 403,
        gets: { "x-frame-options": "SAMEORIGIN", "x-status": "403" },
      },
      { path: "/teapot", answers: 418, gets: { "x-frame-options": "SAMEORIGIN" } },
      { path: "/elsewhere", answers: 302, gets: { location: "https://b.test/elsewhere" } },
    ],
  },
];
