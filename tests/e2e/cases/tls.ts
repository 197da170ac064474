import assert from "node:assert/strict";
import type { Question } from "../../support/gateway.ts";
import { upgrade } from "../../support/http_client.ts";
import { documents, root, tlsSecret } from "../manifest.ts";
import { type Case, routes, type Scene } from "../stage.ts";

const to = (name: string) => `services: [{ name: ${name}, port: 80 }]`;
const own = "{ secretName: certificate }";

/** A handshake that Envoy ends. */
async function refused({ ask }: Scene, question: Question): Promise<void> {
  await assert.rejects(ask(question), (error) => {
    // Not for a reason of the client's own.
    return error instanceof Error && !/in vain|certificate|altname/i.test(error.message);
  }, JSON.stringify(question));
}

const delegation = (name: string, namespaces: string) =>
  `apiVersion: projectcontour.io/v1
kind: TLSCertificateDelegation
metadata: { name: ${name} }
spec: { delegations: [{ secretName: ${name}, targetNamespaces: [${namespaces}] }] }`;

/** Hosts that are served over TLS. */
export const tls: readonly Case[] = [
  {
    name: "TLS is terminated, for HTTP/1.1 and HTTP/2; without TLS the client is sent there by 301",
    manifest: root("plain.secure.test", `routes: [{ ${to("a")} }]`, { tls: own }),
    async check({ ask, ca }) {
      const host = "plain.secure.test";
      const secure = await ask({ host, path: "/x?y=1", tls: { ca } });
      assert.equal(secure.headers["x-backend"], "a");
      const http2 = await ask({ host, tls: { ca }, httpVersion: "2" });
      assert.equal(http2.headers["x-backend"], "a");
      const plain = await ask({ host, path: "/x?y=1" });
      assert.deepEqual(
        [plain.status, plain.headers["location"]],
        [301, "https://plain.secure.test/x?y=1"],
      );
    },
  },
  {
    name: "permitInsecure serves a route without TLS as well",
    manifest: root(
      "insecure.secure.test",
      `
      routes:
      - conditions: [{ prefix: /open }]
        permitInsecure: true
        ${to("b")}
      - ${to("a")}
      `,
      { tls: own },
    ),
    async check(scene) {
      const secure = { tls: { ca: scene.ca } };
      await routes("insecure.secure.test", [
        { path: "/open", to: "b" },
        { path: "/", status: 301 },
        { path: "/open", ...secure, to: "b" },
        { path: "/", ...secure, to: "a" },
      ])(scene);
    },
  },
  {
    name: "minimum and maximum versions of TLS",
    manifest: documents(
      root("new.secure.test", `routes: [{ ${to("a")} }]`, {
        tls: `{ secretName: certificate, minimumProtocolVersion: "1.3" }`,
      }),
      root("old.secure.test", `routes: [{ ${to("a")} }]`, {
        tls: `{ secretName: certificate, maximumProtocolVersion: "1.2" }`,
      }),
    ),
    async check(scene) {
      const { ca } = scene;
      const only = (version: "TLSv1.2" | "TLSv1.3") => ({
        tls: { ca, minVersion: version, maxVersion: version },
      });
      await routes("new.secure.test", [{ ...only("TLSv1.3"), to: "a" }])(scene);
      await refused(scene, { host: "new.secure.test", ...only("TLSv1.2") });
      await routes("old.secure.test", [{ ...only("TLSv1.2"), to: "a" }])(scene);
      await refused(scene, { host: "old.secure.test", ...only("TLSv1.3") });
    },
  },
  {
    name: "a connection is for the host it was opened for: others get 421, unknown ones none",
    manifest: documents(
      root("one.secure.test", `routes: [{ ${to("a")} }]`, { tls: own }),
      root("two.secure.test", `routes: [{ ${to("b")} }]`, { tls: own }),
    ),
    async check(scene) {
      const { ask, ca } = scene;
      const tls = { ca, serverName: "one.secure.test" };
      assert.equal((await ask({ host: "two.secure.test", tls })).status, 421);
      assert.equal((await ask({ host: "two.secure.test", tls, httpVersion: "2" })).status, 421);
      assert.equal((await ask({ host: "one.secure.test:443", tls })).headers["x-backend"], "a");
      assert.equal((await ask({ host: "One.Secure.test", tls })).headers["x-backend"], "a");
      await refused(scene, { host: "unknown.secure.example", tls: { ca } });
    },
  },
  {
    name: "a certificate of another namespace needs a delegation",
    manifest: ({ certificate }) =>
      documents(
        tlsSecret("lent", certificate),
        delegation("lent", "team"),
        tlsSecret("lent-to-all", certificate),
        delegation("lent-to-all", `"*"`),
        tlsSecret("lent-to-others", certificate),
        delegation("lent-to-others", "others"),
        ...["lent", "lent-to-all", "lent-to-others", "certificate"].map((name) =>
          root(`${name}.secure.example`, `routes: [{ ${to("b")} }]`, {
            namespace: "team",
            tls: `{ secretName: default/${name} }`,
          })
        ),
      ),
    async check(scene) {
      const tls = { ca: scene.ca };
      for (const name of ["lent", "lent-to-all"]) {
        await routes(`${name}.secure.example`, [{ tls, to: "b" }, { status: 301 }])(scene);
      }
      for (const name of ["lent-to-others", "certificate"]) {
        const host = `${name}.secure.example`;
        await refused(scene, { host, tls });
        await routes(host, [{ status: 404 }])(scene);
      }
    },
  },
  {
    name: "a host without its certificate is not served, with or without TLS",
    manifest: root("bare.secure.example", `routes: [{ ${to("a")} }]`, {
      tls: "{ secretName: nobody }",
    }),
    async check(scene) {
      await refused(scene, { host: "bare.secure.example", tls: { ca: scene.ca } });
      await routes("bare.secure.example", [{ status: 404 }])(scene);
    },
  },
  {
    name: "a wildcard host over TLS",
    manifest: root("*.secure.test", `routes: [{ ${to("c")} }]`, { tls: own }),
    async check(scene) {
      const tls = { ca: scene.ca };
      await routes("any.secure.test", [{ tls, to: "c" }, { status: 301 }])(scene);
      await routes("plain.secure.test", [{ tls, to: "a" }])(scene);
    },
  },
  {
    name: "websockets over TLS",
    manifest: root(
      "chat.secure.test",
      `
      routes:
      - conditions: [{ prefix: /chat }]
        enableWebsockets: true
        ${to("a")}
      - ${to("a")}
      `,
      { tls: own },
    ),
    async check({ gateway, ca }) {
      const { address, https: port } = gateway.place;
      const host = "chat.secure.test";
      const target = { address, port, tls: { ca, serverName: host } };
      const chat = await upgrade(target, { host, path: "/chat" }, "hello");
      assert.deepEqual([chat.status, chat.body], [101, "hello"]);
      assert.equal((await upgrade(target, { host, path: "/" }, "hello")).status, 403);
    },
  },
];
