/** The reference service (https://github.com/envoyproxy/ratelimit) as a process beside a test. */
import { join } from "node:path";
import { eventually } from "../../../../tests/support/wait.ts";
import { freePort, type TestRedis } from "../redis.ts";

/** One that runs, and answers. */
export interface ReferenceService extends AsyncDisposable {
  readonly pid: number;
  readonly grpcPort: number;
  readonly httpPort: number;
  /** Debug pages: `/rlconfig`. */
  readonly debugPort: number;
  /** Where its configuration is, a file a domain. */
  readonly folder: string;
  /** The lines of its log so far. */
  readonly log: readonly string[];
}

/** How to start it. */
export interface ReferenceOptions {
  /** Configuration files by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly redis: TestRedis;
  /** Beside what is needed to find each other, or in place of it. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the program that is named; its settings are as its documentation has them. */
export async function startReference(
  binary: string,
  { files, redis, env = {} }: ReferenceOptions,
): Promise<ReferenceService> {
  const root = await Deno.makeTempDir({ prefix: "contour-reference-" });
  const folder = join(root, "ratelimit", "config");
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(folder, name), text);
  }
  const [grpcPort, httpPort, debugPort] = [freePort(), freePort(), freePort()];
  const here = "127.0.0.1";
  const process = new Deno.Command(binary, {
    env: {
      RUNTIME_ROOT: root,
      RUNTIME_SUBDIRECTORY: "ratelimit",
      RUNTIME_WATCH_ROOT: "false",
      USE_STATSD: "false",
      DISABLE_STATS: "true",
      REDIS_SOCKET_TYPE: "tcp",
      REDIS_URL: `${here}:${redis.port}`,
      GRPC_HOST: here,
      GRPC_PORT: String(grpcPort),
      HOST: here,
      PORT: String(httpPort),
      DEBUG_HOST: here,
      DEBUG_PORT: String(debugPort),
      LOG_LEVEL: "ERROR",
      ...env,
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const log: string[] = [];
  const read = readLines(process.stderr, (line) => log.push(line));
  const end = async () => {
    process.kill("SIGKILL");
    await process.status;
    await read;
    await Deno.remove(root, { recursive: true });
  };
  try {
    await eventually("the reference service answers", async () => {
      const response = await fetch(`http://${here}:${httpPort}/json`, {
        method: "POST",
        body: JSON.stringify({ domain: "nobody", descriptors: [{ entries: [{ key: "a" }] }] }),
      });
      await response.body?.cancel();
      return response.ok;
    }, { withinMs: 30_000 });
  } catch (error) {
    await end();
    throw new Error(`The reference service says: ${log.slice(-5).join("\n")}`, { cause: error });
  }
  return {
    pid: process.pid,
    grpcPort,
    httpPort,
    debugPort,
    folder,
    log,
    [Symbol.asyncDispose]: end,
  };
}

async function readLines(
  stream: ReadableStream<Uint8Array>,
  take: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  }
}
