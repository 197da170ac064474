/** What clients notice of the configuration, key by key, with equal answers in both layouts. */
import assert from "node:assert/strict";
import { configured } from "../support/configured.ts";
import { layouts, startGateway } from "../support/gateway.ts";
import { type ConfigurationCase, configurations } from "./configurations/mod.ts";
import { documents } from "./manifest.ts";
import { setStage, type Stage, stageManifest } from "./stage.ts";

for (const layout of layouts) {
  Deno.test(`what is configured, ${layout}`, async (t) => {
    await using stage = await setStage();
    for (const [topic, list] of Object.entries(configurations)) {
      for (const one of list) {
        await t.step(`${topic}: ${one.name}`, () => run(one, stage, layout));
      }
    }
  });
}

async function run(
  { configuration, manifest, preface, check }: ConfigurationCase,
  stage: Stage,
  layout: (typeof layouts)[number],
): Promise<void> {
  const freePort = freePortNow();
  const { settings, envoy: { http, https: _, ...envoy } } = configured(
    typeof configuration === "function" ? configuration({ ...stage, freePort }) : configuration,
  );
  // The addresses are the test's own, and so is the file.
  const logFile = await Deno.makeTempFile({ prefix: "access-", suffix: ".log" });
  const accessLog = http?.accessLog && { ...http.accessLog, path: logFile };
  try {
    await using gateway = await startGateway({
      layout,
      manifest: documents(
        stageManifest(stage),
        typeof manifest === "string" ? manifest : manifest(stage),
      ),
      settings,
      envoy,
      ...(accessLog === undefined ? {} : { accessLog }),
      ...(preface === undefined ? {} : { preface }),
    });
    await check({
      ...stage,
      freePort,
      gateway,
      ask: gateway.ask,
      async accessLog() {
        return (await Deno.readTextFile(logFile)).split("\n").filter((line) => line !== "");
      },
    });
    assert.deepEqual(gateway.controller.refusals, []);
    assert.deepEqual(gateway.envoy.log, []);
  } finally {
    await Deno.remove(logFile);
  }
}

/** Nobody takes it in the moment until Envoy does. */
function freePortNow(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
