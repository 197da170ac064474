import assert from "node:assert/strict";
import { lineDiff } from "./diff.ts";

Deno.test("equal texts do not differ", () => {
  assert.equal(lineDiff("a\nb\n", "a\nb\n"), "");
});

Deno.test("lines that differ are marked, and what is far from them is left out", () => {
  const before = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
  const after = ["a", "b", "c", "d", "e", "F", "g", "h", "i", "j"];
  assert.deepEqual(lineDiff(before.join("\n"), after.join("\n")).split("\n"), [
    "  …",
    "  c",
    "  d",
    "  e",
    "- f",
    "+ F",
    "  g",
    "  h",
    "  i",
    "+ j",
    "",
  ]);
});

Deno.test("a line that moved is taken away and put elsewhere", () => {
  assert.equal(lineDiff("a\nb\nc", "b\nc\na"), "- a\n  b\n  c\n+ a\n");
});
