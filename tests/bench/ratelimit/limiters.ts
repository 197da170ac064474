import { join } from "node:path";
import { freePort, type TestRedis } from "../../../plugins/rate_limit/tests/redis.ts";
import { contourCommand, startContour } from "../../support/contour_process.ts";
import { eventually } from "../../support/wait.ts";

/** A rate limit service as a process of its own. */
export interface Limiter extends AsyncDisposable {
  /** Where it answers by gRPC. */
  readonly port: number;
  readonly pid: number;
}

/** Entries that have a limit, which nobody reaches. */
export const limits = {
  /** A counter for each of a thousand values. */
  perKey: { key: "user", value: "{{randomInt 1 1000}}" },
  fixed: { key: "generic_key", value: "all" },
};

const config = `
domain: bench
descriptors:
  - key: user
    rate_limit: {unit: hour, requests_per_unit: 4000000000}
  - key: generic_key
    value: all
    rate_limit: {unit: hour, requests_per_unit: 4000000000}
`;

/** Starts ours; the binary of `CONTOUR_BIN`, where that is given. */
export async function startOurs(args: readonly string[]): Promise<Limiter> {
  const folder = await Deno.makeTempDir({ prefix: "contour-bench-ratelimit-" });
  await Deno.writeTextFile(join(folder, "limits.yaml"), config);
  const binary = Deno.env.get("CONTOUR_BIN");
  const process = startContour(
    [
      ...["ratelimit", "serve", "--config", folder, "--http-address", "127.0.0.1:0"],
      ...["--grpc-address", "127.0.0.1:0", ...args],
    ],
    binary === undefined ? contourCommand : [binary],
  );
  const listening = await process.told("answering Envoy");
  if (args.includes("--redis")) await process.told("connected to Redis");
  return {
    port: Number(String(listening["grpc"]).split(":").at(-1)),
    pid: process.pid,
    async [Symbol.asyncDispose]() {
      await process[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Starts the reference service, with its settings as its documentation has them. */
export async function startReference(binary: string, redis: TestRedis): Promise<Limiter> {
  const folder = await Deno.makeTempDir({ prefix: "contour-bench-ratelimit-" });
  await Deno.mkdir(join(folder, "ratelimit", "config"), { recursive: true });
  await Deno.writeTextFile(join(folder, "ratelimit", "config", "limits.yaml"), config);
  const [grpc, http, debug] = [freePort(), freePort(), freePort()];
  const process = new Deno.Command(binary, {
    env: {
      RUNTIME_ROOT: folder,
      RUNTIME_SUBDIRECTORY: "ratelimit",
      RUNTIME_WATCH_ROOT: "false",
      USE_STATSD: "false",
      DISABLE_STATS: "true",
      REDIS_SOCKET_TYPE: "tcp",
      REDIS_URL: `127.0.0.1:${redis.port}`,
      GRPC_PORT: String(grpc),
      PORT: String(http),
      DEBUG_PORT: String(debug),
      LOG_LEVEL: "ERROR",
    },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await eventually("the reference answers", async () => {
    const body = { domain: "bench", descriptors: [{ entries: [limits.fixed] }] };
    const response = await fetch(`http://127.0.0.1:${http}/json`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    return (await response.text()).includes("currentLimit");
  }, { withinMs: 30_000 });
  return {
    port: grpc,
    pid: process.pid,
    async [Symbol.asyncDispose]() {
      process.kill("SIGKILL");
      await process.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}
