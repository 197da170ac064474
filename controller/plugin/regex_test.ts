import assert from "node:assert/strict";
import { RE2JS } from "re2js";
import { quoteRegex, regexProblem } from "./mod.ts";

Deno.test("what Envoy would not take as a regular expression is told as schemas do", () => {
  for (const right of ["", "a+b*", "\\d{3}", "(?i)[a-z]+", "ä"]) {
    assert.equal(regexProblem(right), undefined, right);
  }
  assert.match(regexProblem("(") ?? "", /^must be a regular expression of RE2: /);
  assert.match(regexProblem("(?=a)") ?? "", /^must be a regular expression of RE2: /);
  assert.match(regexProblem("(a{100}){100}") ?? "", /^must be simpler: /);
  assert.equal(regexProblem("\ud800"), "must be well-formed Unicode");
});

Deno.test("a text that is quoted matches itself alone", () => {
  for (const text of ["a.b", "^[x]{2}$", "(a|b)+?*", "\\d", "plain"]) {
    const pattern = quoteRegex(text);
    assert.equal(RE2JS.compile(pattern).matches(text), true, pattern);
    assert.equal(RE2JS.compile(pattern).matches(`${text}x`), false, pattern);
  }
});
