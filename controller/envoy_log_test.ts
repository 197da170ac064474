import assert from "node:assert/strict";
import { envoyLogReader, readEnvoyLine } from "./envoy_log.ts";

Deno.test("a line of Envoy is told by its level and without its head", () => {
  const head = "[2026-11-24 06:41:28.154][14056]";
  assert.deepEqual(readEnvoyLine(`${head}[warning][config] [source/a/b.cc:12] Lost [it]`), {
    level: "warn",
    component: "config",
    message: "Lost [it]",
  });
  assert.equal(readEnvoyLine(`${head}[critical][main] [source/server.cc:1] bind`).level, "error");
  assert.equal(readEnvoyLine(`${head}[info][main] starting`).message, "starting");
  assert.deepEqual(readEnvoyLine("  and so on"), { level: "warn", message: "  and so on" });
});

Deno.test("what Envoy says at every start is no warning", () => {
  const { level } = readEnvoyLine(
    "[2026-11-24 06:41:28.154][14056][warning][main] [source/server/server.cc:1038] There is no " +
      "configured limit to the number of allowed active downstream connections. Configure one.",
  );
  assert.equal(level, "debug");
});

Deno.test("what Envoy writes out of a configuration that it refuses is no warning either", () => {
  const read = envoyLogReader();
  const head = "[2026-11-24 06:41:28.154][14056][warning][config] [source/a.cc:1]";
  const lines = [
    "  a warning's second line",
    `${head} delta config for type.googleapis.com/a rejected: goo.gle/debugproto`,
    'name: "a"',
    "}",
    `${head} Something else`,
    "  and so on",
  ];
  assert.deepEqual(lines.map((line) => read(line).level), [
    "warn",
    "debug",
    "debug",
    "debug",
    "warn",
    "warn",
  ]);
});
