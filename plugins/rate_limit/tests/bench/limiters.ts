import { join } from "node:path";
import { contourCommand, startContour } from "../../../../tests/support/contour_process.ts";
import type { TestRedis } from "../redis.ts";
import { startReference } from "../reference/reference_service.ts";

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
export async function startReferenceLimiter(binary: string, redis: TestRedis): Promise<Limiter> {
  const reference = await startReference(binary, { files: { "limits.yaml": config }, redis });
  return {
    port: reference.grpcPort,
    pid: reference.pid,
    [Symbol.asyncDispose]: () => reference[Symbol.asyncDispose](),
  };
}
