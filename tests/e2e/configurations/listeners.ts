import assert from "node:assert/strict";
import { connect, send } from "../../support/http_client.ts";
import { documents, root } from "../manifest.ts";
import { echoOf, routes } from "../stage.ts";
import type { ConfigurationCase, ConfigurationScene } from "./configuration_case.ts";

const to = (name: string) => `services: [{ name: ${name}, port: 80 }]`;
const plain = root("plain.test", `routes: [{ ${to("a")} }]`);
const secure = root("host.secure.test", `routes: [{ ${to("a")} }]`, {
  tls: "{ secretName: certificate }",
});

/** What clients notice of how they are listened to. */
export const listeners: readonly ConfigurationCase[] = [
  {
    name: "what HTTP may look like, and what becomes of it",
    configuration: `
      disableAllowChunkedLength: true
      disableMergeSlashes: true
      serverHeaderTransformation: pass_through
      compression: { algorithm: brotli }
      default-http-versions: [HTTP/1.1]
      listener: { max-requests-per-connection: 1 }
    `,
    manifest: documents(plain, secure),
    async check(scene) {
      const { ask, gateway: { place }, ca } = scene;
      const host = "plain.test";
      assert.equal(echoOf(await ask({ host, path: "//a//b" })).path, "//a//b");
      assert.equal((await both(scene)).status, 400);
      const { headers } = await ask({
        host,
        headers: { "x-backend-reply": "server=mine", "accept-encoding": "gzip, br, zstd" },
      });
      assert.deepEqual([headers["server"], headers["content-encoding"]], ["mine", "br"]);
      const kept = await ask({ host, headers: { connection: "keep-alive" } });
      assert.equal(kept.headers["connection"], "close");
      const tls = { ca, serverName: "host.secure.test" };
      await assert.rejects(
        connect({ address: place.address, port: place.https, tls }, ["h2"]).then(
          (socket) => {
            const { alpnProtocol } = socket as { alpnProtocol?: string | false };
            socket.destroy();
            if (alpnProtocol !== "h2") throw new Error("Envoy does not speak HTTP/2");
          },
        ),
      );
    },
  },
  {
    name: "what they are by default",
    configuration: "compression: { algorithm: disabled }",
    manifest: documents(plain, secure),
    async check(scene) {
      const { ask, ca } = scene;
      const host = "plain.test";
      assert.equal(echoOf(await ask({ host, path: "//a//b" })).path, "/a/b");
      assert.equal((await both(scene)).status, 200);
      const { headers } = await ask({
        host,
        headers: { "x-backend-reply": "server=mine", "accept-encoding": "gzip, br, zstd" },
      });
      assert.deepEqual([headers["server"], headers["content-encoding"]], ["envoy", undefined]);
      const kept = await ask({ host, headers: { connection: "keep-alive" } });
      assert.equal(kept.headers["connection"], undefined);
      await routes("host.secure.test", [{ tls: { ca }, httpVersion: "2", to: "a" }])(scene);
    },
  },
  {
    name: "the PROXY protocol says who the client is",
    configuration: { spec: { envoy: { listener: { useProxyProtocol: true } } } },
    preface: "PROXY TCP4 192.0.2.7 192.0.2.8 4321 80\r\n",
    manifest: documents(
      root(
        "plain.test",
        `routes: [{ ${to("a")}, ipAllowPolicy: [{ source: Remote, cidr: 192.0.2.7/32 }] }]`,
      ),
      secure,
    ),
    async check(scene) {
      const { ask, gateway: { place }, ca } = scene;
      const { headers } = echoOf(await ask({ host: "plain.test" }));
      assert.equal(headers["x-envoy-external-address"], "192.0.2.7");
      await routes("host.secure.test", [{ tls: { ca }, to: "a" }])(scene);
      const target = { address: place.address, port: place.http };
      await assert.rejects(send(target, { host: "plain.test" }));
      const other = { ...target, preface: "PROXY TCP4 192.0.2.9 192.0.2.8 4321 80\r\n" };
      assert.equal((await send(other, { host: "plain.test" })).status, 403);
    },
  },
  {
    name: "proxies before Envoy are believed, and a dot behind a host is none",
    configuration: (stage) => `
      network: { num-trusted-hops: 1, strip-trailing-host-dot: true, admin-port: ${stage.freePort} }
    `,
    manifest: root(
      "plain.test",
      `
      routes:
      - ${to("a")}
      - conditions: [{ prefix: /ann }]
        ipAllowPolicy: [{ source: Remote, cidr: 192.0.2.7/32 }]
        ${to("a")}
      `,
    ),
    async check(scene) {
      const from = (...addresses: string[]) => ({
        headers: { "x-forwarded-for": addresses.join(",") },
      });
      await routes("plain.test", [
        { path: "/ann", ...from("192.0.2.7"), to: "a" },
        { path: "/ann", ...from("192.0.2.7", "192.0.2.9"), status: 403 },
        { path: "/ann", status: 403 },
      ])(scene);
      await routes("plain.test.", [{ to: "a" }])(scene);
      const admin = { address: "127.0.0.1", port: scene.freePort };
      const get = (path: string, method = "GET") => send(admin, { host: "admin", path, method });
      assert.equal((await get("/stats?filter=server.live")).status, 200);
      assert.notEqual((await get("/quitquitquit", "POST")).status, 200);
    },
  },
  {
    name: "how much of a connection is held: a longer request cannot be tried again",
    configuration: "listener: { per-connection-buffer-limit-bytes: 1024 }",
    manifest: root("plain.test", `routes: [{ ${to("a")}, retryPolicy: { count: 1 } }]`),
    async check({ ask }) {
      const status = async (length: number) =>
        (await ask({
          host: "plain.test",
          method: "POST",
          body: "x".repeat(length),
          headers: { "x-backend-fail": "1" },
        })).status;
      assert.equal(await status(10), 200);
      assert.equal(await status(100_000), 503);
    },
  },
];

/** A request that says its length twice. */
async function both({ ask }: ConfigurationScene): Promise<{ readonly status: number }> {
  return await ask({
    host: "plain.test",
    method: "POST",
    headers: { "transfer-encoding": "chunked", "content-length": "1" },
    body: "1\r\nx\r\n0\r\n\r\n",
  });
}
