import assert from "node:assert/strict";
import { duration, encodeAny, type Json, type Message, struct, toJson } from "./mod.ts";

const cases: readonly (readonly [name: string, type: string, message: Message, json: Json])[] = [
  [
    "names as in the .proto files",
    "envoy.config.route.v3.RouteConfiguration",
    { name: "x", ignorePortInHostMatching: true, maxDirectResponseBodySizeBytes: { value: 5 } },
    { name: "x", max_direct_response_body_size_bytes: 5, ignore_port_in_host_matching: true },
  ],
  ["whole seconds", "envoy.config.route.v3.RouteAction", { timeout: duration(15_000) }, {
    timeout: "15s",
  }],
  ["parts of a second", "envoy.config.route.v3.RouteAction", { timeout: duration(250) }, {
    timeout: "0.250s",
  }],
  ["a negative duration", "envoy.config.route.v3.RouteAction", { timeout: duration(-1500) }, {
    timeout: "-1.500s",
  }],
  ["bytes", "envoy.config.core.v3.DataSource", { inlineBytes: new Uint8Array([104, 105]) }, {
    inline_bytes: "aGk=",
  }],
  [
    "structs, with sorted members",
    "envoy.config.core.v3.Metadata",
    { filterMetadata: { a: struct({ z: null, list: [1, "x", { deep: false }] }) } },
    { filter_metadata: { a: { list: [1, "x", { deep: false }], z: null } } },
  ],
  ["enums by name", "envoy.config.cluster.v3.Cluster", { lbPolicy: 3 }, { lb_policy: "RANDOM" }],
  [
    "an Any, also where it is encoded already",
    "envoy.config.route.v3.Route",
    {
      typedPerFilterConfig: {
        a: { "@type": "envoy.config.route.v3.FilterConfig", isOptional: true },
        b: encodeAny("envoy.config.route.v3.FilterConfig", { disabled: true }),
        c: { "@type": "google.protobuf.StringValue", value: "text" },
      },
    },
    {
      typed_per_filter_config: {
        a: { "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", is_optional: true },
        b: { "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", disabled: true },
        c: { "@type": "type.googleapis.com/google.protobuf.StringValue", value: "text" },
      },
    },
  ],
];

for (const [name, type, message, json] of cases) {
  Deno.test(`toJson: ${name}`, () => assert.deepEqual(toJson(type, message), json));
}

const durations: readonly (readonly [ms: number, seconds: number, nanos: number])[] = [
  [0, 0, 0],
  [-0, 0, 0],
  [1, 0, 1_000_000],
  [0.000001, 0, 1],
  [90_000, 90, 0],
  [1234.5678, 1, 234_567_800],
  [999.9999999, 1, 0],
  [-1500, -1, -500_000_000],
];

for (const [ms, seconds, nanos] of durations) {
  Deno.test(`duration: ${ms} ms`, () => assert.deepEqual(duration(ms), { seconds, nanos }));
}

Deno.test("duration: only of finite numbers", () => {
  assert.throws(() => duration(Infinity), RangeError);
  assert.throws(() => duration(NaN), RangeError);
});
