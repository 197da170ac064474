import assert from "node:assert/strict";
import { decode, encode } from "./mod.ts";

Deno.test("decode: passes over fields it does not know", () => {
  const known = encode("google.protobuf.StringValue", { value: "x" });
  const newer = new Uint8Array([...known, 15 << 3 | 0, 7, 14 << 3 | 2, 2, 1, 2]);
  assert.deepEqual(decode("google.protobuf.StringValue", newer), { value: "x" });
});

Deno.test("decode: joins lists that are sent in parts, packed or not", () => {
  const packed = encode("envoy.config.route.v3.RetryPolicy", { retriableStatusCodes: [1, 300] });
  const tag = packed[0] ?? 0;
  const single = new Uint8Array([tag & ~7, 5]);
  assert.deepEqual(
    decode("envoy.config.route.v3.RetryPolicy", new Uint8Array([...packed, ...single])),
    { retriableStatusCodes: [1, 300, 5] },
  );
});

Deno.test("decode: of a oneof the last member holds", () => {
  const type = "envoy.config.route.v3.RouteMatch";
  const both = [...encode(type, { prefix: "/a" }), ...encode(type, { path: "/b" })];
  assert.deepEqual(decode(type, new Uint8Array(both)), { path: "/b" });
});

Deno.test("decode: a map may have any key", () => {
  const type = "google.protobuf.Struct";
  const message = { fields: Object.fromEntries([["__proto__", { stringValue: "x" }]]) };
  const back = decode(type, encode(type, message));
  assert.deepEqual(Object.keys(back["fields"] ?? {}), ["__proto__"]);
});

Deno.test("decode: says so when the bytes are cut off", () => {
  const type = "envoy.config.route.v3.VirtualHost";
  const whole = encode(type, { name: "host", domains: ["a.example"] });
  for (let length = 1; length < whole.length; length++) {
    if (length === 6) continue; // the end of the first field, so a whole message
    assert.throws(() => decode(type, whole.subarray(0, length)), /Cannot decode .*VirtualHost/);
  }
});
