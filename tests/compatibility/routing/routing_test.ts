/** Recorded worlds are served as Contour served them: each request is answered alike. */
import assert from "node:assert/strict";
import type { LayoutKind } from "../../../controller/envoy/mod.ts";
import { configured } from "../../support/configured.ts";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { inParallel } from "../../support/in_parallel.ts";
import { type Answered, ask, type Asked } from "./ask.ts";
import { differences, explanation, type Pair, scopeHeader } from "./differences.ts";
import { readRecording, type Recording } from "./recording.ts";
import { setWideStage, type WideStage } from "./stage.ts";

/** That the other layout answers alike is what `tests/e2e` is about. */
const layouts: Readonly<Record<string, LayoutKind>> = { defaults: "scoped", configured: "flat" };

Deno.test("what Contour answered", async (t) => {
  await using stage = await setWideStage();
  const met = new Set<string>();
  for (const [name, layout] of Object.entries(layouts)) {
    const recording = await readRecording(name);
    await t.step(name, async () => {
      await using gateway = await startGateway({
        layout,
        manifest: manifestOf(recording, stage),
        accessLog: "none",
        ...configured(recording.configuration),
      });
      assert.deepEqual(gateway.controller.refusals, []);
      const unexplained: Pair[] = [];
      const exchanges = recording.worlds.flatMap(({ exchanges }) => exchanges);
      await inParallel(exchanges, 24, async ([asked, recorded]) => {
        const pair = await compared(gateway, stage, asked, recorded);
        for (const difference of explanation(pair) ?? []) met.add(difference);
        if (explanation(pair) === undefined) unexplained.push(pair);
      });
      assert.deepEqual(unexplained.slice(0, 5), [], `${unexplained.length} answers differ`);
    });
  }
  await t.step("every difference was met", () => {
    const meant = [...differences.map(({ name }) => name), scopeHeader];
    assert.deepEqual(meant.filter((name) => !met.has(name)), []);
  });
});

function manifestOf({ more, worlds }: Recording, stage: WideStage): string {
  const objects = [...more, ...worlds.flatMap(({ objects }) => objects)];
  return [stage.surroundings, ...objects.map((object) => JSON.stringify(object))].join("\n---\n");
}

/** Both answers. Ours is the best of some: a machine with too much to do runs into timeouts. */
async function compared(
  { place }: Gateway,
  { certificates }: WideStage,
  asked: Asked,
  recorded: Answered,
): Promise<Pair> {
  for (let tries = 3;; tries--) {
    const pair = { asked, recorded, ours: await ask(place, asked, certificates) };
    if (tries === 1 || explanation(pair) !== undefined) return pair;
  }
}
