/** Whatever the schema lets through is taken by Envoy, and does not disturb the host next door. */
import assert from "node:assert/strict";
import { inProcess } from "../../../controller/plugin/mod.ts";
import { startGateway } from "../../../tests/support/gateway.ts";
import { Random } from "../../../tests/support/world.ts";
import plugin from "../mod.ts";
import { startEcho } from "./backend.ts";
import type { Case } from "./case.ts";
import { randomSettings } from "./random.ts";
import { checkAnswer, manifestOf, requestOf } from "./stage.ts";

const count = 120;

Deno.test(`${count} random policies`, async () => {
  const random = new Random(7);
  const made = Array.from({ length: count }, () => randomSettings(random));
  await using backend = await startEcho();
  await using gateway = await startGateway({
    layout: "flat",
    plugins: { requested: [{ plugin: inProcess(plugin), from: "test" }] },
    manifest: manifestOf(good, backend),
  });
  await gateway.apply([
    ...made.map((settings, i) =>
      JSON.stringify({
        apiVersion: "policy.projectcontour.io/v1alpha1",
        kind: "HeaderPolicy",
        metadata: { name: `host-${i}`, namespace: "random" },
        spec: { targetRef: { kind: "HTTPProxy", name: `host-${i}` }, ...settings },
      })
    ),
    ...made.map((_, i) =>
      JSON.stringify({
        apiVersion: "projectcontour.io/v1",
        kind: "HTTPProxy",
        metadata: { name: `host-${i}`, namespace: "random" },
        spec: {
          virtualhost: { fqdn: `host-${i}.random.test` },
          routes: [{
            conditions: [{ prefix: "/" }],
            plugins: { headers: made[(i + 1) % count] },
            directResponsePolicy: { statusCode: 200, body: "ok" },
          }],
        },
      })
    ),
  ].join("\n---\n"));
  assert.deepEqual(gateway.controller.refusals, []);
  const refused = [...gateway.controller.translation.statuses].flatMap(([id, { diagnostics }]) =>
    diagnostics.filter(({ code }) => code === "CTR357").map(({ message }) => `${id}: ${message}`)
  );
  assert.deepEqual(refused, []);
  for (let i = 0; i < count; i++) {
    const { status } = await gateway.ask({ host: `host-${i}.random.test`, headers: odd });
    assert.equal(status, 200, JSON.stringify(made[i]));
  }
  const [ask = {}] = good.asks;
  checkAnswer(good, ask, await gateway.ask(requestOf(good, ask)));
});

const good: Case = {
  name: "next door",
  policy: {
    manifest: `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: $NAME, namespace: $NS }
spec:
  virtualhost:
    fqdn: $HOST
    plugins: { headers: { request: [{ set: { name: x-a, value: b } }] } }
  routes: [{ services: [{ name: echo, port: 80 }] }]`,
  },
  asks: [{ sees: { "x-a": "b" } }],
};

const odd = { "x-a": "%a%", "x-b": "(')", "x-internal-user": "a".repeat(9_000), cookie: "a=b" };
