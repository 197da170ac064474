import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "../../support/http_client.ts";
import { within } from "../../support/wait.ts";
import { documents, root } from "../manifest.ts";
import type { ConfigurationCase, ConfigurationScene } from "./configuration_case.ts";

const plain = root(
  "plain.test",
  "routes: [{ services: [{ name: a, port: 80 }], timeoutPolicy: { response: infinity } }]",
);
const secure = root("host.secure.test", "routes: [{ services: [{ name: a, port: 80 }] }]", {
  tls: "{ secretName: certificate }",
});

function open({ gateway: { place } }: ConfigurationScene) {
  return connect({ address: place.address, port: place.http });
}

/** An HTTP/2 connection. */
async function openHttp2({ gateway: { place }, ca }: ConfigurationScene) {
  const { address, https: port } = place;
  const socket = await connect({ address, port, tls: { ca, serverName: "host.secure.test" } }, [
    "h2",
  ]);
  return connectHttp2("https://host.secure.test", { createConnection: () => socket });
}

/** How long Envoy waits for clients. */
export const timeouts: readonly ConfigurationCase[] = [
  {
    name: "for a request to arrive, and for requests on a connection",
    configuration: "timeouts: { request-timeout: 300ms, connection-idle-timeout: 400ms }",
    manifest: plain,
    async check(scene) {
      const { status } = await scene.ask({
        host: "plain.test",
        method: "POST",
        headers: { "content-length": "5" },
        body: "ab",
      });
      assert.equal(status, 408);
      const idle = await open(scene);
      const closed = Promise.withResolvers<void>();
      idle.on("close", closed.resolve);
      idle.on("end", closed.resolve);
      idle.resume();
      await within("an idle connection is closed", closed.promise);
      idle.destroy();
    },
  },
  {
    name: "for a byte of a request or answer",
    configuration: "timeouts: { stream-idle-timeout: 300ms }",
    manifest: plain,
    async check({ ask }) {
      const host = "plain.test";
      const { status } = await ask({ host, headers: { "x-backend-delay": "3000" } });
      assert.ok(status === 408 || status === 504, String(status));
      assert.equal((await ask({ host })).status, 200);
    },
  },
  {
    name: "how old a connection gets, and how soon it ends then",
    configuration:
      "timeouts: { max-connection-duration: 300ms, connection-shutdown-grace-period: 100ms }",
    manifest: documents(plain, secure),
    async check(scene) {
      const session = await openHttp2(scene);
      const told = Promise.withResolvers<void>();
      const ended = Promise.withResolvers<void>();
      session.on("goaway", () => told.resolve());
      session.on("close", () => ended.resolve());
      session.on("error", () => ended.resolve());
      await within("the client is told", told.promise);
      await within("the connection ends", ended.promise);
      session.destroy();
    },
  },
  {
    name: "requests at once on an HTTP/2 connection",
    configuration: "listener: { http2-max-concurrent-streams: 7 }",
    manifest: secure,
    async check(scene) {
      const session = await openHttp2(scene);
      const { promise, resolve } = Promise.withResolvers<number | undefined>();
      session.on("remoteSettings", ({ maxConcurrentStreams }) => resolve(maxConcurrentStreams));
      assert.equal(await within("Envoy says its settings", promise), 7);
      session.destroy();
    },
  },
];
