import assert from "node:assert/strict";
import { eventually } from "../../support/wait.ts";
import { documents, proxy, root } from "../manifest.ts";
import { echoOf, routes } from "../stage.ts";
import type { ConfigurationCase } from "./configuration_case.ts";

const to = (name: string) => `services: [{ name: ${name}, port: 80 }]`;
const plain = root("plain.test", `routes: [{ ${to("a")} }]`);

/** What is noticed of how Services are spoken to, and which hosts are served at all. */
export const services: readonly ConfigurationCase[] = [
  {
    name: "a connection for each request",
    configuration: "cluster: { max-requests-per-connection: 1 }",
    manifest: plain,
    async check({ ask }) {
      const ports = new Set<number | undefined>();
      for (let i = 0; i < 5; i++) ports.add(echoOf(await ask({ host: "plain.test" })).clientPort);
      assert.equal(ports.size, 5);
    },
  },
  {
    name: "one connection for all requests, by default",
    configuration: "{}",
    manifest: plain,
    async check({ ask }) {
      const ports = new Set<number | undefined>();
      for (let i = 0; i < 5; i++) ports.add(echoOf(await ask({ host: "plain.test" })).clientPort);
      assert.equal(ports.size, 1);
    },
  },
  {
    name: "limits of Services that have none",
    configuration: "cluster: { circuit-breakers: { max-requests: 1 } }",
    manifest: plain,
    async check({ ask }) {
      const question = { host: "plain.test", headers: { "x-backend-delay": "500" } };
      const answers = await Promise.all([ask(question), ask(question)]);
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 503]);
    },
  },
  {
    name: "versions of TLS with Services",
    configuration: `cluster: { upstream-tls: { ecdh-curves: [P-521] } }`,
    manifest: root(
      "plain.test",
      "routes: [{ services: [{ name: https, port: 80, protocol: tls }] }]",
    ),
    // Backends of Deno do not have this curve.
    check: routes("plain.test", [{ status: 503 }]),
  },
  ...(["v4", "v6"] as const).map((family): ConfigurationCase => ({
    name: `addresses of names: ${family}`,
    configuration: `{ enableExternalNameService: true, cluster: { dns-lookup-family: ${family} } }`,
    manifest: ({ backends: { a } }) =>
      documents(
        JSON.stringify({
          apiVersion: "v1",
          kind: "Service",
          metadata: { name: "external" },
          spec: {
            type: "ExternalName",
            externalName: "shop.localhost",
            ports: [{ port: a.port }],
          },
        }),
        root("plain.test", `routes: [{ services: [{ name: external, port: ${a.port} }] }]`),
      ),
    async check({ ask }) {
      // Backend `a` listens at an address of IPv4 alone.
      await eventually("the name is looked up", async () => {
        const { headers, body } = await ask({ host: "plain.test" });
        return family === "v4" ? headers["x-backend"] === "a" : /connect error/.test(body);
      });
    },
  })),
  {
    name: "nothing is served without TLS where that is forbidden",
    configuration: "disablePermitInsecure: true",
    manifest: root("host.secure.test", `routes: [{ ${to("a")}, permitInsecure: true }]`, {
      tls: "{ secretName: certificate }",
    }),
    check: routes("host.secure.test", [{ status: 301 }]),
  },
  {
    name: "no more routes of a host than are allowed",
    configuration: "max-routes-per-host: 2",
    manifest: documents(
      proxy(
        "many",
        `virtualhost: { fqdn: many.test }\nincludes: [${
          ["/1", "/2", "/3"].map(
            (prefix) => `{ name: part, conditions: [{ prefix: ${prefix} }] }`,
          )
        }]`,
      ),
      proxy("part", `routes: [{ ${to("a")} }]`),
    ),
    check: routes("many.test", [
      { path: "/1", to: "a" },
      { path: "/2", to: "a" },
      { path: "/3", status: 404 },
    ]),
  },
  {
    name: "objects of our classes alone, and roots of our namespaces alone",
    configuration: {
      spec: { ingress: { classNames: ["ours"] }, httpproxy: { rootNamespaces: ["team"] } },
    },
    manifest: documents(
      classed("ours.test", "team", "ours"),
      classed("theirs.test", "team", "theirs"),
      classed("none.test", "team", undefined),
      classed("elsewhere.test", "default", "ours"),
    ),
    async check(scene) {
      await routes("ours.test", [{ to: "a" }])(scene);
      for (const host of ["theirs.test", "none.test", "elsewhere.test"]) {
        await routes(host, [{ status: 404 }])(scene);
      }
    },
  },
];

function classed(fqdn: string, namespace: string, ingressClassName: string | undefined): string {
  const name = ingressClassName === undefined ? "" : `ingressClassName: ${ingressClassName}`;
  return proxy(fqdn, `virtualhost: { fqdn: ${fqdn} }\n${name}\nroutes: [{ ${to("a")} }]`, {
    namespace,
  });
}
