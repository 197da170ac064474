/** Requests to hosts that nobody claims, where an Ingress takes them. */
import assert from "node:assert/strict";
import { layouts, startGateway } from "../support/gateway.ts";
import { documents, ingress, ingressRule as rule, root } from "./manifest.ts";
import { routes, type Row, setStage, stageManifest } from "./stage.ts";

const backend = (name: string) => ({ service: { name, port: { number: 80 } } });

for (const layout of layouts) {
  Deno.test(`unknown hosts and the default backend, ${layout}`, async (t) => {
    await using stage = await setStage();
    const manifest = documents(
      stageManifest(stage),
      root(
        "known.test",
        "routes: [{ conditions: [{ prefix: /a }], services: [{ name: a, port: 80 }] }]",
      ),
      ingress("wildcard", [rule("*.wild.test", ["Prefix /", "c"])]),
      ingress("hidden", [rule("hidden.secure.test", ["Prefix /", "c"])], {
        annotations: { "kubernetes.io/ingress.allow-http": "false" },
        tls: [{ hosts: ["hidden.secure.test"], secretName: "certificate" }],
      }),
    );
    await using gateway = await startGateway({ layout, manifest });
    const check = (host: string, rows: readonly Row[]) =>
      routes(host, rows)({ ...stage, gateway, ask: gateway.ask });
    const all = ingress("all", [
      rule(undefined, ["Prefix /b", "b"]),
      rule("", ["Exact /exact", "c"]),
    ], { defaultBackend: backend("a") });

    await t.step("nobody answers for them at first", async () => {
      await check("unknown.example", [{ status: 404 }]);
      await check("hidden.secure.test", [{ status: 404 }]);
    });
    await t.step("an Ingress without a host takes them, whatever their case and port", async () => {
      await gateway.apply(all);
      for (const host of ["unknown.example", "Unknown.Example:8080", "localhost", "127.0.0.1:80"]) {
        await check(host, [
          { path: "/", to: "a" },
          { path: "/b/c", to: "b" },
          { path: "/bc", to: "a" },
          { path: "/exact", to: "c" },
          { path: "/exact/", to: "a" },
        ]);
      }
    });
    await t.step("hosts that are known keep to themselves what they do not serve", async () => {
      await check("known.test", [{ path: "/a", to: "a" }, { path: "/b", status: 404 }]);
      await check("KNOWN.test", [{ path: "/b", status: 404 }]);
      await check("x.wild.test", [{ to: "c" }]);
      await check("x.y.wild.test", [{ status: 404 }]);
      await check("wild.test", [{ to: "a" }]);
      // Not known here: it is served with TLS alone.
      await check("hidden.secure.test", [{ to: "a" }]);
    });
    await t.step("there is no TLS for them", async () => {
      await assert.rejects(gateway.ask({ host: "unknown.secure.test", tls: { ca: stage.ca } }));
      await check("hidden.secure.test", [{ tls: { ca: stage.ca }, to: "c" }]);
    });
    await t.step("they go with the Ingress", async () => {
      await gateway.remove({ kind: "Ingress", namespace: "default", name: "all" });
      await check("unknown.example", [{ status: 404 }]);
      await check("x.wild.test", [{ to: "c" }]);
    });
    await t.step("every request went to the rule that explain names", async () => {
      assert.deepEqual(await gateway.disagreements(), []);
      assert.deepEqual(gateway.controller.refusals, []);
    });
  });
}
