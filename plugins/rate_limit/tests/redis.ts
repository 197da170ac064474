/** A real Redis for a test: started, talked to, stopped with it. */
import { join } from "node:path";
import { Redis } from "ioredis";
import { eventually } from "../../../tests/support/wait.ts";
import { redisBinary } from "../../../tests/support/redis_binary.ts";

/** A running Redis. */
export interface TestRedis extends AsyncDisposable {
  readonly port: number;
  /** Plain, or with TLS when it has certificates. */
  readonly url: string;
  /** Ends it, as a failure would. */
  readonly kill: () => Promise<void>;
  /** Starts it again at the same port. */
  readonly restart: () => Promise<void>;
  /** Stops it from answering, and lets it go on. */
  readonly freeze: () => void;
  readonly thaw: () => void;
}

/** What is different from the default. */
export interface TestRedisOptions {
  /** Lines of its configuration file. */
  readonly lines?: readonly string[];
  /** Of TLS: then nothing is served without. */
  readonly tls?: { readonly ca: string; readonly certificate: string; readonly key: string };
  readonly password?: string;
  /** Runs as a sentinel. */
  readonly isSentinel?: boolean;
  readonly port?: number;
}

/** A free port of this machine, and another that stays free 10,000 above, for a cluster's own talk. */
export function freePort(): number {
  for (let tries = 0; tries < 200; tries++) {
    const port = 20_000 + Math.floor(Math.random() * 20_000);
    try {
      const held = [port, port + 10_000].map((each) =>
        Deno.listen({ hostname: "127.0.0.1", port: each })
      );
      for (const listener of held) listener.close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error("Cannot find a free port");
}

/** Starts a Redis at 127.0.0.1. */
export async function startRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  const { server, env } = await redisBinary();
  const folder = await Deno.makeTempDir({ prefix: "contour-redis-" });
  let port = options.port ?? freePort();
  let process: Deno.ChildProcess | undefined;
  const start = async () => {
    const file = join(folder, "redis.conf");
    await Deno.writeTextFile(file, await configuration(folder, port, options));
    const child = new Deno.Command(server, {
      args: [file, ...options.isSentinel === true ? ["--sentinel"] : []],
      cwd: folder,
      env: { ...env },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    process = child;
    let isOver = false;
    const over = child.status.then(() => isOver = true);
    const client = clientOf(port, options);
    try {
      await eventually("Redis answers", async () => {
        if (isOver) throw new Error("Redis ended");
        return await client.ping() === "PONG";
      });
    } finally {
      client.disconnect();
    }
    void over;
  };
  const kill = async () => {
    const child = process;
    process = undefined;
    if (child === undefined) return;
    child.kill("SIGCONT");
    child.kill("SIGKILL");
    await child.status;
  };
  for (let tries = 0;; tries++) {
    try {
      await start();
      break;
    } catch (error) {
      await kill().catch(() => {});
      // Another test may have taken the port in between.
      if (tries === 2 || options.port !== undefined) throw error;
      port = freePort();
    }
  }
  const access = options.password === undefined ? "" : `:${options.password}@`;
  return {
    port,
    url: `${options.tls === undefined ? "redis" : "rediss"}://${access}127.0.0.1:${port}`,
    kill,
    restart: start,
    freeze: () => process?.kill("SIGSTOP"),
    thaw: () => process?.kill("SIGCONT"),
    async [Symbol.asyncDispose]() {
      await kill();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function configuration(
  folder: string,
  port: number,
  { lines = [], tls, password }: TestRedisOptions,
): Promise<string> {
  const all = ["bind 127.0.0.1", 'save ""', `dir ${folder}`, ...lines];
  if (password !== undefined) all.push(`requirepass ${password}`);
  if (tls === undefined) all.push(`port ${port}`);
  else {
    const files = { ca: tls.ca, cert: tls.certificate, key: tls.key };
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(folder, `${name}.pem`), text);
    }
    all.push("port 0", `tls-port ${port}`, "tls-ca-cert-file ca.pem");
    all.push("tls-cert-file cert.pem", "tls-key-file key.pem", "tls-auth-clients no");
  }
  return `${all.join("\n")}\n`;
}

/** A client of its own, for what a test wants to look at. */
export function clientOf(port: number, { tls, password }: TestRedisOptions = {}): Redis {
  const client = new Redis({
    host: tls === undefined ? "127.0.0.1" : "localhost",
    port,
    disableClientInfo: true,
    retryStrategy: () => 20,
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls: { ca: tls.ca } }),
  });
  client.on("error", () => {});
  return client;
}
