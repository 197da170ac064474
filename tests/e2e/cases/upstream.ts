import assert from "node:assert/strict";
import { documents, ported, root, service } from "../manifest.ts";
import { backendName, type Case, echoOf, routes, tally } from "../stage.ts";

const validated = (fqdn: string, protocol: string, validation: string) => {
  const name = protocol === "tls" ? "https" : protocol;
  const target = `{ name: ${name}, port: 80, protocol: ${protocol}, validation: ${validation} }`;
  return root(fqdn, `routes: [{ services: [${target}] }]`);
};

/** How Envoy speaks to backends, and what it makes of their trouble. */
export const upstream: readonly Case[] = [
  {
    name: "protocol of a service: h2c, h2 and tls",
    manifest: root(
      "protocol.test",
      `
      routes:
      - conditions: [{ prefix: /h2c }]
        services: [{ name: h2c, port: 80, protocol: h2c }]
      - conditions: [{ prefix: /h2/ }]
        services: [{ name: h2, port: 80, protocol: h2 }]
      - conditions: [{ prefix: /tls }]
        services: [{ name: https, port: 80, protocol: tls }]
      - conditions: [{ prefix: /sni }]
        services: [{ name: https, port: 80, protocol: tls }]
        requestHeadersPolicy: { set: [{ name: Host, value: inner.test }] }
      `,
    ),
    async check({ ask }) {
      const seen = async (path: string) => {
        const { backend, httpVersion, serverName } = echoOf(
          await ask({ host: "protocol.test", path, method: "POST", body: "x" }),
        );
        return { backend, httpVersion, serverName };
      };
      const [h2c, h2, tls, sni] = [
        await seen("/h2c"),
        await seen("/h2/"),
        await seen("/tls"),
        await seen("/sni"),
      ];
      assert.deepEqual(h2c, { backend: "h2c", httpVersion: "2", serverName: undefined });
      assert.deepEqual(h2, { backend: "h2", httpVersion: "2", serverName: "" });
      assert.deepEqual(tls, { backend: "https", httpVersion: "1.1", serverName: "" });
      assert.deepEqual(sni, { backend: "https", httpVersion: "1.1", serverName: "inner.test" });
    },
  },
  {
    name: "protocol of a Service, by annotation and by appProtocol",
    manifest: ({ backends }) =>
      documents(
        service("annotated", [backends.h2c], {
          annotations: { "projectcontour.io/upstream-protocol.h2c": "80" },
        }),
        service("app-protocol", [backends.https], { appProtocol: "https" }),
        root(
          "service-protocol.test",
          `
          routes:
          - conditions: [{ prefix: /annotation }]
            services: [{ name: annotated, port: 80 }]
          - conditions: [{ prefix: /app }]
            services: [{ name: app-protocol, port: 80 }]
          `,
        ),
      ),
    check: routes("service-protocol.test", [
      { path: "/annotation", to: "h2c" },
      { path: "/app", to: "https" },
    ]),
  },
  {
    name: "a backend's certificate is checked: its name and who signed it",
    manifest: documents(
      validated("valid.test", "tls", `{ caSecret: ca, subjectName: ${backendName} }`),
      validated("valid-h2.test", "h2", `{ caSecret: ca, subjectName: ${backendName} }`),
      validated(
        "valid-any.test",
        "tls",
        `{ caSecret: ca, subjectName: x.test, subjectNames: [x.test, ${backendName}] }`,
      ),
      validated("wrong-name.test", "tls", "{ caSecret: ca, subjectName: other.test }"),
      validated("wrong-ca.test", "tls", `{ caSecret: stranger-ca, subjectName: ${backendName} }`),
    ),
    async check(scene) {
      await routes("valid.test", [{ to: "https" }])(scene);
      await routes("valid-h2.test", [{ to: "h2" }])(scene);
      await routes("valid-any.test", [{ to: "https" }])(scene);
      await routes("wrong-name.test", [{ status: 503 }])(scene);
      await routes("wrong-ca.test", [{ status: 503 }])(scene);
    },
  },
  {
    name: "an endpoint that fails its health check gets no requests",
    manifest: root(
      "health.test",
      `
      routes:
      - conditions: [{ prefix: /checked }]
        services: [{ name: half, port: 80 }]
        healthCheckPolicy: { path: /healthz, intervalSeconds: 1, timeoutSeconds: 1 }
      - services: [{ name: half, port: 80 }]
      `,
    ),
    async check(scene) {
      const host = "health.test";
      assert.deepEqual(await tally(scene, { host, path: "/checked" }, 10), { a: 10 });
      assert.deepEqual(await tally(scene, { host }, 10), { a: 5, sick: 5 });
    },
  },
  {
    name: "the port that is probed need not be the one that gets the requests",
    manifest: ({ backends: { a, sick } }) =>
      documents(
        ported("healthy-elsewhere", { main: sick, health: a }),
        ported("sick-elsewhere", { main: a, health: sick }),
        root(
          "health-port.test",
          `
          routes:
          - conditions: [{ prefix: /healthy }]
            services: [{ name: healthy-elsewhere, port: 80, healthPort: 81 }]
            healthCheckPolicy: { path: /healthz, intervalSeconds: 1, healthyThresholdCount: 1 }
          - conditions: [{ prefix: /sick }]
            services: [{ name: sick-elsewhere, port: 80, healthPort: 81 }]
            healthCheckPolicy: { path: /healthz, intervalSeconds: 1, unhealthyThresholdCount: 1 }
          `,
        ),
      ),
    check: routes("health-port.test", [
      { path: "/healthy", to: "sick" },
      { path: "/sick", status: 503 },
    ]),
  },
  {
    name: "a response, or any sign of one, is waited for as long as the route says",
    manifest: root(
      "timeout.test",
      `
      routes:
      - conditions: [{ prefix: /response }]
        services: [{ name: a, port: 80 }]
        timeoutPolicy: { response: 200ms }
      - conditions: [{ prefix: /idle }]
        services: [{ name: a, port: 80 }]
        timeoutPolicy: { response: infinity, idle: 200ms }
      `,
    ),
    async check(scene) {
      const headers = { "x-backend-delay": "1500" };
      await routes("timeout.test", [
        { path: "/response", to: "a" },
        { path: "/response", headers, status: 504 },
        { path: "/idle", to: "a" },
        { path: "/idle", headers, status: 504 },
      ])(scene);
    },
  },
  {
    name: "a request is tried again as often, and for the reasons, that the route says",
    manifest: root(
      "retry.test",
      `
      routes:
      - conditions: [{ prefix: /none }]
        services: [{ name: a, port: 80 }]
      - conditions: [{ prefix: /once }]
        services: [{ name: a, port: 80 }]
        retryPolicy: {}
      - conditions: [{ prefix: /thrice }]
        services: [{ name: a, port: 80 }]
        retryPolicy: { count: 3 }
      - conditions: [{ prefix: /never }]
        services: [{ name: a, port: 80 }]
        retryPolicy: { count: -1 }
      - conditions: [{ prefix: /codes }]
        services: [{ name: a, port: 80 }]
        retryPolicy: { count: 2, retryOn: [retriable-status-codes], retriableStatusCodes: [418] }
      - conditions: [{ prefix: /slow }]
        services: [{ name: a, port: 80 }]
        timeoutPolicy: { response: 5s }
        retryPolicy: { count: 1, perTryTimeout: 200ms }
      `,
    ),
    async check(scene) {
      const fail = (times: number, status = 503) => ({
        "x-backend-fail": String(times),
        "x-backend-status": String(status),
      });
      await routes("retry.test", [
        { path: "/none", headers: fail(1), status: 503 },
        { path: "/once", headers: fail(1), status: 200 },
        { path: "/once", headers: fail(2), status: 503 },
        { path: "/thrice", headers: fail(3), status: 200 },
        { path: "/thrice", headers: fail(4), status: 503 },
        { path: "/never", headers: fail(1), status: 503 },
        { path: "/codes", headers: fail(2, 418), status: 200 },
        { path: "/codes", headers: fail(3, 418), status: 418 },
        { path: "/codes", headers: fail(1, 503), status: 503 },
        { path: "/slow", headers: { ...fail(1), "x-backend-delay": "1500" }, status: 200 },
        { path: "/slow", headers: { ...fail(2), "x-backend-delay": "1500" }, status: 504 },
      ])(scene);
    },
  },
];
