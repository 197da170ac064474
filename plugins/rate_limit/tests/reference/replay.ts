/** Our answers to what was asked of the reference service, by a clock that says what it said then. */
import { Buffer } from "node:buffer";
import { type RateLimitResponse, RefusedRequest } from "../../mod.ts";
import { writeResponse } from "../../server/wire/rate_limit.ts";
import { decode } from "../../../../proto/mod.ts";
import { askedService } from "../asked.ts";
import { answerLine, errorLine, requestOfScenario, type Scenario } from "./scenario.ts";

/** What our service makes of a scenario. */
export interface Replayed {
  /** In the order of the requests. */
  readonly answers: readonly string[];
  readonly counters: Readonly<Record<string, number>>;
}

/** The headers that the reference service sends. */
export const referenceHeaders = {
  xRateLimit: false,
  retryAfter: false,
  rule: false,
  rateLimit: {
    limit: "ratelimit-limit",
    remaining: "ratelimit-remaining",
    reset: "ratelimit-reset",
  },
};

/** Asks ours, at these seconds since 1970. */
export async function replay(scenario: Scenario, times: readonly number[]): Promise<Replayed> {
  const service = askedService(JSON.stringify(scenario.config), {
    answers: { headers: referenceHeaders },
  });
  const answers: string[] = [];
  for (const [i, request] of scenario.requests.entries()) {
    service.clock.now = (times[i] ?? 0) * 1_000;
    try {
      const response = await service.decide(requestOfScenario(scenario, request));
      answers.push(answerLine(throughTheWire(response)));
    } catch (error) {
      if (!(error instanceof RefusedRequest)) throw error;
      answers.push(errorLine(error.reason === "unknown" ? 2 : 3, error.message));
    }
  }
  const { domain } = scenario.config;
  const counters: Record<string, number> = {};
  for (const [key, tally] of service.tallies) {
    if (!key.startsWith(`${domain}.`)) continue;
    for (const [name, value] of Object.entries(tally)) {
      if (value === 0) continue;
      const counter = `${statisticName(key.slice(domain.length + 1))}.${
        counterNames[name] ?? name
      }`;
      counters[counter] = (counters[counter] ?? 0) + value;
    }
  }
  return { answers, counters };
}

function throughTheWire(response: RateLimitResponse) {
  const bytes: Buffer = writeResponse(response);
  return decode("envoy.service.ratelimit.v3.RateLimitResponse", bytes);
}

const counterNames: Readonly<Record<string, string>> = {
  totalHits: "total_hits",
  overLimit: "over_limit",
  nearLimit: "near_limit",
  withinLimit: "within_limit",
  overLimitWithLocalCache: "over_limit_with_local_cache",
  shadowMode: "shadow_mode",
};

/** As StatsD can take it: the reference service leaves out what means something there. */
function statisticName(text: string): string {
  return text.replace(/[:|]/g, "_").replace(
    /\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}/g,
    (address) => address.replaceAll(".", "_"),
  );
}
