/** Envoy takes all that comes of random objects and configurations, made by the schemas. */
import assert from "node:assert/strict";
import { defaultSettings } from "../../controller/store/mod.ts";
import { translateCold } from "../../controller/translation/mod.ts";
import { envoyOptionsAt } from "../support/envoy.ts";
import { layouts } from "../support/gateway.ts";
import { Random } from "../support/world/random.ts";
import { randomConfiguration } from "./configuration.ts";
import { feedEnvoy } from "./fed_envoy.ts";
import { randomWorld, secretText } from "./world.ts";

/** Of each layout. */
const worldCount = 40;

for (const layout of layouts) {
  Deno.test(`Envoy takes random objects and configurations, ${layout}`, async () => {
    const stringData = await secretText();
    await using fed = await feedEnvoy();
    let [count, served] = [0, 0];
    const problems: unknown[] = [];
    for (let seed = 0; seed < worldCount; seed++) {
      const random = new Random(20_275_000 + seed * 2 + layouts.indexOf(layout));
      const { settings, envoy: { http: _, https: __, ...envoy } } = randomConfiguration(random);
      const { objects, randomCount } = randomWorld(random, stringData);
      const { resources, statuses } = translateCold(objects, {
        settings: { ...defaultSettings, nowMs: Date.UTC(2030, 0), ...settings },
        envoy: { ...envoyOptionsAt(fed.place, "none"), ...envoy },
        layout,
      });
      count += randomCount;
      served += statuses.filter(({ key, diagnostics }) =>
        key.kind === "HTTPProxy" && !diagnostics.some(({ severity }) =>
          severity === "error"
        )
      ).length;
      for (const event of await fed.feed(resources.values())) problems.push({ seed, ...event });
      for (const line of fed.envoy.log.splice(0)) problems.push({ seed, line });
    }
    assert.deepEqual(problems, []);
    assert.ok(count >= 1_000, `${count} objects`);
    assert.ok(served >= count / 5, `${served} HTTPProxies of ${count} objects were served`);
  });
}
