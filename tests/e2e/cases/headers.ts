import assert from "node:assert/strict";
import { root } from "../manifest.ts";
import { type Case, echoOf } from "../stage.ts";

/** What becomes of headers on the way. */
export const headers: readonly Case[] = [
  {
    name: "request headers are set, overwritten and removed, by routes and by services",
    manifest: root(
      "request-headers.test",
      `
      routes:
      - services:
        - name: a
          port: 80
          requestHeadersPolicy:
            set: [{ name: X-Service, value: "%CONTOUR_SERVICE_NAME%:%CONTOUR_SERVICE_PORT%" }]
            remove: [X-Secret]
        requestHeadersPolicy:
          set:
          - { name: X-Team, value: "%CONTOUR_NAMESPACE%" }
          - { name: X-Old, value: new }
          remove: [X-Gone]
      `,
    ),
    async check({ ask }) {
      const sent = { "x-old": "old", "x-gone": "1", "x-secret": "1", "x-kept": "1" };
      const { headers } = echoOf(await ask({ host: "request-headers.test", headers: sent }));
      const seen = ["x-team", "x-old", "x-gone", "x-service", "x-secret", "x-kept"];
      assert.deepEqual(Object.fromEntries(seen.map((name) => [name, headers[name]])), {
        "x-team": "default",
        "x-old": "new",
        "x-gone": undefined,
        "x-service": "a:80",
        "x-secret": undefined,
        "x-kept": "1",
      });
      assert.match(headers["x-request-start"] ?? "", /^t=\d+\.\d{3}$/);
    },
  },
  {
    name: "values may hold variables of Envoy, and any other percent sign is one",
    manifest: root(
      "header-variables.test",
      `
      routes:
      - services: [{ name: a, port: 80 }]
        requestHeadersPolicy:
          set:
          - { name: X-Client, value: "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%" }
          - { name: X-Copy, value: "was %REQ(X-Original)%" }
          - { name: X-Protocol, value: "%PROTOCOL%" }
          - { name: X-Percent, value: "100%" }
          - { name: X-Unknown, value: "%START_TIME%" }
      `,
    ),
    async check({ ask }) {
      const { headers } = echoOf(
        await ask({ host: "header-variables.test", headers: { "x-original": "this" } }),
      );
      assert.equal(headers["x-client"], "127.0.0.1");
      assert.equal(headers["x-copy"], "was this");
      assert.equal(headers["x-protocol"], "HTTP/1.1");
      assert.equal(headers["x-percent"], "100%");
      assert.equal(headers["x-unknown"], "%START_TIME%");
    },
  },
  {
    name: "response headers are set and removed, by routes and by services",
    manifest: root(
      "response-headers.test",
      `
      routes:
      - services:
        - name: a
          port: 80
          responseHeadersPolicy:
            set: [{ name: X-Service, value: "%CONTOUR_SERVICE_NAME%" }]
            remove: [Content-Type]
        responseHeadersPolicy:
          set:
          - { name: X-Team, value: "%CONTOUR_NAMESPACE%" }
          - { name: X-Flags, value: "%RESPONSE_FLAGS%" }
          remove: [X-Internal]
      `,
    ),
    async check({ ask }) {
      const { headers } = await ask({
        host: "response-headers.test",
        headers: { "x-backend-reply": "x-internal=1" },
      });
      assert.equal(headers["x-service"], "a");
      assert.equal(headers["x-team"], "default");
      assert.equal(headers["x-flags"], "-");
      assert.equal(headers["x-internal"], undefined);
      assert.equal(headers["content-type"], undefined);
    },
  },
  {
    name: "the Host is rewritten to a text, to another header's value, and by a service",
    manifest: root(
      "host-rewrite.test",
      `
      routes:
      - conditions: [{ prefix: /literal }]
        services: [{ name: a, port: 80 }]
        requestHeadersPolicy: { set: [{ name: Host, value: inner.example }] }
      - conditions: [{ prefix: /header }]
        services: [{ name: a, port: 80 }]
        requestHeadersPolicy: { set: [{ name: Host, value: "%REQ(X-Host)%" }] }
      - conditions: [{ prefix: /service }]
        services:
        - name: a
          port: 80
          requestHeadersPolicy: { set: [{ name: Host, value: service.example }] }
      - services: [{ name: a, port: 80 }]
      `,
    ),
    async check({ ask }) {
      const host = "host-rewrite.test";
      const seen = async (path: string) =>
        echoOf(await ask({ host, path, headers: { "x-host": "other.example" } })).host;
      assert.equal(await seen("/literal"), "inner.example");
      assert.equal(await seen("/header"), "other.example");
      assert.equal(await seen("/service"), "service.example");
      assert.equal(await seen("/"), host);
    },
  },
];
