import assert from "node:assert/strict";
import type { Question } from "../../support/gateway.ts";
import { eventually } from "../../support/wait.ts";
import { documents, root, service } from "../manifest.ts";
import { type Case, routes, type Scene } from "../stage.ts";

const limited = (name: string, backend: { readonly port: number }, annotation: string) =>
  documents(
    service(`limited-${name}`, [backend], {
      annotations: { [`projectcontour.io/${annotation}`]: "1", ...others(annotation) },
    }),
    root(
      `${name}.limits.test`,
      `
      routes:
      - services: [{ name: limited-${name}, port: 80 }]
        retryPolicy: { count: 1 }
      `,
    ),
  );

/** What has to be limited too for a limit to be reached. */
const others = (annotation: string) =>
  annotation === "max-pending-requests" ? { "projectcontour.io/max-connections": "1" } : {};

const slow = { "x-backend-delay": "500" };

/** Asks `count` equal questions, each once the one before it has arrived, and the last two at once. */
async function atOnce({ ask, backends }: Scene, question: Question, count: number) {
  const marks = Array.from({ length: count }, () => crypto.randomUUID());
  const tries = (mark: string) =>
    backends.a.received.filter(({ headers }) => headers["x-mark"] === mark).length;
  const answers: ReturnType<Scene["ask"]>[] = [];
  for (const [i, mark] of marks.entries()) {
    answers.push(ask({ ...question, headers: { ...question.headers, "x-mark": mark } }));
    if (i < count - 2) await eventually("the request has arrived", () => tries(mark) > 0);
  }
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  return { statuses: statuses.sort(), tries: marks.map(tries).sort() };
}

/** Limits on what a Service may be asked at once. */
export const limits: readonly Case[] = [
  {
    name: "annotations of a Service limit connections, requests that wait, requests and retries",
    manifest: ({ backends: { a } }) =>
      documents(
        limited("requests", a, "max-requests"),
        limited("pending", a, "max-pending-requests"),
        limited("retries", a, "max-retries"),
        limited("connections", a, "max-connections"),
        limited("per-host", a, "per-host-max-connections"),
      ),
    async check(scene) {
      const ask = (name: string, count: number, headers = {}) =>
        atOnce(scene, { host: `${name}.limits.test`, headers: { ...slow, ...headers } }, count);
      assert.deepEqual((await ask("requests", 2)).statuses, [200, 503]);
      // One is under way, and one waits for the connection.
      assert.deepEqual((await ask("pending", 3)).statuses, [200, 200, 503]);
      assert.deepEqual((await ask("connections", 2)).statuses, [200, 200]);
      assert.deepEqual((await ask("per-host", 2)).statuses, [200, 200]);
      const { tries } = await ask("retries", 2, { "x-backend-fail": "2" });
      assert.deepEqual(tries, [1, 2]);
    },
  },
  {
    name: "annotations of a Service say what is spoken at its ports; one of UDP is none",
    manifest: ({ backends: { h2, https } }) =>
      documents(
        service("annotated-h2", [h2], {
          annotations: { "projectcontour.io/upstream-protocol.h2": "80" },
        }),
        service("annotated-tls", [https], {
          annotations: { "projectcontour.io/upstream-protocol.tls": "80,443" },
        }),
        JSON.stringify({
          apiVersion: "v1",
          kind: "Service",
          metadata: { name: "datagrams" },
          spec: { ports: [{ port: 80, protocol: "UDP" }] },
        }),
        root(
          "annotated.test",
          `
          routes:
          - conditions: [{ prefix: /h2 }]
            services: [{ name: annotated-h2, port: 80 }]
          - conditions: [{ prefix: /tls }]
            services: [{ name: annotated-tls, port: 80 }]
          - conditions: [{ prefix: /udp }]
            services: [{ name: datagrams, port: 80 }]
          `,
        ),
      ),
    check: routes("annotated.test", [
      { path: "/h2", to: "h2" },
      { path: "/tls", to: "https" },
      { path: "/udp", status: 503 },
    ]),
  },
];
