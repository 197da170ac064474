import assert from "node:assert/strict";
import { load } from "js-yaml";
import { compile } from "../configuration/compile.ts";
import { readConfiguration } from "../configuration/read.ts";
import { descriptorReach } from "./descriptor_reach.ts";
import { unreachedLimits } from "./unreached_limits.ts";
import { unverifiedClaims } from "./unverified_claims.ts";

interface Written {
  readonly kind: string;
  readonly name: string;
  readonly spec: unknown;
}

function linted(objects: readonly Written[]) {
  const all = objects.map((object) => ({
    namespace: "default",
    labels: {},
    annotations: {},
    ...object,
  }));
  return {
    objects: all.filter(({ kind }) => kind === "HTTPProxy"),
    policies: all.filter(({ kind }) => kind === "RateLimit"),
    settings: {},
  };
}

function proxy(name: string, spec: string): Written {
  return { kind: "HTTPProxy", name, spec: load(spec) };
}

function policy(name: string, spec: string): Written {
  return { kind: "RateLimit", name, spec: load(spec) };
}

const limit = "limits: [{requests: 1, unit: second}]";
const forShop = "targetRefs: [{kind: HTTPProxy, name: shop}]";

Deno.test("limits of a host of which every rule has its own", () => {
  const found = (routes: string, ...others: Written[]) =>
    unreachedLimits.check(linted([
      proxy("shop", `{virtualhost: {fqdn: a.b}, routes: ${routes}}`),
      policy("host", `{${forShop}, ${limit}}`),
      ...others,
    ])).map(({ object, path }) => `${object?.name} ${path}`);
  const own = `plugins: {rateLimit: {${limit}}}`;
  const section = (name: string, more = "") =>
    policy(
      name,
      `{targetRefs: [{kind: HTTPProxy, name: shop, sectionName: "${name}"}], ${limit}${more}}`,
    );
  assert.deepEqual(found(`[{${own}}, {${own}}]`), ["host spec.limits"]);
  assert.deepEqual(found(`[{${own}}, {}]`), []);
  assert.deepEqual(found(`[{${own}}, {}]`, section("routes[1]")), ["host spec.limits"]);
  assert.deepEqual(found(`[{${own}}, {}]`, section("/")), ["host spec.limits"]);
  assert.deepEqual(found(`[{${own}}, {}]`, section("/", ", inherit: true")), []);
  assert.deepEqual(found("[{plugins: {rateLimit: {inherit: true}}}]"), []);
});

Deno.test("claims that nobody verifies", () => {
  const claims = "limits: [{requests: 1, unit: second, by: {jwtClaims: [sub]}}]";
  const found = (host: string) =>
    unverifiedClaims.check(linted([
      proxy("shop", `{virtualhost: ${host}, routes: [{}]}`),
      policy("host", `{${forShop}, ${claims}}`),
    ])).map(({ path }) => path);
  assert.deepEqual(found("{fqdn: a.b}"), ["spec.limits[0].by.jwtClaims"]);
  assert.deepEqual(found("{fqdn: a.b, jwtProviders: [{name: ours}]}"), []);
});

Deno.test("descriptors and limits that do not find each other", () => {
  const reading = readConfiguration(
    `
domain: shop
descriptors:
- key: remote_address
  rate_limit: {unit: second, requests_per_unit: 5}
- key: generic_key
  value: search
  descriptors:
  - key: user
    value: admin*
    rate_limit: {unlimited: true, name: admins}
  - key: user
    rate_limit: {unit: second, requests_per_unit: 1, name: users}
- key: generic_key
  value: probe
- key: generic_key
  value: nobody
  rate_limit: {unit: second, requests_per_unit: 1}
`,
    "limits.yaml",
  );
  assert.ok(reading.ok);
  const { domains } = compile([{ ...reading, name: "limits.yaml" }], {
    algorithm: "gcra",
    mergeDomains: true,
    nearLimitRatio: 0.8,
  });
  const spec = load(`
virtualhost:
  rateLimitPolicy: {global: {descriptors: [{entries: [{remoteAddress: {}}]}]}}
routes:
- rateLimitPolicy:
    global:
      descriptors:
      - entries: [{genericKey: {value: search}}, {requestHeader: {descriptorKey: user}}]
      - entries: [{genericKey: {value: serach}}, {requestHeader: {descriptorKey: user}}]
      - entries: [{genericKey: {value: probe}}]
      - entries: [{genericKey: {value: search}}]
      - entries: [{requestHeaderValueMatch: {value: bot}}]
`);
  const { unanswered, unreached } = descriptorReach([{ spec }], [...domains.values()]);
  const path = (i: number) => `spec.routes[0].rateLimitPolicy.global.descriptors[${i}]`;
  assert.deepEqual(unanswered, [[path(1), path(3), path(4)]]);
  assert.deepEqual(unreached.map(({ limit }) => limit.fullKey), ["shop.generic_key_nobody"]);
});
