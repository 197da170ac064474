import assert from "node:assert/strict";
import { ManualClock } from "../tests/support/cluster/mod.ts";
import { controllerMetrics, logger } from "./admin/mod.ts";
import { readManifest } from "./api/mod.ts";
import { defaultEnvoyOptions } from "./envoy/mod.ts";
import { observe } from "./observer.ts";
import { defaultSettings } from "./store/mod.ts";
import { Translation } from "./translation/mod.ts";

/** A controller's log about one HTTPProxy that changes. */
function bench() {
  const clock = new ManualClock();
  const stop = new AbortController();
  const lines: string[] = [];
  const log = logger({
    format: "json",
    level: "info",
    write: (line) => {
      const { msg, path, unsaid } = JSON.parse(line);
      lines.push([msg, path, unsaid && `unsaid ${unsaid}`].filter(Boolean).join(" | "));
    },
    now: () => new Date(0),
  });
  const observer = observe({
    log,
    metrics: controllerMetrics({ version: "", revision: "", branch: "" }),
    locate: () => undefined,
    clock,
    signal: stop.signal,
  });
  const translation = new Translation({
    settings: defaultSettings,
    envoy: defaultEnvoyOptions,
    layout: "scoped",
  });
  const settle = () =>
    observer.settled(translation, translation.settleNow(), {
      seconds: 0,
      publishSeconds: 0,
      visits: 0,
    });
  return {
    clock,
    lines,
    put(prefix: string) {
      const text = `
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: toggled }
spec:
  virtualhost: { fqdn: toggled.test }
  routes: [{ conditions: [{ prefix: "${prefix}" }], directResponsePolicy: { statusCode: 200 } }]
`;
      translation.apply({
        applied: readManifest(text, { file: "toggled.yaml" }).objects.map(({ object }) => object),
      });
      settle();
    },
    remove() {
      const key = { kind: "HTTPProxy", namespace: "default", name: "toggled" } as const;
      translation.apply({ deleted: [key] });
      settle();
    },
  };
}

const isBad = "route: prefix conditions must start with /, bad was supplied";

Deno.test("the log ends with how an object is in the end, however often it changed", async () => {
  for (const last of ["/good", "bad"]) {
    const { clock, lines, put } = bench();
    for (let i = 0; i < 50; i++) {
      put("bad");
      put("/good");
    }
    put(last);
    const before = lines.length;
    assert.ok(before >= 20 && before <= 22, `${before} lines`);
    await clock.advance(10_000);
    const [said = "", ...more] = lines.slice(before);
    assert.deepEqual(more, []);
    const told = lines.slice(0, before).at(-1) ?? "";
    // Where the last line says it already, nothing is left to say.
    if (said === "") assert.equal(told.startsWith("HTTPProxy is valid"), last === "/good");
    else assert.ok(said.startsWith(last === "bad" ? isBad : "HTTPProxy is valid again"), said);
    await clock.advance(100_000);
    assert.equal(lines.length, before + (said === "" ? 0 : 1));
  }
});

Deno.test("what a mistake was becomes of no interest with its object", async () => {
  const { clock, lines, put, remove } = bench();
  for (let i = 0; i < 50; i++) put(i % 2 === 0 ? "bad" : "/good");
  put("bad");
  remove();
  const before = lines.length;
  await clock.advance(100_000);
  assert.equal(lines.length, before);
});
