import { documents, proxy, root } from "../manifest.ts";
import { type Case, routes } from "../stage.ts";

const to = (name: string) => `services: [{ name: ${name}, port: 80 }]`;

/** Hosts that several HTTPProxies make up together. */
export const includes: readonly Case[] = [
  {
    name: "an include adds its conditions to those of another namespace's routes",
    manifest: documents(
      root(
        "include.test",
        `
        includes:
        - name: team-shop
          namespace: team
          conditions: [{ prefix: /shop }, { header: { name: x-beta, present: true } }]
        - name: team-blog
          namespace: team
          conditions: [{ prefix: /blog }]
        routes:
        - ${to("a")}
        `,
      ),
      proxy(
        "team-shop",
        `
        routes:
        - conditions: [{ prefix: /cart }, { queryParameter: { name: q, present: true } }]
          ${to("b")}
        - ${to("c")}
        `,
        { namespace: "team" },
      ),
      proxy(
        "team-blog",
        `
        includes: [{ name: team-feed, conditions: [{ prefix: /feed }] }]
        routes:
        - conditions: [{ exact: /today }]
          ${to("b")}
        `,
        { namespace: "team" },
      ),
      proxy("team-feed", `routes: [{ conditions: [{ regex: "/[0-9]+" }], ${to("c")} }]`, {
        namespace: "team",
      }),
    ),
    check: routes("include.test", [
      { path: "/", to: "a" },
      { path: "/shop/cart?q=1", headers: { "x-beta": "1" }, to: "b" },
      { path: "/shop/cart", headers: { "x-beta": "1" }, to: "c" },
      { path: "/shop/cart?q=1", to: "a" },
      { path: "/blog/today", to: "b" },
      { path: "/blog/today/2", to: "a" },
      { path: "/blog/feed/7", to: "c" },
      { path: "/blog/feed/x", to: "a" },
    ]),
  },
  {
    name: "a route of the root wins over an included one for the same requests",
    manifest: documents(
      root(
        "include-order.test",
        `
        includes: [{ name: include-order-child, conditions: [{ prefix: /same }] }]
        routes: [{ conditions: [{ prefix: /same }], ${to("a")} }]
        `,
      ),
      proxy("include-order-child", `routes: [{ ${to("b")} }]`),
    ),
    check: routes("include-order.test", [{ path: "/same", to: "a" }]),
  },
  {
    name: "an include whose target is missing answers 502, and its neighbours are served",
    manifest: root(
      "include-missing.test",
      `
      includes: [{ name: nobody, conditions: [{ prefix: /gone }] }]
      routes: [{ ${to("a")} }]
      `,
    ),
    check: routes("include-missing.test", [
      { path: "/gone/x", status: 502 },
      { path: "/", to: "a" },
    ]),
  },
  {
    name: "an include that leads back to itself is left out, and the rest is served",
    manifest: documents(
      root(
        "include-cycle.test",
        `
        includes: [{ name: cycle-a, conditions: [{ prefix: /a }] }]
        routes: [{ ${to("a")} }]
        `,
      ),
      proxy(
        "cycle-a",
        `
        includes: [{ name: cycle-b, conditions: [{ prefix: /b }] }]
        routes: [{ ${to("b")} }]
        `,
      ),
      proxy("cycle-b", `includes: [{ name: cycle-a, conditions: [{ prefix: /c }] }]`),
    ),
    check: routes("include-cycle.test", [
      { path: "/", to: "a" },
      { path: "/a/x", to: "b" },
      { path: "/a/b/c", to: "b" },
    ]),
  },
  {
    name: "a mistake in one route silences the HTTPProxy it is in, and no other",
    manifest: documents(
      root(
        "include-broken.test",
        `
        includes: [{ name: include-broken-child, conditions: [{ prefix: /child }] }]
        routes: [{ ${to("a")} }]
        `,
      ),
      proxy(
        "include-broken-child",
        `
        routes:
        - conditions: [{ prefix: no-slash }]
          ${to("b")}
        - conditions: [{ prefix: /ok }]
          ${to("b")}
        `,
      ),
    ),
    check: routes("include-broken.test", [{ path: "/child/ok", to: "a" }]),
  },
];
