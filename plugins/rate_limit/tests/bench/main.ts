import { Agent, request as httpRequest } from "node:http";
import { parseArgs } from "node:util";
import { cpuMs } from "../../../../tests/bench/gateway.ts";
import { machine } from "../../../../tests/bench/machine.ts";
import { publish } from "../../../../tests/bench/publish.ts";
import { markdownTable, quantile } from "../../../../tests/bench/table.ts";
import { startLimitedEnvoy } from "../envoy.ts";
import { startRedis, type TestRedis } from "../redis.ts";
import { ghzBinary, type GhzRun, runGhz } from "./ghz.ts";
import { type Limiter, limits, startOurs, startReferenceLimiter } from "./limiters.ts";

/**
 * Decisions a second of the rate limit service and how long one takes, by `ghz` and through the filter
 * of a real Envoy, with counters in memory and in Redis: `--requests 100000 --envoy-requests 20000
 * --in-flight 32 --rate 4000 --save NAME`. Where `RATELIMIT_BIN` names the reference service, it does
 * the same work in the same run. Clients, services and Redis share the machine.
 */
export async function bench(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      requests: { type: "string", default: "100000" },
      "envoy-requests": { type: "string", default: "20000" },
      "in-flight": { type: "string", default: "32" },
      rate: { type: "string", default: "4000" },
      save: { type: "string" },
    },
  });
  const size: Size = {
    requests: Number(values.requests),
    envoyRequests: Number(values["envoy-requests"]),
    inFlight: Number(values["in-flight"]),
    rate: Number(values.rate),
  };
  const ghz = await ghzBinary();
  await using redis = await startRedis();
  const rows: (readonly string[])[] = [];
  for (const { name, start } of contestants(redis)) {
    await using limiter = await start();
    for (const [what, run] of runs(limiter, size)) {
      rows.push([name, what, ...await byGhz(ghz, limiter, run)]);
    }
    rows.push([name, "Envoy's filter", ...await byEnvoy(limiter, size)]);
  }
  const titles = ["service", "client", "decisions/s", "p50", "p99", "CPU a decision", "not OK"];
  await publish(
    `Rate limit service, ${size.inFlight} requests at once\n\n${await machine()}\n\n${
      markdownTable(titles, rows)
    }\n`,
    values.save,
    new URL("results/", import.meta.url),
  );
}

interface Size {
  readonly requests: number;
  readonly envoyRequests: number;
  readonly inFlight: number;
  readonly rate: number;
}

interface Contestant {
  readonly name: string;
  readonly start: () => Promise<Limiter>;
}

function contestants(redis: TestRedis): readonly Contestant[] {
  const reference = Deno.env.get("RATELIMIT_BIN");
  return [
    { name: "contour, memory", start: () => startOurs([]) },
    { name: "contour, Redis", start: () => startOurs(["--redis", redis.url]) },
    {
      name: "contour, Redis, fixed window",
      start: () => startOurs(["--redis", redis.url, "--algorithm", "fixed-window"]),
    },
    ...(reference === undefined
      ? []
      : [{ name: "reference, Redis", start: () => startReferenceLimiter(reference, redis) }]),
  ];
}

function runs({ port }: Limiter, size: Size): readonly (readonly [what: string, run: GhzRun])[] {
  const common = { port, count: size.requests, inFlight: size.inFlight, connections: 1 };
  const one = { domain: "bench", descriptors: [{ entries: [limits.perKey] }] };
  const two = { domain: "bench", descriptors: [...one.descriptors, { entries: [limits.fixed] }] };
  const seconds = 5;
  return [
    ["ghz, one descriptor", { ...common, request: one }],
    ["ghz, two descriptors", { ...common, request: two }],
    [
      `ghz, one descriptor at ${size.rate}/s`,
      { ...common, request: one, rate: size.rate, count: size.rate * seconds },
    ],
  ];
}

async function byGhz(ghz: string, { pid }: Limiter, run: GhzRun): Promise<readonly string[]> {
  // What is compiled at first use is no part of the question.
  const { rate: _, ...flatOut } = run;
  await runGhz(ghz, { ...flatOut, count: Math.min(10_000, run.count) });
  const before = await cpuMs(pid);
  const { perSecond, latencyMs, statuses } = await runGhz(ghz, run);
  const cpu = await cpuMs(pid) - before;
  const { OK: ok = 0 } = statuses;
  return [
    perSecond.toFixed(0),
    `${latencyMs(0.5).toFixed(2)} ms`,
    `${latencyMs(0.99).toFixed(2)} ms`,
    `${(cpu * 1_000 / run.count).toFixed(0)} µs`,
    String(run.count - ok),
  ];
}

/** Requests through an Envoy that asks for each; how long is that of the whole request. */
async function byEnvoy(limiter: Limiter, size: Size): Promise<readonly string[]> {
  const { key, value } = limits.fixed;
  await using envoy = await startLimitedEnvoy({
    ports: [limiter.port],
    routes: {
      "/limited": {
        kind: "route",
        limits: [{ actions: [{ generic_key: { descriptor_key: key, descriptor_value: value } }] }],
      },
    },
    filter: { domain: "bench" },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: size.inFlight });
  const times: number[] = [];
  let failed = 0;
  let left = size.envoyRequests;
  const once = () =>
    new Promise<void>((resolve, reject) => {
      const begun = performance.now();
      const { address: host, port } = envoy;
      httpRequest(
        { host, port, path: "/limited", agent, headers: { host: "shop" } },
        (response) => {
          if (response.statusCode !== 200) failed++;
          response.resume();
          response.on("end", () => {
            times.push(performance.now() - begun);
            resolve();
          });
        },
      ).on("error", reject).end();
    });
  const before = await cpuMs(limiter.pid);
  const begun = performance.now();
  await Promise.all(Array.from({ length: size.inFlight }, async () => {
    while (left-- > 0) await once();
  }));
  const seconds = (performance.now() - begun) / 1_000;
  const cpu = await cpuMs(limiter.pid) - before;
  agent.destroy();
  return [
    (times.length / seconds).toFixed(0),
    `${quantile(times, 0.5).toFixed(2)} ms`,
    `${quantile(times, 0.99).toFixed(2)} ms`,
    `${(cpu * 1_000 / times.length).toFixed(0)} µs`,
    String(failed),
  ];
}
