import assert from "node:assert/strict";
import { parseDuration } from "../controller/api/mod.ts";
import {
  flagValue,
  parseIp,
  parseMilliseconds,
  parseNames,
  parseNamespace,
  parsePort,
  parseTime,
  UsageError,
} from "./mod.ts";

Deno.test("values are read, and refused with what would do", () => {
  assert.equal(parsePort("0"), 0);
  assert.equal(parsePort("65535"), 65535);
  for (const text of ["", "65536", "-1", "80a", "1e3", " 80"]) {
    assert.throws(() => parsePort(text), RangeError);
  }
  assert.equal(parseIp("::1"), "::1");
  assert.throws(() => parseIp("localhost"), RangeError);
  assert.deepEqual(parseNames("a, b"), ["a", "b"]);
  assert.throws(() => parseNames("a,,b"), RangeError);
  assert.equal(parseNamespace("team-a"), "team-a");
  assert.throws(() => parseNamespace("Team_A"), RangeError);
  assert.throws(
    () => flagValue("--port <port>", "http", parsePort),
    new UsageError(
      "option '--port <port>' argument 'http' is invalid. A port is a whole number " +
        "from 0 (any free one) to 65535",
    ),
  );
});

Deno.test("durations of flags are those of objects, from zero on", () => {
  const texts = "0 0s 15s 1m30s 500ms 1.5h .5s 1h2m3s4ms 5us 5µs 7ns -1s 15 1d s 1m30 1m-30s 1e3s";
  for (const text of ["", " 1s", "1 s", ...texts.split(" ")]) {
    const duration = parseDuration(text);
    if (duration.ok && duration.ms >= 0) assert.equal(parseTime(text), duration.ms, text);
    else assert.throws(() => parseTime(text), RangeError, text);
  }
  assert.equal(parseMilliseconds("1m30s"), 90_000);
  assert.throws(() => parseMilliseconds("0s"), RangeError);
});
