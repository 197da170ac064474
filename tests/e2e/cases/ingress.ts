import assert from "node:assert/strict";
import type { Question } from "../../support/gateway.ts";
import { upgrade } from "../../support/http_client.ts";
import { documents, ingress, ingressRule as rule, root, tlsSecret } from "../manifest.ts";
import { type Case, routes, type Row, type Scene } from "../stage.ts";

const to = (name: string) => `services: [{ name: ${name}, port: 80 }]`;
const certificate = (...hosts: string[]) => [{ hosts, secretName: "certificate" }];
const forceRedirect = { "ingress.kubernetes.io/force-ssl-redirect": "true" };
const withoutHttp = { "kubernetes.io/ingress.allow-http": "false" };
const contour = (settings: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      `projectcontour.io/${name}`,
      value,
    ]),
  );

/** A handshake that Envoy ends. */
async function refused({ ask }: Scene, question: Question): Promise<void> {
  await assert.rejects(ask(question), (error) => {
    // Not for a reason of the client's own.
    return error instanceof Error &&
      !/in vain|certificate(?! ?required)|altname/i.test(error.message);
  }, JSON.stringify(question));
}

/** A Service with named ports, 80 and on, that lead to a backend each. */
function twoPorts(
  name: string,
  ports: Readonly<Record<string, { readonly port: number }>>,
): string {
  const list = Object.entries(ports);
  return documents(
    JSON.stringify({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name },
      spec: { ports: list.map(([name], i) => ({ name, port: 80 + i })) },
    }),
    ...list.map(([port, backend]) =>
      JSON.stringify({
        apiVersion: "discovery.k8s.io/v1",
        kind: "EndpointSlice",
        metadata: { name: `${name}-${port}`, labels: { "kubernetes.io/service-name": name } },
        addressType: "IPv4",
        endpoints: [{ addresses: ["127.0.0.1"] }],
        ports: [{ name: port, port: backend.port }],
      })
    ),
  );
}

/** What an Ingress can ask for, but for what is served to unknown hosts; see default_backend_test.ts. */
export const ingresses: readonly Case[] = [
  {
    name: "types of paths",
    manifest: ingress("paths", [
      rule("paths.ingress.test", ["Prefix /", "a"], ["Prefix /seg/", "b"], ["Exact /exact", "c"]),
      rule("paths.ingress.test", ["ImplementationSpecific /text", "b"]),
      rule("paths.ingress.test", ["ImplementationSpecific /[0-9]+/x", "c"], ["Prefix /q?x", "c"]),
    ]),
    check: routes("paths.ingress.test", [
      { path: "/", to: "a" },
      { path: "/segment", to: "a" },
      { path: "/seg", to: "b" },
      { path: "/seg?x=1", to: "b" },
      { path: "/seg/ment", to: "b" },
      { path: "/exact", to: "c" },
      { path: "/exact/", to: "a" },
      { path: "/text", to: "b" },
      { path: "/textual", to: "b" },
      { path: "/12/x", to: "c" },
      { path: "/12/xx", to: "a" },
      { path: "/a/12/x", to: "a" },
      { path: "/q?x", to: "a" },
    ]),
  },
  {
    name: "a path without its backend is left to a broader one, a host without any to nobody",
    manifest: documents(
      ingress("missing", [
        rule("missing.ingress.test", ["Prefix /", "a"], ["Prefix /gone", "nobody"]),
        rule("none.ingress.test", ["Prefix /", "nobody"]),
      ]),
    ),
    async check(scene) {
      await routes("missing.ingress.test", [{ path: "/gone", to: "a" }])(scene);
      await routes("none.ingress.test", [{ status: 404 }])(scene);
    },
  },
  {
    name: "a wildcard takes one label",
    manifest: ingress("wildcard", [
      rule("*.wild.ingress.test", ["Prefix /", "a"]),
      rule("own.wild.ingress.test", ["Prefix /", "b"]),
    ]),
    async check(scene) {
      await routes("x.wild.ingress.test", [{ to: "a" }])(scene);
      await routes("own.wild.ingress.test", [{ to: "b" }])(scene);
      await routes("x.y.wild.ingress.test", [{ status: 404 }])(scene);
      await routes("wild.ingress.test", [{ status: 404 }])(scene);
    },
  },
  {
    name: "ports by number and by name",
    manifest: ({ backends: { a, b } }) =>
      documents(
        twoPorts("two-ports", { main: a, side: b }),
        ingress("ports", [
          rule("ports.ingress.test", ["Prefix /", "two-ports", { name: "main" }]),
          rule("ports.ingress.test", ["Prefix /side", "two-ports", { name: "side" }]),
          rule("ports.ingress.test", ["Prefix /number", "two-ports", { number: 81 }]),
          rule("ports.ingress.test", ["Prefix /nobody", "two-ports", { name: "nobody" }]),
        ]),
      ),
    check: routes("ports.ingress.test", [
      { path: "/", to: "a" },
      { path: "/side", to: "b" },
      { path: "/number", to: "b" },
      { path: "/nobody", to: "a" },
    ]),
  },
  {
    name: "of two Ingresses the older has what both want",
    manifest: documents(
      ingress("a-young", [rule("old.ingress.test", ["Prefix /", "b"], ["Prefix /young", "b"])], {
        creationTimestamp: "2024-02-01T00:00:00Z",
      }),
      ingress("b-old", [rule("old.ingress.test", ["Prefix /", "a"])], {
        creationTimestamp: "2024-01-01T00:00:00Z",
        namespace: "team",
      }),
    ),
    check: routes("old.ingress.test", [{ to: "a" }, { path: "/young", to: "b" }]),
  },
  {
    name: "TLS beside plain HTTP, from a certificate lent by another namespace too",
    manifest: ({ certificate: issued }) =>
      documents(
        ingress("tls", [rule("tls-ingress.secure.test", ["Prefix /", "a"])], {
          tls: certificate("tls-ingress.secure.test"),
        }),
        tlsSecret("lent-to-ingress", issued),
        `apiVersion: projectcontour.io/v1
kind: TLSCertificateDelegation
metadata: { name: lent-to-ingress }
spec: { delegations: [{ secretName: lent-to-ingress, targetNamespaces: [team] }] }`,
        ingress("lent", [rule("lent-ingress.secure.test", ["Prefix /", "b"])], {
          namespace: "team",
          annotations: contour({
            "tls-cert-namespace": "default",
            "tls-minimum-protocol-version": "1.3",
          }),
          tls: [{ hosts: ["lent-ingress.secure.test"], secretName: "lent-to-ingress" }],
        }),
        ingress("not-lent", [rule("not-lent.secure.example", ["Prefix /", "b"])], {
          namespace: "team",
          annotations: contour({ "tls-cert-namespace": "default" }),
          tls: certificate("not-lent.secure.example"),
        }),
      ),
    async check(scene) {
      const tls = { ca: scene.ca };
      const old = { ...tls, maxVersion: "TLSv1.2" } as const;
      await routes("tls-ingress.secure.test", [
        { tls, to: "a" },
        { tls: old, to: "a" },
        { tls, httpVersion: "2", to: "a" },
        { to: "a" },
      ])(scene);
      await routes("lent-ingress.secure.test", [{ tls, to: "b" }, { to: "b" }])(scene);
      await refused(scene, { host: "lent-ingress.secure.test", tls: old });
      await routes("not-lent.secure.example", [{ to: "b" }])(scene);
      await refused(scene, { host: "not-lent.secure.example", tls });
    },
  },
  {
    name: "force-ssl-redirect sends to https, allow-http: false leaves nobody without",
    manifest: documents(
      ingress("forced", [rule("forced.secure.test", ["Prefix /", "a"])], {
        annotations: { ...forceRedirect, ...withoutHttp },
        tls: certificate("forced.secure.test"),
      }),
      ingress("forced-without", [rule("forced.ingress.test", ["Prefix /", "a"])], {
        annotations: forceRedirect,
      }),
      ingress("closed", [rule("closed.secure.test", ["Prefix /", "b"])], {
        annotations: withoutHttp,
        tls: certificate("closed.secure.test"),
      }),
      ingress("half-closed", [rule("half.secure.test", ["Prefix /", "b"])], {
        annotations: withoutHttp,
        tls: certificate("half.secure.test"),
      }),
      ingress("half-open", [rule("half.secure.test", ["Prefix /open", "a"])]),
    ),
    async check(scene) {
      const tls = { ca: scene.ca };
      await routes("forced.secure.test", [{ status: 301 }, { tls, to: "a" }])(scene);
      const { headers } = await scene.ask({ host: "forced.ingress.test", path: "/x?y" });
      assert.equal(headers["location"], "https://forced.ingress.test/x?y");
      await routes("closed.secure.test", [{ tls, to: "b" }])(scene);
      await routes("half.secure.test", [
        { status: 404 },
        { tls, to: "b" },
        { path: "/open", to: "a" },
        { path: "/open", tls, to: "a" },
      ])(scene);
    },
  },
  {
    name: "timeouts",
    manifest: documents(
      ingress("hasty", [rule("hasty.ingress.test", ["Prefix /", "a"])], {
        annotations: contour({ "response-timeout": "500ms" }),
      }),
      ingress("hasty-too", [rule("hasty-too.ingress.test", ["Prefix /", "a"])], {
        annotations: contour({ "request-timeout": "500ms" }),
      }),
      ingress("patient", [rule("patient.ingress.test", ["Prefix /", "a"])], {
        annotations: contour({ "response-timeout": "-1s" }),
      }),
    ),
    async check(scene) {
      const headers = { "x-backend-delay": "1500" };
      await routes("hasty.ingress.test", [{ headers, status: 504 }, { to: "a" }])(scene);
      await routes("hasty-too.ingress.test", [{ headers, status: 504 }])(scene);
      await routes("patient.ingress.test", [{ headers, to: "a" }])(scene);
    },
  },
  {
    name: "retries",
    manifest: documents(
      ingress("thrice", [rule("thrice.ingress.test", ["Prefix /", "a"])], {
        annotations: contour({ "retry-on": "5xx", "num-retries": "2" }),
      }),
      ingress("once", [rule("once.ingress.test", ["Prefix /", "a"])], {
        annotations: contour({ "retry-on": "5xx" }),
      }),
      ingress("slow", [rule("slow.ingress.test", ["Prefix /", "a"])], {
        annotations: contour({ "retry-on": "5xx", "per-try-timeout": "500ms" }),
      }),
      ingress("never", [rule("never.ingress.test", ["Prefix /", "a"])], {
        annotations: contour({ "num-retries": "2" }),
      }),
    ),
    async check(scene) {
      const fail = (times: number) => ({
        "x-backend-fail": String(times),
        "x-backend-status": "503",
      });
      const check = (name: string, rows: readonly Row[]) =>
        routes(`${name}.ingress.test`, rows)(scene);
      await check("thrice", [
        { headers: fail(2), status: 200 },
        { headers: fail(3), status: 503 },
      ]);
      await check("once", [{ headers: fail(1), status: 200 }, { headers: fail(2), status: 503 }]);
      await check("never", [{ headers: fail(1), status: 503 }]);
      await check("slow", [{ headers: { ...fail(1), "x-backend-delay": "1500" }, status: 200 }]);
    },
  },
  {
    name: "websockets on the paths that are listed",
    manifest: ingress("chat", [
      rule("chat.ingress.test", ["Prefix /", "a"], ["Prefix /chat", "a"]),
    ], { annotations: contour({ "websocket-routes": "/chat , /unknown" }) }),
    async check({ gateway }) {
      const { address, http } = gateway.place;
      const open = (path: string) =>
        upgrade({ address, port: http }, { host: "chat.ingress.test", path }, "hello");
      const chat = await open("/chat/room");
      assert.deepEqual([chat.status, chat.body], [101, "hello"]);
      assert.equal((await open("/other")).status, 403);
    },
  },
  {
    name: "an Ingress and an HTTPProxy share a host: equal paths are those of the HTTPProxy",
    manifest: documents(
      root("shared.ingress.test", `routes: [{ conditions: [{ prefix: / }], ${to("a")} }]`),
      ingress("shared", [rule("shared.ingress.test", ["Prefix /", "b"], ["Prefix /b", "b"])]),
    ),
    check: routes("shared.ingress.test", [{ to: "a" }, { path: "/b", to: "b" }]),
  },
  {
    name: "an HTTPProxy without TLS is not served over that of an Ingress, nor the other way round",
    manifest: documents(
      root("tls-of-ingress.secure.test", `routes: [{ conditions: [{ prefix: / }], ${to("a")} }]`),
      ingress("tls-of-ingress", [rule("tls-of-ingress.secure.test", ["Prefix /", "b"])], {
        tls: certificate("tls-of-ingress.secure.test"),
      }),
      root("tls-of-proxy.secure.test", `routes: [{ conditions: [{ prefix: / }], ${to("a")} }]`, {
        tls: "{ secretName: certificate }",
      }),
      ingress("tls-of-proxy", [rule("tls-of-proxy.secure.test", ["Prefix /b", "b"])]),
    ),
    async check(scene) {
      const tls = { ca: scene.ca };
      await routes("tls-of-ingress.secure.test", [{ to: "a" }, { tls, to: "b" }])(scene);
      await routes("tls-of-proxy.secure.test", [
        { path: "/b", to: "b" },
        { path: "/b", tls, to: "a" },
        { path: "/", status: 301 },
      ])(scene);
    },
  },
  {
    name: "a root that is not valid leaves the host to the Ingress",
    manifest: documents(
      root("left.ingress.test", `routes: [{ ${to("a")} }]`),
      root("left.ingress.test", `routes: [{ ${to("c")} }]`, { namespace: "team" }),
      ingress("left", [rule("left.ingress.test", ["Prefix /b", "b"])]),
    ),
    check: routes("left.ingress.test", [{ path: "/b", to: "b" }, { path: "/", status: 404 }]),
  },
  {
    name: "an Ingress of another class is nobody's, by annotation or by field",
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
        ingress(`class-${name}`, [rule(`${name}.class.ingress.test`, ["Prefix /", "a"])], {
          annotations,
          ...(ingressClassName === undefined ? {} : { ingressClassName }),
        })
      ),
    ),
    async check(scene) {
      for (const name of ["ours", "ours-too", "field"]) {
        await routes(`${name}.class.ingress.test`, [{ to: "a" }])(scene);
      }
      for (const name of ["theirs", "theirs-too", "field-of-others"]) {
        await routes(`${name}.class.ingress.test`, [{ status: 404 }])(scene);
      }
    },
  },
  {
    name: "a backend that is no Service is left out",
    manifest: ingress("resource", [
      rule("resource.ingress.test", ["Prefix /", "a"]),
      {
        host: "resource.ingress.test",
        http: {
          paths: [{
            path: "/files",
            pathType: "Prefix",
            backend: { resource: { apiGroup: "storage.example", kind: "Bucket", name: "files" } },
          }],
        },
      },
    ], {
      // Nor does it answer for hosts that nobody knows.
      defaultBackend: {
        resource: { apiGroup: "storage.example", kind: "Bucket", name: "files" },
      },
    }),
    check: routes("resource.ingress.test", [{ path: "/files", to: "a" }]),
  },
  {
    name: "a highest version of TLS",
    manifest: ingress("old-tls", [rule("old-ingress.secure.test", ["Prefix /", "a"])], {
      annotations: contour({ "tls-maximum-protocol-version": "1.2" }),
      tls: certificate("old-ingress.secure.test"),
    }),
    async check(scene) {
      const host = "old-ingress.secure.test";
      await routes(host, [{ tls: { ca: scene.ca, maxVersion: "TLSv1.2" }, to: "a" }])(scene);
      await refused(scene, { host, tls: { ca: scene.ca, minVersion: "TLSv1.3" } });
    },
  },
  {
    name: "no TLS for an Ingress where a root wants clients to be known and cannot have it",
    manifest: documents(
      root("demanding.secure.example", `routes: [{ ${to("a")} }]`, {
        tls: "{ secretName: certificate, clientValidation: { caSecret: nobody } }",
      }),
      ingress("demanding", [rule("demanding.secure.example", ["Prefix /", "b"])], {
        annotations: forceRedirect,
        tls: certificate("demanding.secure.example"),
      }),
      root("known.secure.test", `routes: [{ conditions: [{ prefix: /a }], ${to("a")} }]`, {
        tls: "{ secretName: certificate, clientValidation: { caSecret: ca } }",
      }),
      ingress("known", [rule("known.secure.test", ["Prefix /", "b"])], {
        annotations: withoutHttp,
        tls: certificate("known.secure.test"),
      }),
    ),
    async check(scene) {
      const tls = { ca: scene.ca };
      await refused(scene, { host: "demanding.secure.example", tls });
      await routes("demanding.secure.example", [{ status: 301 }])(scene);
      await refused(scene, { host: "known.secure.test", tls });
    },
  },
];
