import assert from "node:assert/strict";
import { RE2JS } from "re2js";
import { regexProblem, regexSteps } from "./regex.ts";
import { countedSteps, maximumRegexSteps } from "./regex_size.ts";

const sizes: Readonly<Record<string, number>> = {
  "": 0,
  "/shop/.*": 8,
  "[a-z]{1000}": 1_000,
  "[a-zA-Z0-9_-]{1,255}": 1_530,
  "(a{10}){100}": 1_200,
  "(a|b)+": 6,
  "(?P<name>a{3})(?i:b)(?i)": 10,
  "\\Qa+b\\E{5}": 7,
  "a{5": 3,
  "\\{5}a": 4,
  "[]{5}]": 4,
};

for (const [pattern, steps] of Object.entries(sizes)) {
  Deno.test(`${JSON.stringify(pattern)} comes to ${steps} steps`, () => {
    assert.equal(regexSteps(pattern), steps);
    // Nobody is told of fewer than there are.
    const real = RE2JS.compile(pattern).programSize();
    assert.ok(real <= 1.5 * steps + 4, `${real} steps, not ${steps}`);
  });
}

Deno.test("a pattern is refused for its steps, without being compiled", () => {
  const words = /about 4\d\d000 steps, and more than 10000 are too many$/;
  assert.match(regexProblem("[a-z]{1000}".repeat(400)) ?? "", words);
  assert.match(regexProblem("(a{0,1000})".repeat(200)) ?? "", /about 400400 steps/);
  assert.equal(regexProblem("[a-z]{1000}".repeat(10)), undefined);
  assert.equal(regexProblem("a".repeat(maximumRegexSteps)), undefined);
});

Deno.test("patterns that begin much and end nothing are measured in no time", () => {
  const begin = performance.now();
  for (const piece of ["[", "[:", "[\\", "(", "(?P<", "\\p{", "\\x{", "\\Q", "a{1", "{1,"]) {
    countedSteps(piece.repeat(100_000 / piece.length));
    countedSteps(piece.repeat(1_000_000 / piece.length));
  }
  assert.ok(performance.now() - begin < 2_000);
});

Deno.test("what is said of a long pattern is short", () => {
  const problem = regexProblem(`/${"(".repeat(9_000)}`) ?? "";
  assert.match(problem, /^invalid regular expression "\/\(+…": /);
  assert.ok(problem.length < 1_200);
});
