import assert from "node:assert/strict";
import { root } from "../manifest.ts";
import { type Case, echoOf } from "../stage.ts";

/** Paths that are rewritten, and answers that no backend gives. */
export const answers: readonly Case[] = [
  {
    name: "a prefix is replaced without doubling or losing slashes",
    manifest: root(
      "rewrite.test",
      `
      routes:
      - conditions: [{ prefix: /foo }]
        services: [{ name: a, port: 80 }]
        pathRewritePolicy: { replacePrefix: [{ replacement: /bar }] }
      - conditions: [{ prefix: /root }]
        services: [{ name: a, port: 80 }]
        pathRewritePolicy: { replacePrefix: [{ replacement: / }] }
      - conditions: [{ prefix: /slash/ }]
        services: [{ name: a, port: 80 }]
        pathRewritePolicy: { replacePrefix: [{ replacement: /bar }] }
      - conditions: [{ prefix: /tail }]
        services: [{ name: a, port: 80 }]
        pathRewritePolicy: { replacePrefix: [{ replacement: /bar/ }] }
      - conditions: [{ prefix: /chosen }]
        services: [{ name: a, port: 80 }]
        pathRewritePolicy:
          replacePrefix:
          - { prefix: /other, replacement: /wrong }
          - { prefix: /chosen, replacement: /right }
          - { replacement: /any }
      - services: [{ name: a, port: 80 }]
      `,
    ),
    async check({ ask }) {
      const expected = {
        "/foo": "/bar",
        "/foo/": "/bar/",
        "/foo/x": "/bar/x",
        "/foo?x=1": "/bar?x=1",
        "/foobar": "/barbar",
        "/root": "/",
        "/root/": "/",
        "/root/x": "/x",
        "/slash": "/bar",
        "/slash/x": "/bar/x",
        "/tail/x": "/bar/x",
        "/tailor": "/baror",
        "/chosen/x": "/right/x",
        "/else": "/else",
      };
      for (const [path, wanted] of Object.entries(expected)) {
        assert.equal(echoOf(await ask({ host: "rewrite.test", path })).path, wanted, path);
      }
    },
  },
  {
    name: "a prefix that two routes share is replaced as it is written",
    manifest: root(
      "rewrite-shared.test",
      `
      routes:
      - conditions: [{ prefix: /api }, { header: { name: x-a, present: true } }]
        services: [{ name: a, port: 80 }]
      - conditions: [{ prefix: /api }]
        services: [{ name: b, port: 80 }]
        pathRewritePolicy: { replacePrefix: [{ replacement: /v1/ }] }
      `,
    ),
    async check({ ask }) {
      const { path } = echoOf(await ask({ host: "rewrite-shared.test", path: "/api/x" }));
      assert.equal(path, "/v1//x");
    },
  },
  {
    name: "a redirect changes what it is told to, and keeps the rest",
    manifest: root(
      "redirect.test",
      `
      routes:
      - conditions: [{ prefix: /scheme }]
        requestRedirectPolicy: { scheme: https }
      - conditions: [{ prefix: /host }]
        requestRedirectPolicy: { hostname: other.test, statusCode: 301 }
      - conditions: [{ prefix: /port }]
        requestRedirectPolicy: { port: 8080, statusCode: 303 }
      - conditions: [{ prefix: /path }]
        requestRedirectPolicy: { path: /elsewhere, statusCode: 307 }
      - conditions: [{ prefix: /prefix }]
        requestRedirectPolicy: { prefix: /new, statusCode: 308 }
      - conditions: [{ prefix: /all }]
        requestRedirectPolicy: { scheme: https, hostname: other.test, port: 8443, path: /x }
      `,
    ),
    async check({ ask }) {
      const expected: Readonly<Record<string, readonly [number, string]>> = {
        "/scheme/a?b=c": [302, "https://redirect.test/scheme/a?b=c"],
        "/host/a": [301, "http://other.test/host/a"],
        "/port/a": [303, "http://redirect.test:8080/port/a"],
        "/path/a": [307, "http://redirect.test/elsewhere"],
        "/prefix/a": [308, "http://redirect.test/new/a"],
        "/all": [302, "https://other.test:8443/x"],
      };
      for (const [path, wanted] of Object.entries(expected)) {
        const { status, headers } = await ask({ host: "redirect.test", path });
        assert.deepEqual([status, headers["location"]], wanted, path);
      }
    },
  },
  {
    name: "a direct response has its status and body",
    manifest: root(
      "direct.test",
      `
      routes:
      - directResponsePolicy: { statusCode: 418, body: "no coffee: 100% tea" }
      - conditions: [{ prefix: /gone }]
        directResponsePolicy: { statusCode: 410 }
      `,
    ),
    async check({ ask }) {
      const tea = await ask({ host: "direct.test" });
      assert.deepEqual([tea.status, tea.body], [418, "no coffee: 100% tea"]);
      const gone = await ask({ host: "direct.test", path: "/gone" });
      assert.deepEqual([gone.status, gone.body], [410, ""]);
    },
  },
];
