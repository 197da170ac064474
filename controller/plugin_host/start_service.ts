import type { Plugin, RunningService, ServiceSurroundings } from "../plugin/mod.ts";
import { pluginCommand } from "./command.ts";
import { jsonLines, JsonWriter } from "./lines.ts";
import type { FromProcess, ToProcess } from "./protocol.ts";

/** Starts a service, wherever it runs; see `PluginService.start`. */
export type StartService = (surroundings: ServiceSurroundings<unknown>) => Promise<RunningService>;

/** Services of a plugin that runs in this process. */
export function inProcessServices(plugin: Plugin, service: string): StartService {
  const found = plugin.services?.find(({ name }) => name === service);
  return ({ settings, ...surroundings }) =>
    found === undefined
      ? Promise.reject(new Error(`There is no service "${service}"`))
      : found.start({ ...surroundings, settings: settings as Record<string, unknown> });
}

/** Services of the plugin of a stranger: each has a process, which ends with the signal. */
export function processServices(path: string, service: string): StartService {
  return (surroundings) => {
    const started = Promise.withResolvers<RunningService>();
    const done = run(path, service, surroundings, started).catch((error) => {
      started.reject(error);
      throw error;
    });
    done.catch(() => {});
    return started.promise.then(({ address }) => ({
      ...(address === undefined ? {} : { address }),
      done,
    }));
  };
}

async function run(
  path: string,
  name: string,
  { settings, envoys, signal, log, metrics, health, feed, previous }: ServiceSurroundings<unknown>,
  started: PromiseWithResolvers<RunningService>,
): Promise<void> {
  const { program, args } = pluginCommand("service");
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const input = new JsonWriter(child.stdin);
  const send = (message: ToProcess) => input.write(message).catch(() => {});
  const asked = new Map<number, (text: string) => void>();
  let questions = 0;
  const stop = () => {
    void send({ kind: "stop" });
    // One that does not end by itself is ended.
    Deno.unrefTimer(setTimeout(() => kill(child), stopMs));
  };
  signal.addEventListener("abort", stop, { once: true });
  await send({
    kind: "open",
    path,
    service: { name, settings, envoys, ...(previous === undefined ? {} : { previous }) },
  });
  metrics(() => {
    const id = questions++;
    const answer = Promise.withResolvers<string>();
    asked.set(id, answer.resolve);
    void send({ kind: "metrics", id });
    return answer.promise;
  });
  void follow(feed, send);
  let failure: string | undefined;
  try {
    for await (const value of jsonLines(child.stdout)) {
      const message = value as FromProcess;
      if (message.kind === "started") {
        const { address } = message;
        started.resolve({ ...(address === undefined ? {} : { address }), done: Promise.resolve() });
      } else if (message.kind === "failed") failure = message.message;
      else if (message.kind === "log") log(message.level, message.message, message.fields);
      else if (message.kind === "health") health(message.reason);
      else if (message.kind === "metrics") {
        asked.get(message.id)?.(message.text);
        asked.delete(message.id);
      }
    }
  } finally {
    signal.removeEventListener("abort", stop);
    for (const answer of asked.values()) answer("");
  }
  const { code } = await child.status;
  if (signal.aborted && failure === undefined) return;
  throw new Error(failure ?? `its process ended with ${code}`);
}

const stopMs = 5_000;

async function follow(
  feed: ServiceSurroundings["feed"],
  send: (message: ToProcess) => Promise<void>,
): Promise<void> {
  for await (const { changed, removed } of feed) {
    await send({ kind: "feed", changed: [...changed], removed });
  }
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended already.
  }
}
