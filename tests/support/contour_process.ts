/** `contour` as a process of its own, seen through what it writes and the signals it gets. */
import process from "node:process";
import { eventually, within } from "./wait.ts";

/** A program that runs. */
export interface ContourProcess extends AsyncDisposable {
  readonly pid: number;
  /** The lines of its log so far. */
  readonly events: readonly LogEvent[];
  /** Waits for a line of the log, among those after the first `after` ones. */
  readonly told: (message: string, after?: number) => Promise<LogEvent>;
  readonly kill: (signal: Deno.Signal) => void;
  /** The exit code, once it has ended. */
  readonly ended: () => Promise<number>;
}

/** A line of `--log-format json`. */
export interface LogEvent {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** How to start `contour` from source. */
export const contourCommand: readonly string[] = [
  Deno.execPath(),
  "run",
  "-A",
  "--no-check",
  new URL("../../cli/main.ts", import.meta.url).pathname,
];

/** Starts it with a log in JSON. It is killed when the test leaves it running. */
export function startContour(
  args: readonly string[],
  command: readonly string[] = contourCommand,
): ContourProcess {
  const [program = "", ...before] = command;
  const child = new Deno.Command(program, {
    args: [...before, ...args, "--log-format", "json"],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const events: LogEvent[] = [];
  let hasEnded = false;
  const read = readLines(child.stderr, (line) => events.push(parseEvent(line)))
    .finally(() => hasEnded = true);
  return {
    pid: child.pid,
    events,
    async told(message, after = 0) {
      const find = () => events.slice(after).find(({ msg }) => msg === message);
      await eventually(`"${message}" is in the log`, () => {
        if (find() !== undefined || hasEnded) return true;
        throw new Error(`It says: ${JSON.stringify(events.slice(-5), undefined, 1)}`);
      }, { withinMs: 60_000 });
      const found = find();
      if (found !== undefined) return found;
      throw new Error(`It ended without "${message}": ${JSON.stringify(events.slice(-5))}`);
    },
    kill: (signal) => child.kill(signal),
    async ended() {
      const { code } = await within("it has ended", child.status, 20_000);
      await read;
      return code;
    },
    async [Symbol.asyncDispose]() {
      if (isAlive(child.pid)) child.kill("SIGKILL");
      await child.status;
      await read;
    },
  };
}

/** Runs a command to its end. */
export async function runToEnd(command: readonly string[]): Promise<{
  readonly code: number;
  readonly out: string;
  readonly err: string;
}> {
  const [program = "", ...args] = command;
  const { code, stdout, stderr } = await within(
    `${args.slice(-3).join(" ")} has ended`,
    new Deno.Command(program, { args, stdin: "null" }).output(),
    60_000,
  );
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** Whether a process of this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function parseEvent(line: string): LogEvent {
  try {
    return JSON.parse(line);
  } catch {
    // An error that ended it is written for people.
    return { level: "none", msg: line };
  }
}

async function readLines(stream: ReadableStream<Uint8Array>, take: (line: string) => void) {
  let rest = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + part).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(take);
  }
  if (rest !== "") take(rest);
}
