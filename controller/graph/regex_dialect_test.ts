import assert from "node:assert/strict";
import { dialectProblem } from "./regex_dialect.ts";
import { regexProblem } from "./regex.ts";

/** Tried with Envoy 1.39.3, which logs the same reasons. */
const refused: readonly string[] = [
  "\\p{LC}",
  "\\P{LC}",
  "[\\p{^White_Space}]",
  "\\p{Emoji}",
  "\\x{100}",
  "[a-\\x{10FFFF}]",
  "\\\\\\x{1F600}",
];

const taken: readonly string[] = [
  "",
  "/a.*",
  "\\pL",
  "\\p{Greek}",
  "\\p{SignWriting}",
  "\\p{Any}",
  "\\x{FF}",
  "\\x{00000041}",
  "\\\\x{10FFFF}",
  "\\Q\\p{LC}\\E",
  "[é]",
];

for (const pattern of refused) {
  Deno.test(`not for Envoy: ${pattern}`, () => {
    assert.match(dialectProblem(pattern) ?? "", /^invalid (character class range|escape sequence)/);
    assert.match(regexProblem(pattern) ?? "", /error parsing regexp/);
  });
}

for (const pattern of taken) {
  Deno.test(`for Envoy as for us: ${JSON.stringify(pattern)}`, () => {
    assert.equal(dialectProblem(pattern), undefined);
    assert.equal(regexProblem(pattern), undefined);
  });
}

for (const pattern of ["((a{500}){0}b){3}", "(a{2}|(b{500}){0,0}){3}"]) {
  Deno.test(`not for Envoy, which counts what is there no times: ${pattern}`, () => {
    assert.match(regexProblem(pattern) ?? "", /invalid repeat count/);
  });
}
