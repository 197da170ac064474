import { root } from "../manifest.ts";
import { type Case, routes } from "../stage.ts";

const to = (name: string) => `services: [{ name: ${name}, port: 80 }]`;

/** Which rule of a host takes a request. */
export const conditions: readonly Case[] = [
  {
    name: "a prefix compares text, and the longest one wins",
    manifest: root(
      "prefix.test",
      `
      routes:
      - conditions: [{ prefix: / }]
        ${to("a")}
      - conditions: [{ prefix: /foo }]
        ${to("b")}
      - conditions: [{ prefix: /foo/bar }]
        ${to("c")}
      `,
    ),
    check: routes("prefix.test", [
      { path: "/", to: "a" },
      { path: "/fo", to: "a" },
      { path: "/foo", to: "b" },
      { path: "/foobar", to: "b" },
      { path: "/foo/ba?x=/foo/bar", to: "b" },
      { path: "/foo/bar/baz", to: "c" },
      { path: "//foo//bar", to: "c" },
      { path: "/foo/../foo/bar", to: "c" },
      { path: "/FOO", to: "a" },
    ]),
  },
  {
    name: "exact goes before regex, regex before prefix, whatever the order of writing",
    manifest: root(
      "path-kinds.test",
      `
      routes:
      - conditions: [{ prefix: /shop/cart }]
        ${to("a")}
      - conditions: [{ regex: "/shop/[a-z]+" }]
        ${to("b")}
      - conditions: [{ exact: /shop/cart }]
        ${to("c")}
      `,
    ),
    check: routes("path-kinds.test", [
      { path: "/shop/cart", to: "c" },
      { path: "/shop/cart?x=1", to: "c" },
      { path: "/shop/carts", to: "b" },
      { path: "/shop/cart/1", to: "a" },
      { path: "/shop/1", status: 404 },
    ]),
  },
  {
    name: "a longer regex goes first, and has to match the whole path",
    manifest: root(
      "regex.test",
      `
      routes:
      - conditions: [{ regex: "/v[0-9]+/.*" }]
        ${to("a")}
      - conditions: [{ regex: "/v[0-9]+/items/[^/]+" }]
        ${to("b")}
      `,
    ),
    check: routes("regex.test", [
      { path: "/v1/items/7", to: "b" },
      { path: "/v1/items/7/8", to: "a" },
      { path: "/v1", status: 404 },
      { path: "/x/v1/items/7", status: 404 },
    ]),
  },
  {
    name: "header: present and notpresent",
    manifest: root(
      "header-present.test",
      `
      routes:
      - conditions: [{ header: { name: X-Beta, present: true } }]
        ${to("a")}
      - conditions: [{ header: { name: X-Beta, notpresent: true } }]
        ${to("b")}
      `,
    ),
    check: routes("header-present.test", [
      { headers: { "x-beta": "1" }, to: "a" },
      { headers: { "x-beta": "" }, to: "a" },
      { to: "b" },
    ]),
  },
  {
    name: "header: contains and notcontains",
    manifest: root(
      "header-contains.test",
      `
      routes:
      - conditions: [{ prefix: /has }, { header: { name: x-kind, contains: ell } }]
        ${to("a")}
      - conditions: [{ prefix: /lacks }, { header: { name: x-kind, notcontains: ell } }]
        ${to("b")}
      - conditions: [{ prefix: /lacks-or-missing }, { header: { name: x-kind, notcontains: ell, treatMissingAsEmpty: true } }]
        ${to("c")}
      - conditions: [{ prefix: /case }, { header: { name: x-kind, contains: ELL, ignoreCase: true } }]
        ${to("c")}
      `,
    ),
    check: routes("header-contains.test", [
      { path: "/has", headers: { "x-kind": "hello" }, to: "a" },
      { path: "/has", headers: { "x-kind": "HELLO" }, status: 404 },
      { path: "/has", status: 404 },
      { path: "/lacks", headers: { "x-kind": "world" }, to: "b" },
      { path: "/lacks", headers: { "x-kind": "hello" }, status: 404 },
      { path: "/lacks", status: 404 },
      { path: "/lacks-or-missing", to: "c" },
      { path: "/lacks-or-missing", headers: { "x-kind": "hello" }, status: 404 },
      { path: "/case", headers: { "x-kind": "Hello" }, to: "c" },
    ]),
  },
  {
    name: "header: exact and notexact",
    manifest: root(
      "header-exact.test",
      `
      routes:
      - conditions: [{ prefix: /is }, { header: { name: x-user, exact: Ann } }]
        ${to("a")}
      - conditions: [{ prefix: /is-not }, { header: { name: x-user, notexact: Ann } }]
        ${to("b")}
      - conditions: [{ prefix: /is-not-or-missing }, { header: { name: x-user, notexact: Ann, treatMissingAsEmpty: true } }]
        ${to("c")}
      - conditions: [{ prefix: /case }, { header: { name: x-user, exact: ANN, ignoreCase: true } }]
        ${to("c")}
      `,
    ),
    check: routes("header-exact.test", [
      { path: "/is", headers: { "x-user": "Ann" }, to: "a" },
      { path: "/is", headers: { "x-user": "ann" }, status: 404 },
      { path: "/is", headers: { "x-user": "Ann B" }, status: 404 },
      { path: "/is-not", headers: { "x-user": "Bob" }, to: "b" },
      { path: "/is-not", headers: { "x-user": "Ann" }, to: "a" },
      { path: "/is-not", status: 404 },
      { path: "/is-not-or-missing", to: "c" },
      { path: "/case", headers: { "x-user": "ann" }, to: "c" },
    ]),
  },
  {
    name: "header: regex, and conditions that all have to hold",
    manifest: root(
      "header-regex.test",
      `
      routes:
      - conditions:
        - header: { name: x-version, regex: "v[0-9]+" }
        - header: { name: x-user, present: true }
        ${to("a")}
      - conditions: [{ header: { name: x-version, regex: "v[0-9]+" } }]
        ${to("b")}
      `,
    ),
    check: routes("header-regex.test", [
      { headers: { "x-version": "v12", "x-user": "x" }, to: "a" },
      { headers: { "x-version": "v12" }, to: "b" },
      { headers: { "x-version": "v12-beta" }, status: 404 },
      { headers: { "x-user": "x" }, status: 404 },
    ]),
  },
  {
    name: "query parameters, by every operator",
    manifest: root(
      "query.test",
      `
      routes:
      - conditions: [{ prefix: /exact }, { queryParameter: { name: q, exact: Red } }]
        ${to("a")}
      - conditions: [{ prefix: /prefix }, { queryParameter: { name: q, prefix: Re } }]
        ${to("a")}
      - conditions: [{ prefix: /suffix }, { queryParameter: { name: q, suffix: ed } }]
        ${to("a")}
      - conditions: [{ prefix: /contains }, { queryParameter: { name: q, contains: e } }]
        ${to("a")}
      - conditions: [{ prefix: /regex }, { queryParameter: { name: q, regex: "[A-Z]ed" } }]
        ${to("a")}
      - conditions: [{ prefix: /present }, { queryParameter: { name: q, present: true } }]
        ${to("a")}
      - conditions: [{ prefix: /case }, { queryParameter: { name: q, exact: RED, ignoreCase: true } }]
        ${to("a")}
      `,
    ),
    check: routes("query.test", [
      { path: "/exact?q=Red", to: "a" },
      { path: "/exact?q=red", status: 404 },
      { path: "/exact?Q=Red", status: 404 },
      { path: "/exact?x=1&q=Red", to: "a" },
      { path: "/prefix?q=Redish", to: "a" },
      { path: "/prefix?q=aRed", status: 404 },
      { path: "/suffix?q=aRed", to: "a" },
      { path: "/suffix?q=Redish", status: 404 },
      { path: "/contains?q=xex", to: "a" },
      { path: "/contains?q=", status: 404 },
      { path: "/regex?q=Red", to: "a" },
      { path: "/regex?q=Reds", status: 404 },
      { path: "/present?q", to: "a" },
      { path: "/present?q=", to: "a" },
      { path: "/present", status: 404 },
      { path: "/case?q=rEd", to: "a" },
    ]),
  },
  {
    name: "of equal paths the rule with more conditions goes first",
    manifest: root(
      "order.test",
      `
      routes:
      - conditions: [{ prefix: /p }]
        ${to("a")}
      - conditions: [{ prefix: /p }, { queryParameter: { name: q, present: true } }]
        ${to("b")}
      - conditions: [{ prefix: /p }, { header: { name: x-user, present: true } }]
        ${to("c")}
      `,
    ),
    check: routes("order.test", [
      { path: "/p", to: "a" },
      { path: "/p?q=1", to: "b" },
      { path: "/p?q=1", headers: { "x-user": "1" }, to: "c" },
    ]),
  },
];
