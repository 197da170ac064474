/** Includes, and hosts as a whole. */
import { answering, proxy, root, route, sound } from "../objects.ts";
import { fqdn, type Guilty, odd } from "./guilty.ts";

const web = { name: "web", port: 80 };

const include = (...conditions: readonly unknown[]) => ({
  includes: [{ name: "odd-child", conditions }],
});
const child = (...conditions: readonly unknown[]) =>
  proxy("odd-child", { routes: [{ conditions, services: [web] }] });

const includes: readonly Guilty[] = [
  odd(
    "an include of nothing",
    root({ includes: [{ name: "odd-nowhere" }], routes: [sound] }),
    "spec.includes[0].name",
    { ok: 200 },
  ),
  odd(
    "an include of itself",
    [
      root({ includes: [{ name: "odd-child" }], routes: [sound] }),
      proxy("odd-child", { includes: [{ name: "odd-child" }] }),
    ],
    "",
    { object: "HTTPProxy odd-child", ok: 200 },
  ),
  odd(
    "an include of a root",
    [
      root({ includes: [{ name: "odd-child" }], routes: [sound] }),
      proxy("odd-child", { virtualhost: { fqdn: `other.${fqdn}` }, routes: [sound] }),
    ],
    "spec.includes[0]",
    { ok: 200 },
  ),
  odd(
    "an include by a regex",
    [root({ ...include({ regex: "/a" }), routes: [sound] }), child()],
    "spec.includes[0].conditions[0].regex",
    { ok: 200 },
  ),
  odd(
    "an include with a parameter condition without a name",
    [
      root({ ...include({ queryParameter: { name: "", present: true } }), routes: [sound] }),
      child(),
    ],
    "spec.includes[0].conditions[0]",
    { ok: 200 },
  ),
  odd(
    "an include with a header condition with a line break",
    [root({ ...include({ header: { name: "a\n", present: true } }), routes: [sound] }), child()],
    "spec.includes[0].conditions[0]",
    { ok: 200 },
  ),
  odd(
    "an included regex of which RE2 knows nothing",
    [root({ ...include({ prefix: "/a" }), routes: [sound] }), child({ regex: "/\\p{LC}" })],
    "spec.routes[0].conditions[0]",
    { object: "HTTPProxy odd-child", ok: 200 },
  ),
  odd(
    "duplicate includes",
    [
      root({
        includes: [...include({ prefix: "/a" }).includes, ...include({ prefix: "/a" }).includes],
        routes: [sound],
      }),
      child(),
    ],
    "spec.includes[1]",
    { ok: 200 },
  ),
  odd("includes that double at each of 17 levels", doubling(17), "spec.includes"),
];

/** Two to the power of `levels` routes. */
function doubling(levels: number) {
  const below = (level: number) =>
    ["a", "b"].map((letter) => ({
      name: `odd-${level}`,
      conditions: [{ prefix: `/${letter}` }],
    }));
  return [
    root({ includes: below(1), routes: [sound] }),
    ...Array.from(
      { length: levels - 1 },
      (_, i) => proxy(`odd-${i + 1}`, { includes: below(i + 2) }),
    ),
    proxy(`odd-${levels}`, { routes: [{ services: [web] }] }),
  ];
}

const wholes: readonly Guilty[] = [
  odd("a host that another claims", [
    root({ routes: [sound] }),
    proxy("odd-rival", { virtualhost: { fqdn }, routes: [sound] }),
  ], "spec.virtualhost.fqdn"),
  odd("a host of nothing", root({}), "spec"),
  odd(
    "a host in upper case",
    root({ routes: [sound] }, { fqdn: "ODD.guilty.test" }),
    "spec.virtualhost.fqdn",
    { beyond: "schema" },
  ),
  odd(
    "a host with a line break",
    root({ routes: [sound] }, { fqdn: "odd.guilty.test\n" }),
    "spec.virtualhost.fqdn",
    { beyond: "schema" },
  ),
  odd(
    "a host with a port",
    root({ routes: [sound] }, { fqdn: "odd.guilty.test:80" }),
    "spec.virtualhost.fqdn",
    { beyond: "schema" },
  ),
  odd(
    "a host of the scope that nobody claims",
    root({ routes: [sound] }, { fqdn: "~" }),
    "spec.virtualhost.fqdn",
    { beyond: "schema" },
  ),
  odd("a host that is a number", root({ routes: [sound] }, { fqdn: 7 }), "spec.virtualhost.fqdn", {
    beyond: "schema",
  }),
  odd("a spec that is a text", proxy("odd", "spec"), "spec", { beyond: "schema" }),
  odd("routes that are a map", root({ routes: { a: sound } }), "spec.routes", { beyond: "schema" }),
  odd("a route that is nothing", root({ routes: [7] }), "spec.routes[0]", { beyond: "schema" }),
  odd(
    "a class that is a list",
    root({ routes: [sound], ingressClassName: ["contour"] }),
    "spec.ingressClassName",
    { beyond: "schema" },
  ),
  odd(
    "an origin that is no regex",
    answering({ directResponsePolicy: { statusCode: 200 } }, {
      corsPolicy: { allowOrigin: ["("], allowMethods: ["GET"] },
    }),
    "spec.virtualhost.corsPolicy",
  ),
  odd(
    "an origin that only Go takes",
    answering({ directResponsePolicy: { statusCode: 200 } }, {
      corsPolicy: { allowOrigin: ["\\p{LC}"], allowMethods: ["GET"] },
    }),
    "spec.virtualhost.corsPolicy",
  ),
  odd(
    "methods with a line break",
    answering({ directResponsePolicy: { statusCode: 200 } }, {
      corsPolicy: { allowOrigin: ["*"], allowMethods: ["GET\n"] },
    }),
    "spec.virtualhost.corsPolicy.allowMethods[0]",
    { beyond: "schema" },
  ),
  odd(
    "an age of less than nothing",
    answering({ directResponsePolicy: { statusCode: 200 } }, {
      corsPolicy: { allowOrigin: ["*"], allowMethods: ["GET"], maxAge: "-5s" },
    }),
    "spec.virtualhost.corsPolicy.maxAge",
    { beyond: "schema" },
  ),
  odd(
    "a range of addresses that is none",
    answering({ directResponsePolicy: { statusCode: 200 } }, {
      ipAllowPolicy: [{ source: "Peer", cidr: "10.0.0.0/33" }],
    }),
    "spec.virtualhost.ipAllowPolicy[0].cidr",
  ),
  odd(
    "a range with a zone",
    answering({ directResponsePolicy: { statusCode: 200 } }, {
      ipAllowPolicy: [{ source: "Peer", cidr: "fe80::1%eth0/64" }],
    }),
    "spec.virtualhost.ipAllowPolicy[0].cidr",
  ),
  odd(
    "a range of words on a route",
    route({ ipDenyPolicy: [{ source: "Remote", cidr: "everyone" }] }),
    "spec.routes[0].ipDenyPolicy[0].cidr",
  ),
  odd(
    "allowed and denied at once",
    answering({ directResponsePolicy: { statusCode: 200 } }, {
      ipAllowPolicy: [{ source: "Peer", cidr: "10.0.0.0/8" }],
      ipDenyPolicy: [{ source: "Peer", cidr: "10.0.0.0/8" }],
    }),
    "spec.virtualhost",
  ),
];

/** See {@link Guilty}. */
export const hosts: readonly Guilty[] = [...includes, ...wholes];
