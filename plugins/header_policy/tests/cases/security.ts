import type { Case } from "../case.ts";
import { securityHeaders } from "../../program/security_presets.ts";

const absent = Object.fromEntries(Object.values(securityHeaders).map((name) => [name, undefined]));

/** Security headers and CORS beyond what the presets say. */
export const security: readonly Case[] = [
  {
    name: "strict transport security is for tls alone",
    policy: "security: { strictTransportSecurity: max-age=60 }",
    asks: [
      { gets: absent },
      { tls: true, gets: { ...absent, "strict-transport-security": "max-age=60" } },
    ],
  },
  {
    name: "headers of the service are replaced, or kept",
    policy: "security: { preset: strict }",
    asks: [{
      reply: {
        "content-security-policy": ["a", "b"],
        "x-frame-options": "ALLOWALL",
        "x-powered-by": "PHP",
        "x-php-version": "5",
      },
      gets: { "x-frame-options": "DENY", "x-powered-by": undefined, "x-php-version": undefined },
    }],
  },
  {
    name: "headers of the service are kept where that is said",
    policy: "security: { preset: strict, existing: keep, fingerprints: keep }",
    asks: [{
      reply: { "x-frame-options": "ALLOWALL", "x-powered-by": "PHP" },
      gets: {
        "x-frame-options": "ALLOWALL",
        "x-content-type-options": "nosniff",
        "x-powered-by": "PHP",
      },
    }],
  },
  {
    name: "steps for responses have the last word",
    policy: `security: { preset: balanced }
response:
  - when: { contentTypes: [application/pdf] }
    set: { name: x-frame-options, value: DENY }
  - when: { path: { prefix: /embed } }
    remove: { name: x-frame-options }`,
    asks: [
      { gets: { "x-frame-options": "SAMEORIGIN" } },
      { reply: { "content-type": "application/pdf" }, gets: { "x-frame-options": "DENY" } },
      { path: "/embed", gets: { "x-frame-options": undefined } },
    ],
  },
  {
    name: "cors for named origins",
    policy: `cors:
  preset: trusted
  allowOrigins: [https://shop.test, "https://*.shop.test"]
  exposeHeaders: [x-page]`,
    asks: [
      ...["https://shop.test", "https://a.b.shop.test"].map((origin) => ({
        headers: { origin },
        gets: {
          "access-control-allow-origin": origin,
          "access-control-allow-credentials": "true",
          "access-control-expose-headers": "x-page",
        },
      })),
      ...["https://shop.test.evil.test", "http://shop.test", "https://evilshop.test"].map((
        origin,
      ) => ({
        headers: { origin },
        gets: { "access-control-allow-origin": undefined },
      })),
      {
        method: "OPTIONS",
        headers: { origin: "https://shop.test", "access-control-request-method": "PUT" },
        gets: {
          "access-control-allow-origin": "https://shop.test",
          "access-control-allow-methods": "GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS",
          "access-control-max-age": "600",
        },
      },
    ],
  },
  {
    name: "cors of a route stands in place of that of its host",
    policy: {
      manifest: `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: root, namespace: $NS }
spec:
  virtualhost:
    fqdn: $HOST
    plugins:
      headers:
        cors: { preset: trusted, allowOrigins: [https://shop.test], exposeHeaders: [x-page] }
  routes:
    - services: [{ name: echo, port: 80 }]
    - conditions: [{ prefix: /feed }]
      plugins: { headers: { cors: { preset: readOnly } } }
      services: [{ name: echo, port: 80 }]
    - conditions: [{ prefix: /alone }]
      plugins: { headers: { inherit: false } }
      services: [{ name: echo, port: 80 }]`,
    },
    asks: [
      {
        headers: { origin: "https://other.test" },
        gets: { "access-control-allow-origin": undefined },
      },
      {
        path: "/feed",
        headers: { origin: "https://other.test" },
        gets: {
          "access-control-allow-origin": "https://other.test",
          "access-control-allow-credentials": undefined,
          "access-control-expose-headers": "content-type",
        },
      },
      {
        method: "OPTIONS",
        path: "/feed",
        headers: { origin: "https://other.test", "access-control-request-method": "GET" },
        gets: {
          "access-control-allow-methods": "GET,HEAD,OPTIONS",
          "access-control-allow-headers": "accept",
        },
      },
      {
        path: "/alone",
        headers: { origin: "https://shop.test" },
        gets: { "access-control-allow-origin": undefined },
      },
    ],
  },
];
