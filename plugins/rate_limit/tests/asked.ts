/** Requests and answers as lines, so that a case can be read at a glance. */
import {
  type AnswerOptions,
  type CompileOptions,
  Decider,
  type DecisionObserver,
  MemoryStore,
  newTally,
  type RateLimitRequest,
  type RateLimitResponse,
  RefusedRequest,
  type RequestDescriptor,
  type Store,
  type Tally,
} from "../mod.ts";
import { configured } from "./configured.ts";

/** A service without a network, on a clock of its own. */
export interface AskedService {
  /** Answers a line by a line: see {@link requestOf} and {@link lineOf}. */
  readonly ask: (line: string) => Promise<string>;
  readonly decide: (request: RateLimitRequest) => RateLimitResponse | Promise<RateLimitResponse>;
  /** Milliseconds since 1970; may be set. */
  readonly clock: { now: number };
  /** By domain and steps, with dots between. */
  readonly tallies: ReadonlyMap<string, Tally>;
  readonly failures: readonly string[];
}

/** Starts one on a configuration. */
export function askedService(
  config: string | Readonly<Record<string, string>>,
  { answers = {}, store, onStoreFailure = "error", ...options }:
    & Partial<CompileOptions>
    & {
      readonly answers?: Partial<AnswerOptions>;
      readonly store?: Store;
      readonly onStoreFailure?: "error" | "open" | "closed" | "memory";
    } = {},
): AskedService {
  const files = typeof config === "string" ? { "limits.yaml": config } : config;
  const { compiled, problems } = configured(files, options);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const clock = { now: 1_700_000_000_000 };
  const tallies = new Map<string, Tally>();
  const failures: string[] = [];
  const observer: DecisionObserver = {
    tallyOf(domain, levels) {
      const key = [domain, ...levels].join(".");
      const tally = tallies.get(key) ?? newTally();
      tallies.set(key, tally);
      return tally;
    },
    unknownDomain: (domain) => failures.push(`no domain ${domain}`),
    shadowed: () => failures.push("shadowed"),
    failed: (by) => failures.push(by),
  };
  const memory = new MemoryStore({ now: () => clock.now });
  const decider = new Decider({
    domains: () => compiled.domains,
    store: store ?? memory,
    fallback: memory,
    onStoreFailure,
    algorithm: options.algorithm ?? "fixed_window",
    answers: () => ({ shadowMode: false, quotaMode: false, dynamicMetadata: false, ...answers }),
    observer,
  });
  return {
    decide: (request) => decider.decide(request),
    async ask(line) {
      try {
        return lineOf(await decider.decide(requestOf(line)));
      } catch (error) {
        if (error instanceof RefusedRequest) return `refused: ${error.message}`;
        throw error;
      }
    },
    clock,
    tallies,
    failures,
  };
}

/**
 * A request of a line: `domain: a=b,c=d; e=f +3`. Descriptors are parted by `;`, hits of all stand at
 * the end, those of one behind it as `a=b (2)`, `(-1)` gives back, and a limit is brought along as
 * `a=b [5/day]`. Without a domain it is `d`.
 */
export function requestOf(line: string): RateLimitRequest {
  const [, domain = "d", rest = ""] = /^(?:([\w-]*): )?(.*)$/.exec(line) ?? [];
  const [, body = "", hits] = /^(.*?)(?: \+(\d+))?$/.exec(rest) ?? [];
  return {
    domain,
    hitsAddend: hits === undefined ? 0 : Number(hits),
    descriptors: body === "" ? [] : body.split("; ").map(descriptorOf),
  };
}

const units = ["unknown", "second", "minute", "hour", "day", "month", "year"];

function descriptorOf(text: string): RequestDescriptor {
  const [, entries = "", own, requests, unit] =
    /^(.*?)(?: \((-?\d+)\))?(?: \[(\d+)\/(\w+)\])?$/.exec(text) ?? [];
  return {
    entries: entries.split(",").map((entry) => {
      const [key = "", ...value] = entry.split("=");
      return { key, value: value.join("=") };
    }),
    ...(own === undefined ? {} : { hitsAddend: Math.abs(Number(own)) }),
    ...(own?.startsWith("-") === true ? { isNegativeHits: true } : {}),
    ...(requests === undefined
      ? {}
      : { limit: { requestsPerUnit: Number(requests), unit: units.indexOf(unit ?? "") } }),
  };
}

/** An answer as a line: `OK: 4 of 5/minute; OVER of 3/day (name); none; unlimited`. */
export function lineOf({ isOver, statuses }: RateLimitResponse): string {
  const parts = statuses.map(({ isOver, currentLimit, limitRemaining }) => {
    if (currentLimit === undefined) {
      return isOver ? "OVER" : limitRemaining === 0 ? "none" : "unlimited";
    }
    const { requestsPerUnit, unit, unitMultiplier, name } = currentLimit;
    const times = unitMultiplier === 1 ? "" : `${unitMultiplier} `;
    const called = name === "" ? "" : ` (${name})`;
    const left = isOver ? "OVER" : String(limitRemaining);
    return `${left} of ${requestsPerUnit}/${times}${unit}${called}`;
  });
  return `${isOver ? "OVER" : "OK"}: ${parts.join("; ")}`;
}
