import assert from "node:assert/strict";
import { eventually } from "../../support/wait.ts";
import { documents, root } from "../manifest.ts";
import { type Case, echoOf, routes, type Scene, tally } from "../stage.ts";

const pooled = (fqdn: string, policy: string) =>
  root(
    fqdn,
    `
    routes:
    - services: [{ name: pool, port: 80 }]
      loadBalancerPolicy: ${policy}
    `,
  );

/** Which backend gets a request of a route. */
export const targets: readonly Case[] = [
  {
    name: "weights share requests out, and weight 0 gets none",
    manifest: root(
      "weights.test",
      `
      routes:
      - services:
        - { name: a, port: 80, weight: 80 }
        - { name: b, port: 80, weight: 20 }
        - { name: c, port: 80, weight: 0 }
      `,
    ),
    async check(scene) {
      const { a = 0, b = 0, ...others } = await tally(scene, { host: "weights.test" }, 400);
      assert.equal(a + b, 400, JSON.stringify(others));
      // Five standard deviations of 400 throws with 20 %: missed once in two million runs.
      assert.ok(b > 40 && b < 120, `${b} of 400 requests went to the service with weight 20`);
    },
  },
  {
    name: "services without weights share evenly",
    manifest: root(
      "no-weights.test",
      `routes: [{ services: [{ name: a, port: 80 }, { name: b, port: 80 }] }]`,
    ),
    async check(scene) {
      const { a = 0, b = 0 } = await tally(scene, { host: "no-weights.test" }, 100);
      assert.ok(a > 24 && b > 24 && a + b === 100, `${a} and ${b}`);
    },
  },
  {
    name: "a mirror receives what the service is asked, and nobody waits for its answer",
    manifest: root(
      "mirror.test",
      `
      routes:
      - services:
        - { name: a, port: 80 }
        - { name: mirror, port: 80, mirror: true }
      `,
    ),
    async check({ ask, backends }) {
      const answer = await ask({
        method: "POST",
        host: "mirror.test",
        path: "/copied?x=1",
        body: "once",
      });
      const original = echoOf(answer);
      assert.equal(original.backend, "a");
      const id = original.headers["x-request-id"];
      const copy = await eventually(
        "the mirror got its copy",
        () => backends.mirror.received.find(({ headers }) => headers["x-request-id"] === id),
      );
      const { method, path, body } = original;
      assert.deepEqual({ method, path, body }, {
        method: "POST",
        path: "/copied?x=1",
        body: "once",
      });
      assert.deepEqual(
        { method: copy.method, path: copy.path, body: copy.body },
        { method, path, body },
      );
    },
  },
  {
    name: "without a Service that can be reached the answer is 503, and other routes are served",
    manifest: root(
      "missing.test",
      `
      routes:
      - conditions: [{ prefix: /none }]
        services: [{ name: nobody, port: 80 }]
      - conditions: [{ prefix: /port }]
        services: [{ name: a, port: 81 }]
      - conditions: [{ prefix: /empty }]
        services: [{ name: empty, port: 80 }]
      - conditions: [{ prefix: /closed }]
        services: [{ name: closed, port: 80 }]
      - conditions: [{ prefix: /one-of-two }]
        services: [{ name: nobody, port: 80, weight: 50 }, { name: b, port: 80, weight: 50 }]
      - services: [{ name: a, port: 80 }]
      `,
    ),
    check: routes("missing.test", [
      { path: "/none", status: 503 },
      { path: "/port", status: 503 },
      { path: "/empty", status: 503 },
      { path: "/closed", status: 503 },
      { path: "/one-of-two", to: "b" },
      { path: "/one-of-two", to: "b" },
      { path: "/", to: "a" },
    ]),
  },
  {
    name: "a Service of type ExternalName leads to its name, unless that is Envoy's own machine",
    manifest: ({ external }) => {
      const port = external?.port ?? 1;
      const externalService = (name: string, externalName: string) =>
        JSON.stringify({
          apiVersion: "v1",
          kind: "Service",
          metadata: { name },
          spec: { type: "ExternalName", externalName, ports: [{ port }] },
        });
      return documents(
        // Names below "localhost" are this machine (RFC 6761), so this one needs no DNS server.
        externalService("external", "shop.localhost"),
        externalService("external-local", "localhost"),
        root(
          "external.test",
          `
          routes:
          - conditions: [{ prefix: /local }]
            services: [{ name: external-local, port: ${port} }]
          - services: [{ name: external, port: ${port} }]
          `,
        ),
      );
    },
    async check({ ask, external }) {
      const host = "external.test";
      const refused = await ask({ host, path: "/local" });
      assert.deepEqual([refused.status, refused.body], [503, ""]);
      await eventually("the name is looked up and its address is tried", async () => {
        const { headers, body } = await ask({ host });
        return external === undefined
          ? body.startsWith("upstream connect error")
          : headers["x-backend"] === "external";
      });
    },
  },
  {
    name: "RoundRobin takes one endpoint after the other",
    manifest: pooled("round-robin.test", "{ strategy: RoundRobin }"),
    async check(scene) {
      const found = await tally(scene, { host: "round-robin.test" }, 12);
      assert.deepEqual(found, { a: 4, b: 4, c: 4 });
    },
  },
  {
    name: "WeightedLeastRequest and Random use every endpoint",
    manifest: documents(
      pooled("least-request.test", "{ strategy: WeightedLeastRequest }"),
      pooled("random.test", "{ strategy: Random }"),
    ),
    async check(scene) {
      for (const host of ["least-request.test", "random.test"]) {
        const found = await tally(scene, { host }, 90);
        assert.deepEqual(Object.keys(found).sort(), ["a", "b", "c"], host);
      }
    },
  },
  {
    name: "Cookie keeps a client at one endpoint",
    manifest: pooled("cookie.test", "{ strategy: Cookie }"),
    async check(scene) {
      const host = "cookie.test";
      const first = await scene.ask({ host });
      const [, cookie = ""] = /^(X-Contour-Session-Affinity="?[^;"]+"?)/.exec(
        first.headers["set-cookie"] ?? "",
      ) ?? [];
      assert.notEqual(cookie, "", JSON.stringify(first.headers));
      const again = await tally(scene, { host, headers: { cookie } }, 20);
      assert.deepEqual(again, { [first.headers["x-backend"] ?? ""]: 20 });
      const fresh = await tally(scene, { host }, 60);
      assert.ok(Object.keys(fresh).length > 1, "clients without a cookie all went to one endpoint");
    },
  },
  {
    name: "RequestHash by header, query parameter and source address",
    manifest: documents(
      pooled(
        "hash-header.test",
        "{ strategy: RequestHash, requestHashPolicies: [{ headerHashOptions: { headerName: X-User } }] }",
      ),
      pooled(
        "hash-query.test",
        "{ strategy: RequestHash, requestHashPolicies: [{ queryParameterHashOptions: { parameterName: user } }] }",
      ),
      pooled(
        "hash-source.test",
        "{ strategy: RequestHash, requestHashPolicies: [{ hashSourceIP: true }] }",
      ),
    ),
    async check(scene) {
      const numbers = Array.from({ length: 20 }, (_, i) => i + 1);
      await sticky(
        scene,
        numbers.map((i) => ({ host: "hash-header.test", headers: { "x-user": `user-${i}` } })),
      );
      await sticky(
        scene,
        numbers.map((i) => ({ host: "hash-query.test", path: `/?user=user-${i}` })),
      );
      await sticky(
        scene,
        numbers.map((i) => ({ host: "hash-source.test", localAddress: `127.0.9.${i}` })),
      );
    },
  },
  {
    name: "a hash that is terminal leaves nothing to those after it",
    manifest: pooled(
      "hash-terminal.test",
      `
        strategy: RequestHash
        requestHashPolicies:
        - { headerHashOptions: { headerName: X-User }, terminal: true }
        - { queryParameterHashOptions: { parameterName: page } }
      `,
    ),
    async check(scene) {
      const host = "hash-terminal.test";
      const used = new Set<string>();
      for (let page = 0; page < 20; page++) {
        const path = `/?page=${page}`;
        const { headers } = await scene.ask({ host, path, headers: { "x-user": "ann" } });
        used.add(headers["x-backend"] ?? "");
      }
      assert.equal(used.size, 1, "the page counted too");
      await sticky(
        scene,
        Array.from({ length: 20 }, (_, page) => ({ host, path: `/?page=${page}` })),
      );
    },
  },
];

/** Equal requests go to one endpoint, different ones not all to the same. */
async function sticky(
  scene: Scene,
  questions: readonly Parameters<Scene["ask"]>[0][],
): Promise<void> {
  const used = new Set<string>();
  for (const question of questions) {
    const found = await tally(scene, question, 3);
    assert.equal(Object.keys(found).length, 1, `${JSON.stringify(question)} went everywhere`);
    for (const name of Object.keys(found)) used.add(name);
  }
  assert.ok(used.size > 1, `${questions[0]?.host}: all requests went to one endpoint`);
}
