import assert from "node:assert/strict";
import { RE2JS } from "re2js";
import { Random } from "../../tests/support/world/random.ts";
import { literalMachine } from "./literal_machine.ts";
import { textClasses } from "./partition.ts";
import { matchesWhole, regexMachine } from "./regex_machine.ts";
import { parseRegex } from "./regex_syntax.ts";

Deno.test("random patterns match the texts that RE2 matches", () => {
  const random = new Random(20_290_001);
  let [patterns, compared, matched] = [0, 0, 0];
  while (patterns < 1_500) {
    const pattern = randomPattern(random, 3);
    let reference: RE2JS;
    try {
      reference = RE2JS.compile(pattern);
    } catch {
      continue; // such as a repeat of a repeat that has too many parts
    }
    patterns++;
    const regex = parseRegex(pattern);
    for (const text of texts(random)) {
      compared++;
      const expected = reference.matches(text);
      if (expected) matched++;
      assert.equal(matchesWhole(regex, text), expected, `${pattern} on ${JSON.stringify(text)}`);
    }
  }
  assert.ok(matched > compared / 50, `${matched} of ${compared} matched`);
});

Deno.test("what is written in unusual ways means the same as for RE2", () => {
  const patterns = [
    ..."a{,2} a{2 a{ x{0} (?:a{2}){3} \\Qa.b\\E+ \\Q.\\E a\\x41 \\x{42} \\101 [[:alpha:]_]+ [^[:^digit:]]"
      .split(" "),
    ..."[]a] [^]a] [a-] [-a] [a\\-z] [\\]] \\pL+ \\p{Lu} \\P{Ll} \\p{^Nd} [\\p{L}\\d] \\p{Greek}"
      .split(" "),
    ..."(?i)aBc (?i:a)B a(?i)b|C (?i)k (?i)[^k] (?s). (?m)^a$ ^a$ a^b a$b \\ba\\b a\\Bb \\Aa\\z (?P<n>a) (?<n>a)"
      .split(" "),
    ..."a*? a+? a?? a{1,2}? (a|) () (|a)b .* (a*)* ((a|b)*c)* (?U)a* (?i-s:A)b [\\w.-]+ [\\D] \\.\\/\\-"
      .split(" "),
    ..."(^a|b$) (?:a|^)b a(b$|c) [\\x41-\\x{5a}] [!-/] \\W \\S\\s \\t [\\n\\ta]".split(" "),
  ];
  const pieces = ["", "a", "A", "b", "B", "c", "C", "k", "K", ".", "-", "]", "_", "{,2}", "{", "9"];
  for (const pattern of patterns) {
    const reference = RE2JS.compile(pattern);
    const regex = parseRegex(pattern);
    for (const first of pieces) {
      for (const second of [...pieces, " ", "2", "/"]) {
        for (const text of [first + second, first + second + first, `${first}aaa${second}`]) {
          assert.equal(matchesWhole(regex, text), reference.matches(text), `${pattern} on ${text}`);
        }
      }
    }
  }
});

Deno.test("the classes of several predicates are all there are, each with true samples", () => {
  const random = new Random(20_290_002);
  for (let round = 0; round < 150; round++) {
    const patterns = Array.from({ length: 1 + random.below(3) }, () => {
      for (;;) {
        const pattern = randomPattern(random, 2);
        try {
          RE2JS.compile(pattern);
          return pattern;
        } catch { /* another one then */ }
      }
    });
    const literals = Array.from({ length: random.below(5) }, (_, i) => ({
      id: 10 + i,
      kind: random.of(["exact", "prefix", "segments"] as const),
      text: random.of(["/a", "/a/", "/ab", "/b", "/a/b", "/a/b/c"]),
    }));
    const base = "[ab/cA]*";
    const classes = textClasses(regexMachine([{ regex: parseRegex(base), id: 0 }]), [
      literalMachine(literals),
      regexMachine(patterns.map((pattern, id) => ({ regex: parseRegex(pattern), id }))),
    ], 20_000);
    const signature = (text: string) =>
      [
        ...patterns.flatMap((pattern, id) => RE2JS.compile(pattern).matches(text) ? [id] : []),
        ...literals.filter(({ kind, text: literal }) =>
          kind === "exact"
            ? text === literal
            : kind === "prefix"
            ? text.startsWith(literal)
            : text === literal || text.startsWith(`${literal}/`)
        ).map(({ id }) => id),
      ].join();
    const known = new Set<string>();
    for (const { holds, samples } of classes) {
      const id = [...holds].sort((a, b) => a - b).join();
      assert.ok(!known.has(id), "each class once");
      known.add(id);
      for (const sample of samples) assert.equal(signature(sample), id, `${patterns} ${sample}`);
    }
    for (let i = 0; i < 60; i++) {
      const text = Array.from({ length: random.below(8) }, () => random.of([..."ab/cA"])).join("");
      assert.ok(known.has(signature(text)), `${patterns} ${text}`);
    }
  }
});

Deno.test("more states than allowed are an error, not a wait", () => {
  const patterns = Array.from({ length: 8 }, (_, i) => `.*${"abcdefgh"[i]}.{12}`);
  assert.throws(
    () =>
      textClasses(
        regexMachine([{ regex: parseRegex(".*"), id: 0 }]),
        [regexMachine(patterns.map((pattern, id) => ({ regex: parseRegex(pattern), id })))],
        5_000,
      ),
    /too many states/,
  );
});

function texts(random: Random): readonly string[] {
  const chars = [..."aAbBc_-/. 1"];
  return Array.from(
    { length: 12 },
    () => Array.from({ length: random.below(6) }, () => random.of(chars)).join(""),
  );
}

function randomPattern(random: Random, depth: number): string {
  const inner = () => randomPattern(random, depth - 1);
  if (depth === 0 || random.chance(0.3)) {
    return random.of([
      "a",
      "b",
      "c",
      ".",
      "/",
      "\\.",
      "[ab]",
      "[^a]",
      "[a-c]",
      "\\w",
      "\\d",
      "\\W",
      "[[:upper:]]",
      "[^\\w/]",
      "",
      "\\b",
      "^",
      "$",
    ]);
  }
  return random.of([
    () => inner() + inner(),
    () => inner() + inner() + inner(),
    () => `${inner()}|${inner()}`,
    () => `(${inner()})`,
    () => `(?:${inner()})*`,
    () => `(${inner()})+`,
    () => `(${inner()})?`,
    () => `(?:${inner()}){${random.below(3)},${2 + random.below(3)}}`,
    () => `(?:${inner()}){${random.below(4)}}`,
    () => `(?i)${inner()}`,
    () => `(?i:${inner()})${inner()}`,
  ])();
}
