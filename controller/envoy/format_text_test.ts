import assert from "node:assert/strict";
import { formatTextProblem } from "./format_text.ts";

const good = [
  "",
  "100%% sure",
  "%REQ(:path)%",
  "%REQ(x-a?x-b):10%",
  "t=%START_TIME(%s.%3f)%",
  "%DOWNSTREAM_REMOTE_ADDRESS%%PROTOCOL%",
];
const bad = ["%", "50% off", "%REQ(", "%REQ%", "%REQ(a b)%", "%NOVEL%", "%%%", "%req(a)%"];

for (const text of good) {
  Deno.test(`a text with commands: ${text}`, () => {
    assert.equal(formatTextProblem(text), undefined);
  });
}

for (const text of bad) {
  Deno.test(`a text that Envoy would refuse: ${text}`, () => {
    assert.match(formatTextProblem(text) ?? "", /^must not hold/);
  });
}
