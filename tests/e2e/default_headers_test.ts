/** Headers that the configuration sets and takes away for all hosts. */
import assert from "node:assert/strict";
import type { Settings } from "../../controller/store/mod.ts";
import { startBackend } from "../support/backend.ts";
import { layouts, startGateway } from "../support/gateway.ts";
import { documents, ingress, ingressRule, root, service } from "./manifest.ts";
import { echoOf } from "./stage.ts";

const defaultHeaders: Settings["defaultHeaders"] = {
  request: {
    set: {
      "X-Target": "%CONTOUR_NAMESPACE%/%CONTOUR_SERVICE_NAME%:%CONTOUR_SERVICE_PORT%",
      "X-Client": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
      "X-Share": "100%",
      "Host": "inner.test",
    },
    remove: ["X-Secret"],
  },
  response: { set: { "X-Frame-Options": "DENY" }, remove: ["X-Powered-By"] },
  applyToIngress: false,
};

const manifest = (port: number) =>
  documents(
    service("a", [{ port }]),
    root(
      "host.test",
      `
      routes:
      - services: [{ name: a, port: 80 }]
      - conditions: [{ prefix: /own }]
        services:
        - name: a
          port: 80
          requestHeadersPolicy:
            set: [{ name: x-target, value: mine }, { name: Host, value: own.test }]
          responseHeadersPolicy: { set: [{ name: x-frame-options, value: SAMEORIGIN }] }
      - conditions: [{ prefix: /text }]
        directResponsePolicy: { statusCode: 200, body: text }
      `,
    ),
    ingress("ingress", [ingressRule("ingress.test", ["Prefix /", "a"])]),
  );

for (const layout of layouts) {
  for (const applyToIngress of [false, true]) {
    const where = applyToIngress ? "Ingresses too" : "HTTPProxies alone";
    Deno.test(`headers of all hosts, ${where}, ${layout}`, async () => {
      await using backend = await startBackend({ name: "a" });
      await using gateway = await startGateway({
        layout,
        manifest: manifest(backend.port),
        settings: { defaultHeaders: { ...defaultHeaders, applyToIngress } },
      });
      const ask = async (host: string, path: string) => {
        const answer = await gateway.ask({
          host,
          path,
          headers: { "x-secret": "1", "x-backend-reply": "x-powered-by=a" },
        });
        const { host: asked, headers } = echoOf(answer);
        return {
          asked,
          target: headers["x-target"],
          client: headers["x-client"],
          share: headers["x-share"],
          secret: headers["x-secret"],
          frames: answer.headers["x-frame-options"],
          powered: answer.headers["x-powered-by"],
        };
      };
      const everywhere = {
        asked: "inner.test",
        target: "default/a:80",
        client: "127.0.0.1",
        share: "100%",
        secret: undefined,
        frames: "DENY",
        powered: undefined,
      };
      assert.deepEqual(await ask("host.test", "/"), everywhere);
      assert.deepEqual(await ask("host.test", "/own"), {
        ...everywhere,
        asked: "own.test",
        target: "mine",
        frames: "SAMEORIGIN",
      });
      const text = await gateway.ask({ host: "host.test", path: "/text" });
      assert.equal(text.headers["x-frame-options"], undefined);
      const nowhere = Object.fromEntries(Object.keys(everywhere).map((name) => [name, undefined]));
      assert.deepEqual(
        await ask("ingress.test", "/"),
        applyToIngress
          ? everywhere
          : { ...nowhere, asked: "ingress.test", secret: "1", powered: "a" },
      );
      assert.deepEqual(await gateway.disagreements(), []);
      assert.deepEqual(gateway.controller.refusals, []);
      assert.deepEqual(gateway.envoy.log, []);
    });
  }
}
