/** A child process of a test, with the end of its log. */
import { eventually } from "../wait.ts";

/** A server that runs. */
export interface ServerProcess {
  /** Ends it, politely at first, and waits until it is gone. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** The last lines it wrote. */
  log(): string;
}

/** Starts a server and waits until `isReady`; a server that ends before is an error with its log. */
export async function startServer(
  name: string,
  { path, args, isReady, withinMs = 60_000 }: {
    readonly path: string;
    readonly args: readonly string[];
    readonly isReady: () => Promise<boolean>;
    readonly withinMs?: number;
  },
): Promise<ServerProcess> {
  const child = new Deno.Command(path, {
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let ended = false;
  const status = child.status.finally(() => ended = true);
  const lines: string[] = [];
  const reading = keepTail(child.stderr, lines);
  const stop: ServerProcess["stop"] = async (signal = "SIGTERM") => {
    if (!ended) child.kill(signal);
    const timer = setTimeout(() => ended || child.kill("SIGKILL"), 10_000);
    await status;
    clearTimeout(timer);
    await reading;
  };
  const log = () => lines.slice(-20).join("\n");
  try {
    await eventually(`${name} is ready`, () => ended || isReady(), { withinMs });
    if (ended) throw new Error(`${name} ended before it was ready`);
  } catch (error) {
    await stop("SIGKILL");
    throw new Error(`Cannot start ${name}: ${log()}`, { cause: error });
  }
  return { stop, log };
}

async function keepTail(stream: ReadableStream<Uint8Array>, lines: string[]): Promise<void> {
  let rest = "";
  for await (
    const text of stream.pipeThrough(
      new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>,
    )
  ) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    if (lines.length > 200) lines.splice(0, lines.length - 100);
  }
}
