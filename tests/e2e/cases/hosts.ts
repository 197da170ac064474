import assert from "node:assert/strict";
import { upgrade } from "../../support/http_client.ts";
import { documents, root } from "../manifest.ts";
import { type Case, routes, type Scene } from "../stage.ts";

const to = (name: string) => `services: [{ name: ${name}, port: 80 }]`;
const take = (fqdn: string, name: string) => root(fqdn, `routes: [{ ${to(name)} }]`);

/** Which host a request is for. */
export const hosts: readonly Case[] = [
  {
    name: "a host is found whatever its case and port, and nobody answers for others",
    manifest: take("host.test", "a"),
    async check({ ask }) {
      for (const host of ["host.test", "HOST.test", "host.test:80", "Host.Test:12345"]) {
        assert.equal((await ask({ host })).headers["x-backend"], "a", host);
      }
      for (const host of ["unknown.test", "sub.host.test", "test", "host.test.example"]) {
        assert.equal((await ask({ host })).status, 404, host);
      }
    },
  },
  {
    name: "a wildcard takes one label, and less than a host of its own",
    manifest: documents(
      take("*.wild.test", "a"),
      take("own.wild.test", "b"),
      take("*.deep.wild.test", "c"),
    ),
    async check({ ask }) {
      const expected: Readonly<Record<string, string | number>> = {
        "x.wild.test": "a",
        // Contour's condition for one label knows small letters alone.
        "X.Wild.TEST": 404,
        "x.wild.test:8080": "a",
        "own.wild.test": "b",
        "OWN.wild.test:1": "b",
        "x.deep.wild.test": "c",
        "deep.wild.test": "a",
        "wild.test": 404,
        "x.y.wild.test": 404,
        "x.own.wild.test": 404,
      };
      for (const [host, wanted] of Object.entries(expected)) {
        const { headers, status } = await ask({ host });
        assert.equal(headers["x-backend"] ?? status, wanted, host);
      }
    },
  },
  {
    name: "a host with routes for some paths alone does not hand the others to a wildcard",
    manifest: documents(
      take("*.paths.test", "a"),
      root("some.paths.test", `routes: [{ conditions: [{ prefix: /b }], ${to("b")} }]`),
    ),
    check: routes("some.paths.test", [{ path: "/b", to: "b" }, { path: "/a", status: 404 }]),
  },
  {
    name: "of two HTTPProxies that claim one host none is served",
    manifest: documents(
      take("claimed.test", "a"),
      root("claimed.test", `routes: [{ ${to("b")} }]`, { namespace: "team" }),
    ),
    check: routes("claimed.test", [{ status: 404 }]),
  },
  {
    name: "websockets are let through where a route says so",
    manifest: root(
      "websocket.test",
      `
      routes:
      - conditions: [{ prefix: /chat }]
        enableWebsockets: true
        ${to("a")}
      - ${to("a")}
      `,
    ),
    async check({ gateway }: Scene) {
      const { address, http } = gateway.place;
      const open = (path: string, host = "websocket.test") =>
        upgrade({ address, port: http }, { host, path }, "hello");
      const chat = await open("/chat");
      assert.equal(chat.status, 101);
      assert.equal(chat.body, "hello");
      assert.equal((await open("/chat", "WebSocket.test:80")).status, 101);
      assert.equal((await open("/other")).status, 403);
    },
  },
  {
    name: "an HTTPProxy of another class is nobody's, by annotation or by field",
    manifest: documents(
      ...Object.entries(
        {
          ours: [{ "kubernetes.io/ingress.class": "contour" }, undefined],
          theirs: [{ "kubernetes.io/ingress.class": "other" }, undefined],
          "ours-too": [{ "projectcontour.io/ingress.class": "contour" }, "other"],
          "theirs-too": [{ "projectcontour.io/ingress.class": "other" }, "contour"],
          field: [{}, "contour"],
          "field-of-others": [{}, "other"],
        } as const,
      ).map(([name, [annotations, ingressClassName]]) =>
        JSON.stringify({
          apiVersion: "projectcontour.io/v1",
          kind: "HTTPProxy",
          metadata: { name: `class-${name}`, annotations },
          spec: {
            virtualhost: { fqdn: `${name}.class.test` },
            routes: [{ services: [{ name: "a", port: 80 }] }],
            ...(ingressClassName === undefined ? {} : { ingressClassName }),
          },
        })
      ),
    ),
    async check(scene) {
      for (const name of ["ours", "ours-too", "field"]) {
        await routes(`${name}.class.test`, [{ to: "a" }])(scene);
      }
      for (const name of ["theirs", "theirs-too", "field-of-others"]) {
        await routes(`${name}.class.test`, [{ status: 404 }])(scene);
      }
    },
  },
];
