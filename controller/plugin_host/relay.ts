/// <reference lib="deno.worker" />
/**
 * Stands between the controller, which waits for answers without going on, and the process of a
 * plugin: a worker that is never blocked itself, and so can end a process that takes too long.
 */
import { pluginCommand } from "./command.ts";
import { jsonLines, JsonWriter } from "./lines.ts";
import type { FromProcess } from "./protocol.ts";
import { answerWords, type RelayOrder } from "./shared_answer.ts";

let plugin: RunningProcess | undefined;
/** What it was at last. */
let source: number | undefined;

interface RunningProcess {
  readonly child: Deno.ChildProcess;
  readonly input: JsonWriter;
  readonly output: AsyncGenerator<unknown>;
}

self.onmessage = ({ data }: MessageEvent<RelayOrder>) => {
  switch (data.kind) {
    case "call":
      void answer(data);
      return;
    case "end":
      end();
      self.close();
  }
};

async function answer({ path, message, budgetMs, startMs, answer }: RelayOrder & { kind: "call" }) {
  const shared = answerWords(answer);
  source = undefined;
  try {
    if (plugin === undefined) {
      const started = start();
      plugin = started;
      const opened = await within(startMs, ask(started, { kind: "open", path }));
      if (message === undefined || (opened as FromProcess).kind === "failed") {
        if ((opened as FromProcess).kind === "failed") end();
        return shared.write(JSON.stringify(opened));
      }
    }
    if (message === undefined) return shared.write(JSON.stringify({ kind: "failed", message: "" }));
    shared.write(JSON.stringify(await within(budgetMs, ask(plugin, message))));
  } catch (error) {
    end();
    const text = error instanceof Error ? error.message : String(error);
    const kind = error instanceof TookTooLong ? "overrun" : "failed";
    shared.write(JSON.stringify({ kind, message: text, source }));
  }
}

async function ask({ input, output }: RunningProcess, message: unknown): Promise<unknown> {
  await input.write(message);
  for (;;) {
    const next = await output.next();
    if (next.done) throw new Error("its process ended");
    const told = next.value as FromProcess;
    if (told.kind !== "at") return told;
    source = told.source;
  }
}

class TookTooLong extends Error {}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new TookTooLong(`it took longer than ${ms / 1_000} s, and was stopped`)),
    ms,
  );
  // Whoever loses the race may still reject.
  work.catch(() => {});
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function start(): RunningProcess {
  const { program, args } = pluginCommand("answers");
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  return { child, input: new JsonWriter(child.stdin), output: jsonLines(child.stdout) };
}

function end(): void {
  const { child } = plugin ?? {};
  plugin = undefined;
  try {
    child?.kill("SIGKILL");
  } catch {
    // It has ended already.
  }
}
