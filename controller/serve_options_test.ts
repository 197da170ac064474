import assert from "node:assert/strict";
import {
  endpointConflict,
  parseAdminAddress,
  parseIp,
  parseNames,
  parseNamespace,
  parsePort,
  serveDefaults,
  type ServeOptions,
} from "./serve_options.ts";

const options: ServeOptions = { ...serveDefaults, paths: ["routes"] };

Deno.test("values are read, and refused with what would do", () => {
  assert.equal(parsePort("0"), 0);
  assert.equal(parsePort("65535"), 65535);
  for (const text of ["", "65536", "-1", "80a", "1e3", " 80"]) {
    assert.throws(() => parsePort(text), RangeError);
  }
  assert.equal(parseIp("::1"), "::1");
  assert.throws(() => parseIp("localhost"), RangeError);
  assert.deepEqual(parseAdminAddress("127.0.0.1:9001"), { address: "127.0.0.1", port: 9001 });
  assert.deepEqual(parseAdminAddress("/run/admin.sock"), { path: "/run/admin.sock" });
  assert.throws(() => parseAdminAddress("admin"), RangeError);
  assert.deepEqual(parseNames("a, b"), ["a", "b"]);
  assert.throws(() => parseNames("a,,b"), RangeError);
  assert.equal(parseNamespace("team-a"), "team-a");
  assert.throws(() => parseNamespace("Team_A"), RangeError);
});

Deno.test("the defaults get along, and stay on this machine", () => {
  assert.equal(endpointConflict(options), undefined);
  for (const { address } of [options.xds, options.http, options.envoyHttp, options.stats]) {
    assert.equal(address, "127.0.0.1");
  }
});

Deno.test("two of a kind on one port are told, any free port is not", () => {
  assert.equal(
    endpointConflict({ ...options, stats: options.http }),
    "metrics and health and Envoy's statistics cannot both use 127.0.0.1:8000",
  );
  const free = { address: "127.0.0.1", port: 0 };
  assert.equal(endpointConflict({ ...options, stats: free, http: free }), undefined);
});
