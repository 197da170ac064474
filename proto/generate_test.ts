import assert from "node:assert/strict";
import { generate } from "./generate.ts";
import { messages } from "./messages.ts";
import { messageType } from "./mod.ts";
import rules from "./gen/rules.json" with { type: "json" };

Deno.test("generate: has nothing to do after it has run", () => {
  generate();
  assert.equal(generate(), false);
});

Deno.test("generate: every listed message can be loaded", () => {
  for (const name of Object.values(messages).flat()) messageType(name);
});

Deno.test("generate: keeps what the messages refer to, and no more", () => {
  messageType("envoy.type.matcher.v3.RegexMatcher");
  assert.throws(() => messageType("envoy.service.tap.v3.StreamTapsRequest"), RangeError);
});

Deno.test("generate: a rule that stands twice is kept twice", () => {
  const { requestType } = rules["envoy.extensions.filters.http.ratelimit.v3.RateLimit"].fields;
  assert.deepEqual(requestType, { string: { in: ["internal", "external", "both", ""] } });
});
