import assert from "node:assert/strict";
import { isRange, without } from "./ip_ranges.ts";

Deno.test("what is denied is taken out of what is allowed", () => {
  const cases: readonly (readonly [
    allowed: readonly string[],
    denied: readonly string[],
    rest: readonly string[],
  ])[] = [
    [["10.0.0.0/30"], ["10.0.0.1"], ["10.0.0.0", "10.0.0.2/31"]],
    [["10.0.0.0/30"], ["10.0.0.0/8"], []],
    [["10.0.0.0/30"], ["10.0.0.4"], ["10.0.0.0/30"]],
    [["10.0.0.3/30"], [], ["10.0.0.0/30"]],
    [["0.0.0.0/0"], ["128.0.0.0/1"], ["0.0.0.0/1"]],
    [["2001:db8::/126"], ["2001:db8::2/127"], ["2001:db8::/127"]],
    [["::/0"], ["10.0.0.1"], ["::/0"]],
  ];
  for (const [allowed, denied, rest] of cases) {
    assert.deepEqual(without(allowed, denied), rest, `${allowed} without ${denied}`);
  }
  assert.equal(without(["10.0.0.0/33"], []), undefined);
  assert.equal(without(["10.0.0.0/8"], ["all"]), undefined);
});

Deno.test("every address is where it was, but for those that are denied", () => {
  for (let seed = 0; seed < 50; seed++) {
    const denied = [`10.0.0.${(seed * 37) % 256}/${26 + seed % 7}`, `10.0.0.${(seed * 91) % 256}`];
    const rest = without(["10.0.0.0/24"], denied) ?? [];
    for (let last = 0; last < 256; last++) {
      const is = (ranges: readonly string[]) =>
        ranges.some((range) => {
          const [address = "", length = "32"] = range.split("/");
          const bits = 32 - Number(length);
          return Math.floor(last / 2 ** bits) ===
            Math.floor(Number(address.split(".")[3]) / 2 ** bits);
        });
      assert.equal(is(rest), !is(denied), `10.0.0.${last} of ${denied}`);
    }
  }
});

Deno.test("ranges are told from what is none", () => {
  for (const text of ["10.0.0.0/8", "1.2.3.4", "::1", "fe80::/10", "::", "1:2:3:4:5:6:7:8"]) {
    assert.ok(isRange(text), text);
  }
  for (
    const text of [
      "",
      "10.0.0",
      "10.0.0.256",
      "1.2.3.4/33",
      "::1::",
      "x",
      "1.2.3.4/",
      "1:2",
      "::/129",
    ]
  ) {
    assert.ok(!isRange(text), text);
  }
});
