import assert from "node:assert/strict";
import { readRaw } from "../controller/api/mod.ts";
import { writeYaml } from "./yaml_writer.ts";

Deno.test("what is written is what is read, and stands in the lines that are told", () => {
  const strings = [
    ...[
      "",
      " ",
      "a b",
      "a: b",
      "- a",
      "# a",
      "a #b",
      "'a'",
      '"a"',
      "yes",
      "No",
      "null",
      "~",
      "1",
      "010",
    ],
    ...[
      "1e3",
      "0x1F",
      "12:30:45",
      "2020-01-01",
      "a\nb",
      "a\n",
      "\t",
      "\u0000",
      "\u2028",
      "ä",
      "😀",
      "%a",
    ],
    ...[
      "/(?i:a).*",
      "*",
      "&a",
      "!a",
      "@a",
      "{a}",
      "[a]",
      "a,b",
      "|",
      ">",
      "?",
      "? a",
      ": a",
      "=",
      "<<",
    ],
    ...["5xx", "30s", "1.5s", ".5", "-1", "+1", "infinity", ".inf", "a:", "\ufeff", "\u0085", "\\"],
  ];
  const value = {
    strings,
    numbers: [0, -1, 1.5, 1e21],
    truth: [true, false, null],
    nested: [[["deep"], []], {}, [{ a: [{ b: 1, c: "d" }], e: {} }]],
    keys: Object.fromEntries(strings.map((text, index) => [text, index])),
  };
  const { text, lineOf } = writeYaml(value, new Map());
  const { objects: [object], diagnostics } = readRaw(text, "x");
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(object?.value, value);
  for (const [path, line] of lineOf) {
    assert.equal(object?.locate(path, "key").line, line, path);
  }
});

Deno.test("comments stand above what they are about, and end no line too late", () => {
  const comments = new Map([
    ["", ["of all"]],
    ["a", [`long ${"word ".repeat(40)}`]],
    ["b[1]", ["of the second"]],
    ["b[1].c", ["of its field\n---\nin several lines"]],
  ]);
  const { text } = writeYaml({ a: 1, b: [{ c: 1 }, { c: 2 }] }, comments);
  const lines = text.split("\n");
  assert.equal(lines[0], "# of all");
  assert.ok(lines.every((line) => line.length <= 100));
  const at = lines.indexOf("  # of the second");
  assert.deepEqual(lines.slice(at), [
    "  # of the second",
    "  # of its field",
    "  # ---",
    "  # in several lines",
    "  - c: 2",
    "",
  ]);
  const { objects: [object] } = readRaw(text, "x");
  assert.deepEqual(object?.value, { a: 1, b: [{ c: 1 }, { c: 2 }] });
});

Deno.test("nothing that ends a line for some reader leaves its comment or its quotes", () => {
  for (const character of ["\u0085", "\u2028", "\u2029", "\ufeff", "\u007f", "\r", "\u0000"]) {
    const text = `a${character}evil: yes`;
    const { text: written } = writeYaml({ [text]: text }, new Map([["", [text]]]));
    assert.ok(!written.includes(character), JSON.stringify(written));
    assert.match(written, /^# a(\?|\n# )evil: yes\n/);
  }
});
