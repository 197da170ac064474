import { type Terminal, UsageError } from "../command_line/mod.ts";
import { TrafficCount } from "../diff/mod.ts";

/**
 * Reads access logs into a count, line by line, packed by gzip or not; `-` is standard input. Throws a
 * `UsageError` when one cannot be read.
 */
export async function readTraffic(
  paths: readonly string[],
  count: TrafficCount,
  terminal: Pick<Terminal, "readStdin" | "stdinBytes">,
): Promise<void> {
  for (const path of paths) {
    try {
      const stream = await streamOf(path, terminal);
      for await (const line of linesOf(await unpacked(stream))) count.add(line);
    } catch (cause) {
      if (cause instanceof UsageError) throw cause;
      const reason = cause instanceof Deno.errors.NotFound
        ? "there is no such file"
        : cause instanceof Deno.errors.PermissionDenied
        ? "permission denied"
        : cause instanceof Error
        ? cause.message
        : String(cause);
      throw new UsageError(`Cannot read the traffic in "${path}": ${reason}`, { cause });
    }
  }
}

async function streamOf(
  path: string,
  { readStdin, stdinBytes }: Pick<Terminal, "readStdin" | "stdinBytes">,
): Promise<ReadableStream<Uint8Array>> {
  if (path === "-") {
    return stdinBytes?.() ??
      new Blob([await readStdin()]).stream() as ReadableStream<Uint8Array>;
  }
  const info = await Deno.stat(path);
  if (info.isDirectory) {
    throw new UsageError(`Cannot read the traffic in "${path}": it is a folder`);
  }
  return (await Deno.open(path)).readable;
}

/** Unpacked where it begins as gzip does, whatever the name of the file. */
async function unpacked(
  stream: ReadableStream<Uint8Array>,
): Promise<ReadableStream<Uint8Array>> {
  const reader = stream.getReader();
  const first: Uint8Array[] = [];
  let length = 0;
  while (length < 2) {
    const { value, done } = await reader.read();
    if (done) break;
    first.push(value);
    length += value.length;
  }
  const [a, b] = first.flatMap((part) => [...part.subarray(0, 2)]);
  const whole = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const next = first.shift() ?? (await reader.read()).value;
      if (next === undefined) controller.close();
      else controller.enqueue(new Uint8Array(next));
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return a === 0x1f && b === 0x8b ? whole.pipeThrough(new DecompressionStream("gzip")) : whole;
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const part of stream) {
    const lines = (rest + decoder.decode(part, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    // A line without end is none of a log.
    if (rest.length > longestLine) rest = "";
    yield* lines;
  }
  yield rest + decoder.decode();
}

const longestLine = 1_000_000;
