import process from "node:process";
import {
  answerer,
  type CallName,
  type FeedChange,
  type Json,
  type Plugin,
  pluginFacts,
  type Question,
} from "../plugin/mod.ts";
import { FeedQueue } from "./feed_queue.ts";
import { jsonLines, JsonWriter } from "./lines.ts";
import { importPlugin } from "./plugin_module.ts";
import type { FromProcess, ServiceOrder, ToProcess } from "./protocol.ts";

/**
 * The process in which the plugin of a stranger runs, so that it can neither stop the controller nor
 * get at its memory. Ends with its standard input.
 */
export async function pluginProcess(): Promise<void> {
  const output = new JsonWriter(Deno.stdout.writable);
  const tell = (message: FromProcess) => output.write(message);
  // What it prints must not get between the lines of the protocol.
  for (const name of ["log", "info", "debug", "dir", "table"] as const) {
    console[name] = (...words: unknown[]) => console.error(...words);
  }
  const input = jsonLines(Deno.stdin.readable) as AsyncGenerator<ToProcess>;
  const first = await input.next();
  if (first.done || first.value.kind !== "open") return;
  const { path, service } = first.value;
  let plugin: Plugin;
  try {
    plugin = await importPlugin(path);
  } catch (error) {
    await tell({ kind: "failed", message: words(error) });
    return;
  }
  if (service !== undefined) return await runService(plugin, service, input, tell);
  await tell({ kind: "opened", facts: pluginFacts(plugin) });
  // A function that never ends lets nothing be written later.
  const answer = answerer(plugin, (source) => writeNow({ kind: "at", source }));
  for await (const message of input) {
    if (message.kind !== "call") continue;
    await tell(answered(() => answer(message.name, message.question as Question<CallName>)));
  }
}

function writeNow(message: FromProcess): void {
  const bytes = new TextEncoder().encode(`${JSON.stringify(message)}\n`);
  for (let written = 0; written < bytes.length;) {
    written += Deno.stdout.writeSync(bytes.subarray(written));
  }
}

function answered(run: () => unknown): FromProcess {
  try {
    return { kind: "answer", value: run() ?? null };
  } catch (error) {
    return { kind: "failed", message: words(error) };
  }
}

async function runService(
  plugin: Plugin,
  { name, settings, envoys, previous }: ServiceOrder,
  input: AsyncGenerator<ToProcess>,
  tell: (message: FromProcess) => Promise<void>,
): Promise<void> {
  const found = plugin.services?.find((service) => service.name === name);
  if (found === undefined) {
    return await tell({ kind: "failed", message: `there is no service "${name}"` });
  }
  const stop = new AbortController();
  const feed = new FeedQueue(stop.signal);
  let metrics = (): string | Promise<string> => "";
  const follow = async () => {
    for await (const message of input) {
      if (message.kind === "stop") break;
      if (message.kind === "feed") {
        feed.push(
          {
            changed: new Map(message.changed as readonly (readonly [string, Json])[]),
            removed: message.removed,
          } satisfies FeedChange,
        );
      } else if (message.kind === "metrics") {
        await tell({ kind: "metrics", id: message.id, text: await metrics() });
      }
    }
    stop.abort();
  };
  const following = follow();
  try {
    const { address, done } = await found.start({
      settings: settings as Record<string, unknown>,
      signal: stop.signal,
      log: (level, message, fields) =>
        void tell({ kind: "log", level, message, ...(fields === undefined ? {} : { fields }) }),
      metrics: (text) => metrics = text,
      health: (reason) =>
        void tell({ kind: "health", ...(reason === undefined ? {} : { reason }) }),
      feed,
      envoys,
      ...(previous === undefined ? {} : { previous }),
    });
    await tell({ kind: "started", ...(address === undefined ? {} : { address }) });
    await done;
  } catch (error) {
    await tell({ kind: "failed", message: words(error) });
    process.exit(1);
  }
  await following;
}

function words(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.replace(/^Error: /, "").split("\n", 1)[0] ?? "";
}

if (import.meta.main) {
  await pluginProcess();
  process.exit(0);
}
