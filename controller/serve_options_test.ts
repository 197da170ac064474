import assert from "node:assert/strict";
import {
  endpointConflict,
  parseAdminAddress,
  type Places,
  type ServeOptions,
} from "./serve_options.ts";
import { localConfiguration } from "./local_configuration.ts";

function optionsAt(places: Partial<Places>): ServeOptions {
  return {
    source: { kind: "files", paths: ["routes"], namespace: "default" },
    configuration: localConfiguration(places),
    envoy: { kind: "external" },
    layout: "scoped",
  };
}

Deno.test("the address of Envoy's admin interface is read, or refused with what would do", () => {
  assert.deepEqual(parseAdminAddress("127.0.0.1:9001"), { address: "127.0.0.1", port: 9001 });
  assert.deepEqual(parseAdminAddress("/run/admin.sock"), { path: "/run/admin.sock" });
  assert.throws(() => parseAdminAddress("admin"), RangeError);
});

Deno.test("with files the defaults get along, and stay on this machine", () => {
  assert.equal(endpointConflict(optionsAt({})), undefined);
  const { xds, metrics, health, debug, envoy } = localConfiguration();
  for (const { address } of [xds, metrics, health, debug, envoy.http, envoy.https, envoy.metrics]) {
    assert.equal(address, "127.0.0.1");
  }
  assert.equal(xds.insecure, true);
});

Deno.test("two of a kind on one port are told; any free port, and what shares a server, is not", () => {
  const http = { address: "127.0.0.1", port: 8000 };
  assert.equal(
    endpointConflict(optionsAt({ stats: http })),
    "metrics and Envoy's statistics cannot both use 127.0.0.1:8000",
  );
  const free = { address: "127.0.0.1", port: 0 };
  assert.equal(endpointConflict(optionsAt({ stats: free, http: free })), undefined);
});
