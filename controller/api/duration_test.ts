import assert from "node:assert/strict";
import { goDurationText, parseDuration, parseTimeout } from "./mod.ts";

const hour = 3_600_000;

// Measured with Go's time.ParseDuration.
const valid: [text: string, ms: number][] = [
  ["0", 0],
  ["+0", 0],
  ["-0", 0],
  ["0s", 0],
  ["5s", 5000],
  ["+5s", 5000],
  ["-5s", -5000],
  ["1m30s", 90_000],
  ["1h1h", 2 * hour],
  ["1.5h", 1.5 * hour],
  [".5s", 500],
  ["1.s", 1000],
  ["500ms", 500],
  ["100us", 0.1],
  ["100\u00b5s", 0.1],
  ["100\u03bcs", 0.1],
  ["7ns", 0.000007],
  ["0.1ns", 0],
  ["1.9999999999s", 1999.999999],
  ["00000000000000000000000000005s", 5000],
  ["0.12345678901234567890123456789s", 123.456789],
  ["2562047h47m16.854775807s", 9223372036854.775807],
  ["-9223372036854775808ns", -9223372036854.775808],
];
for (const [text, ms] of valid) {
  Deno.test(`duration ${text} is ${ms} ms`, () => {
    assert.deepEqual(parseDuration(text), { ok: true, ms });
  });
}

const invalid: [text: string, message: string][] = [
  ["", 'time: invalid duration ""'],
  ["s", 'time: invalid duration "s"'],
  [".s", 'time: invalid duration ".s"'],
  ["-", 'time: invalid duration "-"'],
  ["--5s", 'time: invalid duration "--5s"'],
  [" 5s", 'time: invalid duration " 5s"'],
  ["5", 'time: missing unit in duration "5"'],
  ["1m5", 'time: missing unit in duration "1m5"'],
  ["1.5.5s", 'time: missing unit in duration "1.5.5s"'],
  ["5x", 'time: unknown unit "x" in duration "5x"'],
  ["1e3s", 'time: unknown unit "e" in duration "1e3s"'],
  ["5S", 'time: unknown unit "S" in duration "5S"'],
  ["5 s", 'time: unknown unit " s" in duration "5 s"'],
  ['5"x', String.raw`time: unknown unit "\"x" in duration "5\"x"`],
  ["5é", String.raw`time: unknown unit "\xc3\xa9" in duration "5\xc3\xa9"`],
  ["9223372036854775808ns", 'time: invalid duration "9223372036854775808ns"'],
  ["3000000h", 'time: invalid duration "3000000h"'],
];
for (const [text, message] of invalid) {
  Deno.test(`duration ${JSON.stringify(text)} is refused as Go refuses it`, () => {
    assert.deepEqual(parseDuration(text), { ok: false, message });
  });
}

const printed: [ms: number, text: string][] = [
  [0, "0s"],
  [0.000007, "7ns"],
  [0.1, "100µs"],
  [0.0015, "1.5µs"],
  [500, "500ms"],
  [1.25, "1.25ms"],
  [1500, "1.5s"],
  [90_000, "1m30s"],
  [60_000, "1m0s"],
  [hour, "1h0m0s"],
  [100 * hour + 1, "100h0m0.001s"],
  [-90_000, "-1m30s"],
];
for (const [ms, text] of printed) {
  Deno.test(`${ms} ms prints as ${text}`, () => assert.equal(goDurationText(ms), text));
}

Deno.test("what is printed is read back", () => {
  for (let ms = 0.000001; ms < 1e12; ms = ms * 1.7 + 0.000013) {
    const exact = Math.round(ms * 1e6) / 1e6;
    assert.deepEqual(parseDuration(goDurationText(exact)), { ok: true, ms: exact });
  }
});

Deno.test("absent, empty and zero timeouts ask for the default", () => {
  for (const text of [undefined, "", "0", "0s", "0h0m"]) {
    assert.deepEqual(parseTimeout(text), { ok: true, timeout: { kind: "default" } });
  }
});

Deno.test("infinity disables a timeout", () => {
  for (const text of ["infinity", "infinite"]) {
    assert.deepEqual(parseTimeout(text), { ok: true, timeout: { kind: "disabled" } });
  }
});

Deno.test("any other duration is the timeout", () => {
  assert.deepEqual(parseTimeout("1m30s"), { ok: true, timeout: { kind: "explicit", ms: 90_000 } });
});

Deno.test("a timeout that is none is refused in the words of a condition", () => {
  assert.deepEqual(parseTimeout("5x"), {
    ok: false,
    message: 'unable to parse timeout string "5x": time: unknown unit "x" in duration "5x"',
  });
  assert.equal(parseTimeout("Infinity").ok, false);
});
