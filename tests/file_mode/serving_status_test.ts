/** What Envoys refuse is told by `contour status`, of a controller that is asked and of a cluster. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parts } from "../../cli/main.ts";
import { refusedAmong } from "../../cli/refused_objects.ts";
import { servePages } from "../../controller/admin/mod.ts";
import { readManifest } from "../../controller/api/mod.ts";
import { debugPages } from "../../controller/debug_pages.ts";
import { defaultEnvoyOptions } from "../../controller/envoy/mod.ts";
import { defaultSettings } from "../../controller/store/mod.ts";
import { Translation } from "../../controller/translation/mod.ts";
import { ResourceCache } from "../../controller/xds/mod.ts";
import { commandLine } from "../support/command_line.ts";
import { answering } from "./manifests.ts";

const words = "Only Envoy knows why";
const text = `${answering("good", "yes")}---\n${answering("odd", "yes")}`;
const odd = { kind: "HTTPProxy", namespace: "default", name: "odd" } as const;

Deno.test("a running controller is asked what its Envoys refuse", async () => {
  const translation = new Translation({
    settings: defaultSettings,
    envoy: defaultEnvoyOptions,
    layout: "scoped",
  });
  const { objects } = readManifest(text, { file: "both.yaml" });
  translation.apply({ applied: objects.map(({ object }) => object) });
  translation.refuse(odd, words);
  translation.settleNow();
  const position = { file: "/served/both.yaml", line: 3, column: 5, endLine: 3, endColumn: 6 };
  const stop = new AbortController();
  const server = await servePages({
    address: "127.0.0.1",
    port: 0,
    pages: debugPages({
      translation,
      cache: new ResourceCache(),
      nodes: () => [],
      locate: () => position,
    }),
    signal: stop.signal,
  });
  const folder = await Deno.makeTempDir({ prefix: "contour-serving-" });
  try {
    const serving = `127.0.0.1:${server.port}`;
    const all = await commandLine(["status", "--serving", serving, "-o", "json"], { parts });
    assert.equal(all.code, 1, all.err);
    assert.match(all.err, /^\/served\/both\.yaml:3:5: error\[CTR304\] .*Only Envoy knows why/);
    assert.deepEqual(verdicts(all.out), { good: "valid", odd: "invalid" });

    await Deno.writeTextFile(join(folder, "odd.yaml"), answering("odd", "yes"));
    const some = await commandLine(["status", "--serving", `http://${serving}`, folder], { parts });
    assert.ok(some.err.startsWith(`${folder}/odd.yaml:`), some.err);
    assert.match(some.out, /odd.*invalid/);
    assert.doesNotMatch(some.out, /good/);

    const away = await commandLine(["status", "--serving", serving, "--context", "prod"], {
      parts,
    });
    assert.equal(away.code, 2);
    assert.match(away.err, /flags of a cluster have no part in that/);
  } finally {
    stop.abort();
    await server.finished;
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what is no controller is said to be none", async () => {
  for (
    const [address, reason] of [
      ["127.0.0.1:1", /Cannot ask the controller at "127.0.0.1:1": .*ECONNREFUSED/],
      ["https://127.0.0.1", /is no address/],
      ["", /is no address/],
    ] as const
  ) {
    const { code, err } = await commandLine(["status", "--serving", address], { parts });
    assert.equal(code, 2);
    assert.match(err, reason);
  }
});

Deno.test("of a cluster the words stand in the status that a controller wrote", async () => {
  const errors = [{ type: "SpecError", status: "True", reason: "RefusedByEnvoy", message: words }];
  const status = { conditions: [{ type: "Valid", observedGeneration: 2, errors }] };
  const item = (generation: number) => ({
    kind: "HTTPProxy",
    value: { metadata: { namespace: "default", name: "odd", generation }, status },
  });
  assert.deepEqual(refusedAmong([item(2)]), new Map([["HTTPProxy/default/odd", words]]));
  // It was changed since, and nobody knows yet.
  assert.deepEqual(refusedAmong([item(3), { kind: "Service", value: {} }]), new Map());

  const { objects } = readManifest(text, { file: "both.yaml" });
  const statuses = await parts.statuses(
    objects.map(({ object }) => object),
    defaultSettings,
    undefined,
    refusedAmong([item(2)]),
  );
  assert.deepEqual(
    statuses.map(({ key, status }) => [key.name, status?.currentStatus]),
    [["good", "valid"], ["odd", "invalid"]],
  );
});

function verdicts(out: string): Readonly<Record<string, string>> {
  const { items }: { items: readonly Item[] } = JSON.parse(out);
  return Object.fromEntries(
    items.map(({ metadata, status }) => [metadata.name, status.currentStatus]),
  );
}

interface Item {
  readonly metadata: { readonly name: string };
  readonly status: { readonly currentStatus: string };
}
