import assert from "node:assert/strict";
import { Silence } from "./silence.ts";

Deno.test("a silence is told when it begins and when it lasts, each once", () => {
  const silence = new Silence();
  const tell = (nowMs: number) => silence.goOn("a", "CDS", nowMs);
  assert.deepEqual([0, 10_000, 31_000, 40_000].map(tell), ["new", "known", "long", "known"]);
  assert.equal(silence.goOn("a", "EDS", 41_000), "new");
  assert.equal(silence.goOn("b", "CDS", 41_000), "new");
});

Deno.test("a silence ends with an answer, or with the connection", () => {
  const silence = new Silence();
  assert.equal(silence.end("a", "CDS"), false);
  silence.goOn("a", "CDS", 0);
  assert.equal(silence.end("a", "EDS"), false);
  assert.equal(silence.end("a", "CDS"), true);
  assert.equal(silence.goOn("a", "CDS", 50_000), "new");
  silence.end("a");
  assert.equal(silence.goOn("a", "CDS", 99_000), "new");
});
