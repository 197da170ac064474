import assert from "node:assert/strict";
import { goQuoted } from "./mod.ts";

const quoted = {
  "plain": '"plain"',
  'a "b" \\': '"a \\"b\\" \\\\"',
  "\x00\x07\n\t\x7f": '"\\x00\\a\\n\\t\\x7f"',
  "ü µ 🙂": '"ü µ 🙂"',
  "\u00a0\u200b\ue000": '"\\u00a0\\u200b\\ue000"',
  "\u{10ffff}": '"\\U0010ffff"',
};

for (const [text, expected] of Object.entries(quoted)) {
  Deno.test(`${JSON.stringify(text)} as Go quotes it`, () => {
    assert.equal(goQuoted(text), expected);
  });
}
