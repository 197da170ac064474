/** Requests through a real Envoy for all that HTTPProxies and Ingresses can ask for, with equal answers in both layouts. */
import assert from "node:assert/strict";
import { layouts, startGateway } from "../support/gateway.ts";
import { cases } from "./cases/mod.ts";
import { documents } from "./manifest.ts";
import { manifestOf, setStage, stageManifest } from "./stage.ts";

for (const layout of layouts) {
  Deno.test(`what HTTPProxies and Ingresses ask for, ${layout}`, async (t) => {
    await using stage = await setStage();
    const manifest = documents(
      stageManifest(stage),
      ...Object.values(cases).flat().map((one) => manifestOf(one, stage)),
    );
    const settings = { enableExternalNameService: true };
    await using gateway = await startGateway({ layout, manifest, settings });
    const { ask } = gateway;
    for (const [topic, list] of Object.entries(cases)) {
      await t.step(topic, async (t) => {
        for (const { name, check } of list) {
          await t.step(name, () => check({ ...stage, gateway, ask }));
        }
      });
    }
    await t.step("every request went to the rule that explain names", async () => {
      assert.deepEqual(await gateway.disagreements(), []);
    });
    await t.step("Envoy refused nothing", () => {
      assert.deepEqual(gateway.controller.refusals, []);
      assert.deepEqual(gateway.envoy.log, []);
    });
  });
}
