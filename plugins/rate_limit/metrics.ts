import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { type DecisionObserver, type StoreFailureChoice } from "./decision/decider.ts";
import { newTally, type Tally } from "./decision/tally.ts";
import type { Store } from "./stores/store.ts";

/**
 * The metrics of the service, under the names that the reference service has in Prometheus, so that
 * dashboards go on working; what is ours begins with `contour_ratelimit_`.
 */
export class RateLimitMetrics implements DecisionObserver {
  readonly registry: Registry;
  readonly #rules = new Map<string, RuleTally>();
  readonly #errors: Counter<"err_type">;
  readonly #failures: Counter<"answer">;
  readonly #shadowed: Counter;
  readonly #unknownDomains: Counter;
  readonly #requests: Counter<"grpc_method">;
  readonly #responseTime: Histogram<"grpc_method">;
  readonly #loads: Counter;
  readonly #failedLoads: Counter;
  readonly #problems: Gauge;
  readonly #loadedAt: Gauge;

  constructor(registry: Registry = new Registry()) {
    this.registry = registry;
    const registers = [registry];
    for (const { name, help, count } of ruleCounters) {
      const rules = this.#rules;
      new Counter({
        name: `ratelimit_service_rate_limit_${name}`,
        help,
        labelNames: ["domain", "key1", "key2"],
        registers,
        collect() {
          this.reset();
          for (const { labels, tally } of rules.values()) this.inc(labels, count(tally));
        },
      });
    }
    this.#errors = new Counter({
      name: "ratelimit_service_should_rate_limit_error",
      help: "Requests that could not be decided, by what failed.",
      labelNames: ["err_type"],
      registers,
    });
    this.#failures = new Counter({
      name: "contour_ratelimit_store_failures_total",
      help: "Requests for which the counters could not be reached, by how they were answered.",
      labelNames: ["answer"],
      registers,
    });
    this.#shadowed = new Counter({
      name: "ratelimit_service_global_shadow_mode",
      help: "Requests that only the shadow mode of the service let through.",
      registers,
    });
    this.#unknownDomains = new Counter({
      name: "contour_ratelimit_domain_not_found_total",
      help: "Requests of a domain that nothing is configured for.",
      registers,
    });
    this.#requests = new Counter({
      name: "ratelimit_service_total_requests",
      help: "Calls.",
      labelNames: ["grpc_method"],
      registers,
    });
    this.#responseTime = new Histogram({
      name: "ratelimit_service_response_time_seconds",
      help: "From a call to its answer.",
      labelNames: ["grpc_method"],
      buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1],
      registers,
    });
    this.#loads = new Counter({
      name: "ratelimit_service_config_load_success",
      help: "Configurations that were taken.",
      registers,
    });
    this.#failedLoads = new Counter({
      name: "ratelimit_service_config_load_error",
      help: "Configurations with mistakes.",
      registers,
    });
    this.#problems = new Gauge({
      name: "contour_ratelimit_config_problems",
      help: "Mistakes in the configuration, for which the last good form is kept.",
      registers,
    });
    this.#loadedAt = new Gauge({
      name: "contour_ratelimit_config_timestamp_seconds",
      help: "When the limits last changed, in seconds since 1970.",
      registers,
    });
  }

  /** Shows how it stands with a store. */
  watchStore(store: Store): void {
    const registers = [this.registry];
    new Gauge({
      name: "contour_ratelimit_store_up",
      help: "1 while the counters can be reached.",
      labelNames: ["store"],
      registers,
      collect() {
        this.set({ store: store.kind }, store.isUp() ? 1 : 0);
      },
    });
    new Gauge({
      name: "contour_ratelimit_counters",
      help: "Counters held in this process, those of the local cache when they are elsewhere.",
      registers,
      collect() {
        this.set(store.report().counters);
      },
    });
    new Counter({
      name: "contour_ratelimit_counters_evicted_total",
      help: "Counters thrown away before their time, for want of room.",
      registers,
      collect() {
        this.reset();
        this.inc(store.report().evicted);
      },
    });
  }

  tallyOf(domain: string, levels: readonly string[]): Tally {
    const key = levels.length === 1 ? `${domain}\0${levels[0]}` : `${domain}\0${levels.join("\0")}`;
    const known = this.#rules.get(key);
    if (known !== undefined) return known.tally;
    if (this.#rules.size >= maxRules) return this.#others(domain);
    return this.#add(key, domain, levels);
  }

  unknownDomain(): void {
    this.#unknownDomains.inc();
  }

  shadowed(): void {
    this.#shadowed.inc();
  }

  failed(by: "service" | "store", answered?: StoreFailureChoice): void {
    if (answered !== undefined) this.#failures.inc({ answer: answered });
    this.#errors.inc({ err_type: by === "store" ? "redis_error" : "service_error" });
  }

  /** A call was answered. */
  called(method: string, seconds: number): void {
    this.#requests.inc({ grpc_method: method });
    this.#responseTime.observe({ grpc_method: method }, seconds);
  }

  /** A configuration was looked at. */
  loaded(problems: number, at: Date): void {
    (problems === 0 ? this.#loads : this.#failedLoads).inc();
    this.#problems.set(problems);
    this.#loadedAt.set(Math.floor(at.getTime() / 1_000));
  }

  /** Metrics by the values of requests have to end somewhere: further ones are counted together. */
  #others(domain: string): Tally {
    const key = `${domain}\0\0others`;
    return this.#rules.get(key)?.tally ?? this.#add(key, domain, ["others"]);
  }

  #add(key: string, domain: string, levels: readonly string[]): Tally {
    const [key1 = "", key2] = levels.map(sanitized);
    const labels = { domain: sanitized(domain), key1, ...(key2 === undefined ? {} : { key2 }) };
    const tally = newTally();
    this.#rules.set(key, { labels, tally });
    return tally;
  }
}

interface RuleTally {
  readonly labels: { readonly domain: string; readonly key1: string; readonly key2?: string };
  readonly tally: Tally;
}

const maxRules = 10_000;

const ruleCounters: readonly {
  readonly name: string;
  readonly help: string;
  readonly count: (tally: Tally) => number;
}[] = [
  { name: "total_hits", help: "Hits on a limit.", count: (tally) => tally.totalHits },
  { name: "over_limit", help: "Hits over a limit.", count: (tally) => tally.overLimit },
  { name: "near_limit", help: "Hits near a limit.", count: (tally) => tally.nearLimit },
  { name: "within_limit", help: "Hits that passed.", count: (tally) => tally.withinLimit },
  {
    name: "shadow_mode",
    help: "Hits over a limit in shadow mode.",
    count: (tally) => tally.shadowMode,
  },
  {
    name: "over_limit_with_local_cache",
    help: "Hits over a limit that was known to be used up, so that no store was asked.",
    count: (tally) => tally.overLimitWithLocalCache,
  },
];

/** As the reference does, whose names are separated by dots. */
function sanitized(text: string): string {
  return text.replace(/[:|]/g, "_")
    .replace(/(?<!\d)(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?!\d)/g, "$1_$2_$3_$4");
}
