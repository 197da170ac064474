import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * The program `ghz` (https://ghz.sh), which asks a service of gRPC as often as it can: that of
 * `GHZ_BIN` or the PATH, the one we built before, or one that is built now, which needs Go, into
 * `contour/ghz` of the user's cache folder.
 */
export async function ghzBinary(): Promise<string> {
  const named = Deno.env.get("GHZ_BIN");
  if (named) return named;
  for (const folder of (Deno.env.get("PATH") ?? "").split(":").filter((each) => each !== "")) {
    if (await isThere(join(folder, "ghz"))) return join(folder, "ghz");
  }
  const home = Deno.env.get("XDG_CACHE_HOME") || join(Deno.env.get("HOME") ?? "/tmp", ".cache");
  const folder = join(home, "contour", "ghz");
  if (await isThere(join(folder, "ghz"))) return join(folder, "ghz");
  console.error("Building ghz with Go (once)");
  const { success, stderr } = await new Deno.Command("go", {
    args: ["install", "github.com/bojand/ghz/cmd/ghz@v0.93.0"],
    env: { GOBIN: folder },
    stdin: "null",
  }).output();
  if (success) return join(folder, "ghz");
  throw new Error(`Cannot build ghz: ${new TextDecoder().decode(stderr)}; name one by GHZ_BIN`);
}

/** What a run of ghz came to. */
export interface GhzResult {
  readonly perSecond: number;
  /** Milliseconds, by share: 0.5, 0.95, 0.99. */
  readonly latencyMs: (share: number) => number;
  /** Calls by status: `OK`, `Unavailable`. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** How to ask. */
export interface GhzRun {
  readonly port: number;
  /** The request, as JSON of protocol buffers; `{{.RequestNumber}}` differs for each. */
  readonly request: unknown;
  readonly count: number;
  /** Calls at once. */
  readonly inFlight: number;
  readonly connections: number;
  /** Calls a second; absent: as many as there can be. */
  readonly rate?: number;
}

/** Asks, and says how that went. */
export async function runGhz(ghz: string, run: GhzRun): Promise<GhzResult> {
  const { port, request, count, inFlight, connections, rate } = run;
  const xds = join(
    dirname(createRequire(import.meta.url).resolve("@grpc/grpc-js-xds/package.json")),
    "deps",
  );
  const folders = ["envoy-api", "xds", "googleapis", "protoc-gen-validate"];
  const { success, stdout, stderr } = await new Deno.Command(ghz, {
    args: [
      "--insecure",
      ...["--import-paths", folders.map((folder) => join(xds, folder)).join(",")],
      ...["--proto", join(xds, "envoy-api/envoy/service/ratelimit/v3/rls.proto")],
      ...["--call", "envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit"],
      ...["-d", JSON.stringify(request), "-n", String(count), "-O", "json"],
      ...["-c", String(inFlight), "--connections", String(connections)],
      ...(rate === undefined ? [] : ["--rps", String(rate)]),
      `127.0.0.1:${port}`,
    ],
    stdin: "null",
  }).output();
  if (!success) throw new Error(`Cannot ask: ${new TextDecoder().decode(stderr)}`);
  const result: {
    readonly rps: number;
    readonly statusCodeDistribution: Readonly<Record<string, number>>;
    readonly latencyDistribution: readonly {
      readonly percentage: number;
      readonly latency: number;
    }[];
  } = JSON.parse(new TextDecoder().decode(stdout));
  return {
    perSecond: result.rps,
    statuses: result.statusCodeDistribution,
    latencyMs: (share) =>
      (result.latencyDistribution.find(({ percentage }) => percentage === share * 100)?.latency ??
        NaN) / 1e6,
  };
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}
