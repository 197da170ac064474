import assert from "node:assert/strict";
import { send } from "../../support/http_client.ts";
import { root } from "../manifest.ts";
import type { Case } from "../stage.ts";

/** What a backend is told to answer: first a redirect so many times, then all is well. */
const redirects = (location: string, { times = 1, status = 302 } = {}) => ({
  "x-backend-fail": String(times),
  "x-backend-status": String(status),
  "x-backend-reply": `location=${location}`,
});

/** Redirects of backends that Envoy follows itself. */
export const internalRedirects: readonly Case[] = [
  {
    name: "redirects are followed as often, for the codes and to the places a route allows",
    manifest: root(
      "inner-redirect.test",
      `
        routes:
        - conditions: [{ prefix: /none }]
          services: [{ name: a, port: 80 }]
        - conditions: [{ prefix: /once }]
          services: [{ name: a, port: 80 }]
          internalRedirectPolicy: {}
        - conditions: [{ prefix: /twice }]
          services: [{ name: a, port: 80 }]
          internalRedirectPolicy: { maxInternalRedirects: 2 }
        - conditions: [{ prefix: /codes }]
          services: [{ name: a, port: 80 }]
          internalRedirectPolicy: { redirectResponseCodes: [307, 308] }
        - conditions: [{ prefix: /always }]
          services: [{ name: a, port: 80 }]
          internalRedirectPolicy: { allowCrossSchemeRedirect: Always }
        - conditions: [{ prefix: /safe }]
          services: [{ name: a, port: 80 }]
          internalRedirectPolicy: { allowCrossSchemeRedirect: SafeOnly }
        - conditions: [{ prefix: /repeated }]
          services: [{ name: a, port: 80 }]
          internalRedirectPolicy: { denyRepeatedRouteRedirect: true, maxInternalRedirects: 5 }
        - conditions: [{ prefix: /there }]
          services: [{ name: a, port: 80 }]
        `,
    ),
    async check({ gateway: { place } }) {
      const here = "http://inner-redirect.test/there";
      const rows = [
        { path: "/none", headers: redirects(here), status: 302 },
        { path: "/once", headers: redirects(here), status: 200 },
        { path: "/once", headers: redirects(here, { status: 307 }), status: 307 },
        {
          path: "/once",
          headers: redirects("http://inner-redirect.test/once", { times: 2 }),
          status: 302,
        },
        {
          path: "/twice",
          headers: redirects("http://inner-redirect.test/twice", { times: 2 }),
          status: 200,
        },
        { path: "/codes", headers: redirects(here, { status: 307 }), status: 200 },
        { path: "/codes", headers: redirects(here, { status: 308 }), status: 200 },
        { path: "/codes", headers: redirects(here), status: 302 },
        {
          path: "/once",
          headers: redirects("https://inner-redirect.test/there"),
          status: 302,
        },
        { path: "/always", headers: redirects("https://inner-redirect.test/there"), status: 200 },
        { path: "/safe", headers: redirects("https://inner-redirect.test/there"), status: 302 },
        { path: "/safe", headers: redirects(here), status: 200 },
        {
          path: "/repeated",
          headers: redirects("http://inner-redirect.test/repeated", { times: 2 }),
          status: 302,
        },
        { path: "/repeated", headers: redirects(here), status: 200 },
      ];
      // Not by `ask`: which rule takes the request in the end is not what `explain` is asked for.
      for (const { path, headers, status } of rows) {
        const target = { address: place.address, port: place.http };
        const answer = await send(target, { host: "inner-redirect.test", path, headers });
        assert.equal(answer.status, status, JSON.stringify({ path, headers }));
      }
    },
  },
];
