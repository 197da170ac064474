import assert from "node:assert/strict";
import { createLayout, defaultEnvoyOptions, type EnvoyOptions } from "../envoy/mod.ts";
import { ResourceCache, serveXds, systemClock } from "../xds/mod.ts";
import { envoyBinary, envoyProcess } from "./mod.ts";

/** What an Envoy says of its runtime settings, once it is ready. */
async function runtimeWith(options: EnvoyOptions): Promise<unknown> {
  const stop = new AbortController();
  const cache = new ResourceCache();
  const layout = createLayout("scoped", options);
  cache.apply(layout.update({ hosts: { changed: new Map(), removed: [] } }));
  const server = await serveXds({
    address: "127.0.0.1",
    port: 0,
    cache,
    clock: systemClock,
    onEvent: () => {},
    signal: stop.signal,
  });
  const envoy = await envoyProcess({
    binary: await envoyBinary(),
    bootstrap: {
      node: { id: "envoy-1", cluster: "contour" },
      xds: { address: "127.0.0.1", port: server.port },
      asksForRuntime: true,
    },
    concurrency: 1,
    signal: stop.signal,
  });
  try {
    // Envoy would wait 15 s for an answer that does not come.
    await envoy.ready(AbortSignal.timeout(10_000));
    const { body } = await envoy.adminGet("/runtime");
    return JSON.parse(body).entries;
  } finally {
    stop.abort();
    await envoy.done;
    await server.close();
  }
}

const layers = (entry: unknown) => Object(entry).layer_values;

Deno.test("runtime settings reach Envoy, above those of its bootstrap", async () => {
  const entries = await runtimeWith({
    ...defaultEnvoyOptions,
    runtime: { settings: { "re2.max_program_size.warn_level": "7", "x.y": "z" } },
  });
  assert.deepEqual(layers(Object(entries)["re2.max_program_size.warn_level"]), ["1000", "7", ""]);
  assert.deepEqual(layers(Object(entries)["x.y"]), ["", "z", ""]);
});

Deno.test("an Envoy that asks for settings does not wait where there are none", async () => {
  const entries = await runtimeWith(defaultEnvoyOptions);
  assert.deepEqual(Object.keys(Object(entries)).sort(), [
    "re2.max_program_size.error_level",
    "re2.max_program_size.warn_level",
  ]);
});
