import assert from "node:assert/strict";
import { type LogFormat, type Logger, logger } from "./mod.ts";

Deno.test("a text line is time, level, msg and the fields", () => {
  check(
    "text",
    "info",
    (log) => log.info("Read files", { files: 3, ok: true, dir: "routes/a.yaml" }),
    [
      'time=2030-01-02T03:04:05.006Z level=info msg="Read files" files=3 ok=true dir=routes/a.yaml',
    ],
  );
});

Deno.test("a text value that could be misread is quoted and stays on its line", () => {
  check("text", "info", (log) => log.error("Refused", { why: 'a "b"\nc=d', empty: "" }), [
    String.raw`time=2030-01-02T03:04:05.006Z level=error msg=Refused why="a \"b\"\nc=d" empty=""`,
  ]);
});

Deno.test("a json line is one object", () => {
  check("json", "info", (log) => log.warn("Two\nlines", { line: 7, left: undefined }), [
    String.raw`{"time":"2030-01-02T03:04:05.006Z","level":"warn","msg":"Two\nlines","line":7}`,
  ]);
});

Deno.test("debug is written only when asked for", () => {
  check("text", "info", (log) => log.debug("hidden"), []);
  check("text", "debug", (log) => log.debug("shown"), [
    "time=2030-01-02T03:04:05.006Z level=debug msg=shown",
  ]);
});

Deno.test("fields given to a logger stand on each of its lines, and cannot replace the message", () => {
  check("json", "info", (log) => log.with({ node: "e1", msg: "no" }).info("yes", { type: "LDS" }), [
    '{"time":"2030-01-02T03:04:05.006Z","level":"info","msg":"yes","node":"e1","type":"LDS"}',
  ]);
});

function check(
  format: LogFormat,
  level: "debug" | "info",
  act: (log: Logger) => void,
  expected: string[],
) {
  const lines: string[] = [];
  const now = () => new Date("2030-01-02T03:04:05.006Z");
  act(logger({ format, level, now, write: (line) => lines.push(line) }));
  assert.deepEqual(lines, expected.map((line) => `${line}\n`));
}
