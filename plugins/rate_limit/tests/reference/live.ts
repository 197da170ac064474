/** Asks the reference service and ours the same, in the same second. */
import { join } from "node:path";
import { decode } from "../../../../proto/mod.ts";
import { eventually } from "../../../../tests/support/wait.ts";
import { type GrpcClient, grpcClient } from "../grpc_client.ts";
import type { TestRedis } from "../redis.ts";
import { startService } from "../service.ts";
import { startReference } from "./reference_service.ts";
import { referenceHeaders } from "./replay.ts";
import {
  answerLine,
  bytesOf,
  errorLine,
  type RecordedScenario,
  requestOfScenario,
  type Scenario,
} from "./scenario.ts";

/** What both made of a scenario. */
export interface LiveScenario extends RecordedScenario {
  /** What ours answered, over gRPC and by counters in Redis. */
  readonly ours: readonly string[];
}

/**
 * Asks both all scenarios, whose domains are unlike. Those in which the second changed between asking
 * one and the other are left out.
 */
export async function askBoth(
  binary: string,
  redis: TestRedis,
  scenarios: readonly Scenario[],
): Promise<readonly LiveScenario[]> {
  const files = Object.fromEntries(
    scenarios.map(({ config }) => [`${config.domain}.yaml`, JSON.stringify(config)]),
  );
  const folder = await Deno.makeTempDir({ prefix: "contour-ours-" });
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(folder, name), text);
    }
    await using reference = await startReference(binary, {
      files,
      redis,
      // Statistics go to its log.
      env: {
        DISABLE_STATS: "false",
        STATS_FLUSH_INTERVAL: "500ms",
        LIMIT_RESPONSE_HEADERS_ENABLED: "true",
      },
    });
    await using ours = await startService([folder], {
      store: {
        kind: "redis",
        place: { kind: "single", host: "127.0.0.1", port: redis.port },
        // As is the default of the reference.
        localCacheKeys: 0,
      },
      answers: {
        shadowMode: false,
        quotaMode: false,
        dynamicMetadata: false,
        headers: referenceHeaders,
      },
      lookAgainMs: 600_000,
    });
    await eventually("ours has its Redis", () => ours.trouble() === undefined);
    using theirs = grpcClient(reference.grpcPort);
    using own = grpcClient(ours.grpcPort);
    const found: (LiveScenario | undefined)[] = [];
    let next = 0;
    await Promise.all(Array.from({ length: 12 }, async () => {
      for (let i = next++; i < scenarios.length; i = next++) {
        const scenario = scenarios[i];
        if (scenario !== undefined) found[i] = await askScenario(scenario, theirs, own);
      }
    }));
    const flushes = () => reference.log.filter((line) => line.includes('"all stats"')).length;
    const before = flushes();
    await eventually("its statistics are told", () => flushes() > before + 1);
    const counters = countersIn(reference.log);
    return found.filter((each) => each !== undefined).map((each) => ({
      ...each,
      counters: counters.get(each.config.domain) ?? {},
    }));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function askScenario(
  scenario: Scenario,
  theirs: GrpcClient,
  own: GrpcClient,
): Promise<LiveScenario | undefined> {
  const answers: (readonly [number, string])[] = [];
  const ours: string[] = [];
  let isSure = true;
  for (const request of scenario.requests) {
    if (request.later) await nextSecond();
    const at = now();
    const bytes = bytesOf(requestOfScenario(scenario, request));
    answers.push([at, await answerTo(theirs, bytes)]);
    ours.push(await answerTo(own, bytes));
    if (now() !== at || isOddMoment(at)) isSure = false;
  }
  return isSure ? { ...scenario, answers, ours, counters: {} } : undefined;
}

async function answerTo(client: GrpcClient, bytes: Uint8Array): Promise<string> {
  try {
    const answer = await client.call(method, bytes, { deadline: Date.now() + 30_000 });
    return answerLine(decode("envoy.service.ratelimit.v3.RateLimitResponse", answer));
  } catch (error) {
    if (!(error instanceof Error) || !("details" in error) || !("code" in error)) throw error;
    return errorLine(Number(error.code), String(error.details));
  }
}

const method = "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit";

function now(): number {
  return Math.floor(Date.now() / 1_000);
}

/**
 * Whether windows of several units begin in the same second: then the reference counts what they have
 * in common together.
 */
function isOddMoment(at: number): boolean {
  return at % 60 === 0 || at % 3_600 < 60;
}

async function nextSecond(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1_020 - Date.now() % 1_000));
}

const prefix = "ratelimit.service.rate_limit.";

/** Counters by domain, added up over all that was told. */
function countersIn(log: readonly string[]): ReadonlyMap<string, Record<string, number>> {
  const found = new Map<string, Record<string, number>>();
  for (const line of log) {
    if (!line.startsWith("{")) continue;
    const { json }: { readonly json?: Readonly<Record<string, string>> } = JSON.parse(line);
    const { type, name = "", value } = json ?? {};
    if (type !== "counter" || !name.startsWith(prefix)) continue;
    const [, domain = "", counter = ""] = /^([^.]*)\.(.*)$/.exec(name.slice(prefix.length)) ?? [];
    const known = found.get(domain) ?? {};
    found.set(domain, known);
    if (Number(value) !== 0) known[counter] = (known[counter] ?? 0) + Number(value);
  }
  return found;
}
