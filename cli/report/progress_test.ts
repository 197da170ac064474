import assert from "node:assert/strict";
import type { Terminal } from "../../command_line/mod.ts";
import { progress } from "./progress.ts";

Deno.test("long work is counted on a terminal, and the count erased", () => {
  assert.deepEqual(shown({ errIsTerminal: true }, [0, 400, 501, 550, 620]), [
    "\rreading 3 files\x1b[K",
    "\rreading 5 files\x1b[K",
    "\r\x1b[K",
  ]);
});

Deno.test("short work, pipes and CI see nothing", () => {
  assert.deepEqual(shown({ errIsTerminal: true }, [0, 10, 20]), []);
  assert.deepEqual(shown({ errIsTerminal: false }, [0, 1000, 2000]), []);
  const ci = (name: string) => name === "CI" ? "true" : undefined;
  assert.deepEqual(shown({ errIsTerminal: true, env: ci }, [0, 1000, 2000]), []);
});

/** What is written when a step is done at each of these times. */
function shown(terminal: Partial<Terminal>, times: readonly number[]): readonly string[] {
  const written: string[] = [];
  let at = 0;
  const { step, end } = progress(
    {
      out: () => {},
      err: (text) => written.push(text),
      outIsTerminal: false,
      errIsTerminal: false,
      columns: 80,
      env: () => undefined,
      readStdin: () => Promise.resolve(""),
      interrupted: () => new AbortController().signal,
      ...terminal,
    },
    "reading",
    "file",
    () => at,
  );
  for (const time of times) {
    at = time;
    step();
  }
  end();
  return written;
}
