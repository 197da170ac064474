import type { Case } from "../case.ts";

const yes = { "x-is": "yes" };
const no = { "x-is": undefined };

/** Each condition, for requests and for responses, of each kind of operation that has to mind them. */
export const conditions: readonly Case[] = [
  {
    name: "headers of the request",
    policy: `request:
  - when:
      requestHeaders:
        - { name: X-There, present: true }
        - { name: x-gone, present: false }
        - { name: x-equal, equals: "it's (100%)" }
        - { name: x-form, pattern: "a|b+" }
    set: { name: x-is, value: "yes" }`,
    asks: [
      { headers: { "x-there": "", "x-equal": "it's (100%)", "x-form": "bb" }, sees: yes },
      { headers: { "x-there": "1", "x-equal": "it's (100%)", "x-form": "a" }, sees: yes },
      { headers: { "x-equal": "it's (100%)", "x-form": "bb" }, sees: no },
      { headers: { "x-there": "1", "x-equal": "IT'S (100%)", "x-form": "bb" }, sees: no },
      { headers: { "x-there": "1", "x-equal": "it's (100%)", "x-form": "ab" }, sees: no },
      { headers: { "x-there": "1", "x-equal": "it's (100%)" }, sees: no },
      {
        headers: { "x-there": "1", "x-gone": "", "x-equal": "it's (100%)", "x-form": "a" },
        sees: no,
      },
    ],
  },
  {
    name: "methods, paths and schemes",
    policy: `request:
  - when: { methods: [POST, PUT], path: { prefix: /a/ } }
    set: { name: x-is, value: "yes" }
  - when: { path: { exact: /a.b } }
    set: { name: x-exact, value: "yes" }
  - when: { path: { pattern: "/p/[^/]*" } }
    set: { name: x-pattern, value: "yes" }
  - when: { path: { prefix: / } }
    set: { name: x-any, value: "yes" }
  - when: { scheme: http }
    set: { name: x-plain, value: "yes" }`,
    asks: [
      { method: "POST", path: "/a", sees: { ...yes, "x-any": "yes", "x-plain": "yes" } },
      { method: "PUT", path: "/a/b?c=/", sees: { ...yes, "x-exact": undefined } },
      { method: "POST", path: "/ab", sees: no },
      { method: "GET", path: "/a", sees: no },
      { path: "/a.b?x", sees: { "x-exact": "yes" } },
      { path: "/aXb", sees: { "x-exact": undefined } },
      { path: "/a.b/", sees: { "x-exact": undefined } },
      { path: "/p/a?b/c", sees: { "x-pattern": "yes" } },
      { path: "/p/a/b", sees: { "x-pattern": undefined } },
    ],
  },
  {
    name: "all of when and not all of unless",
    policy: `request:
  - unless: { methods: [POST], requestHeaders: [{ name: x-a, present: true }] }
    set: { name: x-is, value: "yes" }
  - when: { methods: [POST] }
    unless: { requestHeaders: [{ name: x-a, equals: "1" }] }
    set: { name: x-both, value: "yes" }`,
    asks: [
      { method: "POST", headers: { "x-a": "1" }, sees: { ...no, "x-both": undefined } },
      { method: "POST", sees: { ...yes, "x-both": "yes" } },
      { headers: { "x-a": "1" }, sees: { ...yes, "x-both": undefined } },
      { method: "POST", headers: { "x-a": "2" }, sees: { ...no, "x-both": "yes" } },
    ],
  },
  {
    name: "status, content type and headers of the response",
    policy: `response:
  - when: { status: ["404", "5xx"] }
    set: { name: x-error, value: "yes" }
  - when: { contentTypes: [text/html, image/*] }
    set: { name: x-media, value: "yes" }
  - when: { responseHeaders: [{ name: x-cache, equals: hit }, { name: x-a, present: false }] }
    set: { name: x-is, value: "yes" }
  - unless: { contentTypes: [text/html] }
    set: { name: x-other, value: "yes" }
  - when: { requestHeaders: [{ name: x-want, pattern: "a.*" }], methods: [GET] }
    set: { name: x-wanted, value: "yes" }`,
    asks: [
      { status: 404, gets: { "x-error": "yes" } },
      { status: 503, gets: { "x-error": "yes" } },
      { status: 400, gets: { "x-error": undefined } },
      { reply: { "content-type": "text/html" }, gets: { "x-media": "yes", "x-other": undefined } },
      {
        reply: { "content-type": "TEXT/HTML ;charset=utf-8" },
        gets: { "x-media": "yes", "x-other": undefined },
      },
      { reply: { "content-type": "image/png" }, gets: { "x-media": "yes", "x-other": "yes" } },
      { reply: { "content-type": "text/html5" }, gets: { "x-media": undefined, "x-other": "yes" } },
      { gets: { "x-media": undefined, "x-other": "yes" } },
      { reply: { "x-cache": "hit" }, gets: yes },
      { reply: { "x-cache": "hit", "x-a": "1" }, gets: no },
      { headers: { "x-want": "abc" }, gets: { "x-wanted": "yes" } },
      { headers: { "x-want": "b" }, gets: { "x-wanted": undefined } },
    ],
  },
  {
    name: "the path of the client, whatever the service was sent",
    policy: {
      manifest: `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: $NAME, namespace: $NS }
spec:
  virtualhost: { fqdn: $HOST }
  routes:
    - conditions: [{ prefix: /from }]
      pathRewritePolicy: { replacePrefix: [{ prefix: /from, replacement: /to }] }
      services: [{ name: echo, port: 80 }]
---
apiVersion: policy.projectcontour.io/v1alpha1
kind: HeaderPolicy
metadata: { name: $NAME, namespace: $NS }
spec:
  targetRef: { kind: HTTPProxy, name: $NAME }
  response:
    - when: { path: { exact: /from/a } }
      set: { name: x-is, value: "yes" }
    - when: { path: { prefix: /to } }
      set: { name: x-rewritten, value: "yes" }
    - unless: { path: { pattern: "/from/[a-z]" } }
      set: { name: x-other, value: "yes" }`,
    },
    asks: [
      {
        path: "/from/a?b=c",
        headers: { "x-envoy-original-path": "/to/a" },
        gets: { ...yes, "x-rewritten": undefined, "x-other": undefined },
      },
      { path: "/from/abc", gets: { ...no, "x-rewritten": undefined, "x-other": "yes" } },
    ],
  },
  {
    name: "every operation on a condition",
    policy: `request:
  - when: &on { requestHeaders: [{ name: x-on, equals: "1" }] }
    add: { name: x-add, value: "new %REQ(x-on)%" }
  - when: *on
    addIfAbsent: { name: x-absent, value: new }
  - when: *on
    replace: { name: x-replace, value: "${"n".repeat(600)}" }
  - when: *on
    copy: { from: x-from, to: x-copy }
  - when: *on
    rename: { from: x-old, to: x-new }
  - when: *on
    move: { from: x-more, to: x-all }
  - when: *on
    rewrite: { name: x-rewrite, pattern: a, substitution: b }
  - when: *on
    remove: { name: x-remove }
  - when: *on
    remove: { prefix: X-Prefix- }
  - when: *on
    remove: { suffix: -suffix }
  - when: *on
    remove: { contains: part }
response:
  - when: { status: ["2xx"] }
    remove: { name: set-cookie }
  - when: { status: ["2xx"] }
    remove: { contains: debug }
  - when: { status: ["2xx"] }
    rewrite: { name: x-rewrite, pattern: a, substitution: b }`,
    asks: [false, true].map((on) => ({
      headers: {
        ...(on ? { "x-on": "1" } : {}),
        "x-add": "old",
        "x-replace": ["old", "older"],
        "x-from": ["1", "2"],
        "x-old": ["1", "2"],
        "x-new": "n",
        "x-more": "m",
        "x-all": "a",
        "x-rewrite": ["a", "b"],
        "x-remove": ["1", "2"],
        "x-prefix-a": "1",
        "a-suffix": "1",
        "a-part-b": "1",
      },
      status: on ? 200 : 500,
      reply: { "set-cookie": ["a=1", "b=2"], "x-debug-1": "1", "x-rewrite": "a" },
      sees: on
        ? {
          "x-add": ["old", "new 1"],
          "x-absent": "new",
          "x-replace": "n".repeat(600),
          "x-copy": "1,2",
          "x-old": undefined,
          "x-new": "1,2",
          "x-more": undefined,
          "x-all": ["a", "m"],
          "x-rewrite": "b,b",
          "x-remove": undefined,
          "x-prefix-a": undefined,
          "a-suffix": undefined,
          "a-part-b": undefined,
        }
        : {
          "x-add": "old",
          "x-absent": undefined,
          "x-replace": ["old", "older"],
          "x-copy": undefined,
          "x-old": ["1", "2"],
          "x-new": "n",
          "x-more": "m",
          "x-all": "a",
          "x-rewrite": ["a", "b"],
          "x-remove": ["1", "2"],
          "x-prefix-a": "1",
          "a-suffix": "1",
          "a-part-b": "1",
        },
      gets: on
        ? { "set-cookie": undefined, "x-debug-1": undefined, "x-rewrite": "b" }
        : { "set-cookie": "a=1, b=2", "x-debug-1": "1", "x-rewrite": "a" },
    })),
  },
  {
    name: "clients and services cannot take headers away themselves",
    policy: `request:
  - when: { methods: [POST] }
    remove: { name: x-a }
  - set: { name: x-user, value: us }
response:
  - when: { status: ["404"] }
    remove: { name: x-b }
  - set: { name: x-frame-options, value: DENY }`,
    asks: [{
      headers: {
        "x-contour-header-policy-drop": ["exact:x-user", "prefix:x"],
        "x-contour-header-policy-value": "1",
        "x-a": "1",
      },
      reply: { "x-contour-header-policy-drop": "contains:x", "x-b": "1" },
      sees: { "x-user": "us", "x-a": "1", "x-contour-header-policy-drop": undefined },
      gets: {
        "x-frame-options": "DENY",
        "x-b": "1",
        "x-contour-header-policy-drop": undefined,
      },
    }],
  },
];
