import assert from "node:assert/strict";
import { excerpt, linesOfFile } from "./excerpt.ts";

Deno.test("what is marked is underlined, at any width and with wide characters", () => {
  const words = ["one", "two", "\tthree", "日本語", "four", "five", "🙂six", "seven", "eight"];
  const line = Array.from({ length: 8 }, (_, i) => words.map((word) => word + i).join(" ")).join(
    "",
  );
  for (const columns of [30, 48, 80, 120, 1000]) {
    for (let at = 0; at < line.length - 4; at++) {
      const [text, marked] = marking(line, at, at + 3, columns);
      // Half of a pair has no place of its own.
      if (/[\ud800-\udfff]/.test(line.slice(at, at + 3))) continue;
      assert.equal(
        marked,
        line.slice(at, at + 3).replaceAll("\t", "  "),
        `${columns} ${at}: ${text}`,
      );
      assert.ok(widthOf(text) <= columns - 5, text);
    }
  }
});

Deno.test("context stays within the document, and Secrets keep their values", () => {
  const file = linesOfFile("a: 1\n---\nkind: Secret\ndata:\n  password: hunter2\n", true);
  const position = { file: "a", line: 5, column: 13, endLine: 5, endColumn: 20 };
  const finding = {
    code: "CTR004",
    severity: "error",
    path: "",
    message: "",
    position,
  } as const;
  assert.deepEqual(excerpt(finding, file, 80)?.lines.map(({ text }) => text), ["  password: …"]);
  const plain = linesOfFile("a: 1\n---\nb: 2\nc: 3\n", false);
  const at = { ...finding, position: { file: "a", line: 4, column: 1, endLine: 4, endColumn: 2 } };
  assert.deepEqual(excerpt(at, plain, 80)?.lines.map(({ number }) => number), [3, 4]);
});

/** The line shown, and the part of it above the marks. */
function marking(line: string, start: number, end: number, columns: number): [string, string] {
  const position = { file: "a", line: 1, column: start + 1, endLine: 1, endColumn: end + 1 };
  const found = excerpt(
    { code: "CTR001", severity: "error", path: "", message: "", position },
    linesOfFile(line, false),
    columns,
  );
  const text = found?.lines[0]?.text ?? "";
  const { column = 0, width = 0 } = found?.marked ?? {};
  let at = 0;
  let marked = "";
  for (const character of text) {
    if (at >= column && at < column + width) marked += character;
    at += widthOf(character);
  }
  return [text, marked];
}

function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += /[日本語🙂]/u.test(character) ? 2 : 1;
  return width;
}
