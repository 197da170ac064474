import type { Registry } from "prom-client";
import { compile, type CompileOptions, type DomainSource } from "./configuration/compile.ts";
import type { CompiledDomain } from "./configuration/compiled.ts";
import { type ConfigurationProblem, problemLine } from "./configuration/problem.ts";
import type { AlgorithmName } from "./configuration/schema.ts";
import { type ConfigurationState, followConfiguration } from "./configuration/source.ts";
import type { AnswerOptions } from "./decision/answer.ts";
import { Decider, RefusedRequest, type StoreFailureChoice } from "./decision/decider.ts";
import type { RateLimitRequest } from "./decision/request.ts";
import type { RateLimitResponse } from "./decision/response.ts";
import { RateLimitMetrics } from "./metrics.ts";
import type { GrpcMethod } from "./server/grpc/call.ts";
import { declarations, rateLimitService } from "./server/grpc/declarations.ts";
import { fileDescriptors } from "./server/grpc/file_descriptors.ts";
import { HealthService, healthService } from "./server/grpc/health.ts";
import { reflectionMethods } from "./server/grpc/reflection.ts";
import { type GrpcPlace, type GrpcServerOptions, serveGrpc } from "./server/grpc/server.ts";
import { GrpcError, grpcStatus } from "./server/grpc/status.ts";
import { pagesOf } from "./server/http/pages.ts";
import { serveHttp } from "./server/http/server.ts";
import { readRequest, writeResponse } from "./server/wire/rate_limit.ts";
import { WireError } from "./server/wire/reader.ts";
import { MemoryStore } from "./stores/memory_store.ts";
import { RedisStore, type RedisStoreOptions } from "./stores/redis/redis_store.ts";
import type { Store } from "./stores/store.ts";

/**
 * Starts the service that Envoy asks whether a request may pass: alone, or beside a controller that
 * gives it limits. Rejects when an address cannot be listened on, or a configuration that is named is
 * not there. It stops when the signal aborts.
 */
export async function startRateLimitService(
  options: RateLimitServiceOptions,
): Promise<RateLimitService> {
  const { log, signal, now = Date.now } = options;
  const metrics = new RateLimitMetrics(options.registry);
  const store = storeOf(options, now);
  metrics.watchStore(store.store);
  const limits = new LimitTable(options, metrics, () => new Date(now()));
  const decider = new Decider({
    domains: () => limits.domains,
    store: store.store,
    fallback: new MemoryStore({ now }),
    onStoreFailure: options.onStoreFailure,
    algorithm: options.algorithm,
    answers: () => options.answers,
    observer: metrics,
  });
  const health = new HealthService(healthNames);
  const trouble = () => {
    if (signal.aborted) return "The service is stopping";
    const { needsConfiguration = false, followsStore = false } = options.health ?? {};
    if (needsConfiguration && limits.domains.size === 0) return "No configuration is loaded";
    const isCritical = followsStore || (options.onStoreFailure === "error" && !store.wasUp());
    return isCritical && !store.store.isUp() ? "The counters cannot be reached" : undefined;
  };
  const refreshHealth = () => {
    for (const name of healthNames) health.set(name, trouble() === undefined);
  };
  store.onChange(refreshHealth);
  limits.onChange(refreshHealth);
  const { configuration, lookAgainMs } = options;
  if (configuration.length > 0) {
    await followConfiguration(configuration, {
      changed: (state) => limits.setFiles(state),
      check: (source) => limits.check(source),
      signal,
      ...(lookAgainMs === undefined ? {} : { lookAgainMs }),
    });
  }
  const grpc = await serveGrpc({
    ...options.grpcLimits,
    place: options.grpc,
    methods: new Map<string, GrpcMethod>([
      [`/${rateLimitService}/ShouldRateLimit`, shouldRateLimit(decider, metrics)],
      ...health.methods,
      ...reflectionMethods(services, fileDescriptors(declarations)),
    ]),
    onTlsEvent: (event) => {
      if (event.kind === "kept") {
        log.warn("kept the certificate of before", { reason: event.message });
      }
    },
  });
  const http = options.http === undefined ? undefined : await serveHttp({
    ...options.http,
    pages: pagesOf({
      trouble,
      domains: () => limits.domains,
      decide: (request) => decider.decide(request),
      metrics: async () => ({
        contentType: metrics.registry.contentType,
        text: await metrics.registry.metrics(),
      }),
    }),
  }).catch(async (error) => {
    await Promise.all([grpc.stop(0), store.store.close()]);
    throw error;
  });
  refreshHealth();
  const finished = Promise.withResolvers<void>();
  const stop = async () => {
    refreshHealth();
    health.close();
    await grpc.stop();
    await Promise.all([http?.stop(), store.store.close()]);
    finished.resolve();
  };
  signal.addEventListener("abort", () => void stop(), { once: true });
  if (signal.aborted) void stop();
  return {
    grpcPort: grpc.port,
    ...(http === undefined ? {} : { httpPort: http.port }),
    problems: () => limits.problems,
    domains: () => limits.domains,
    decide: (request) => decider.decide(request),
    trouble,
    finished: finished.promise,
  };
}

/** What to serve, and how. */
export interface RateLimitServiceOptions {
  /** Files and folders of the reference's format, followed from then on; there may be none. */
  readonly configuration: readonly string[];
  /** Domains that whoever starts the service keeps up to date; before files of the same name. */
  readonly domains?: readonly CompiledDomain[];
  readonly store: StoreChoice;
  readonly onStoreFailure: StoreFailureChoice;
  /** Of limits that do not say. */
  readonly algorithm: AlgorithmName;
  readonly grpc: GrpcPlace;
  /** Bounds of what clients may do. */
  readonly grpcLimits?: Omit<GrpcServerOptions, "place" | "methods" | "onCall" | "onTlsEvent">;
  /** Metrics, health, JSON and the limits there are; absent: nowhere. */
  readonly http?: { readonly address: string; readonly port: number };
  readonly answers: AnswerOptions;
  readonly compile: Omit<CompileOptions, "algorithm">;
  readonly health?: {
    /** Unhealthy without any limits. */
    readonly needsConfiguration?: boolean;
    /** Unhealthy whenever the counters cannot be reached. */
    readonly followsStore?: boolean;
  };
  readonly log: ServiceLog;
  readonly signal: AbortSignal;
  /** Where the metrics are told. Default: a registry of its own. */
  readonly registry?: Registry;
  /** Milliseconds since 1970, for counters in memory. Default: the clock of the machine. */
  readonly now?: () => number;
  /** Milliseconds between two looks at the files. Default: 1,000. */
  readonly lookAgainMs?: number;
}

/** Where counters are kept. */
export type StoreChoice =
  | { readonly kind: "memory"; readonly maxCounters?: number }
  | ({ readonly kind: "redis" } & Omit<RedisStoreOptions, "onState" | "virtualNow">);

/** Where events are told. */
export interface ServiceLog {
  info(msg: string, fields?: LogFields): void;
  warn(msg: string, fields?: LogFields): void;
  error(msg: string, fields?: LogFields): void;
}

/** Facts beside a message. */
export type LogFields = { readonly [key: string]: string | number | boolean | undefined };

/** A service that runs. */
export interface RateLimitService {
  /** 0 for a socket. */
  readonly grpcPort: number;
  readonly httpPort?: number;
  /** What is wrong with the configuration at this moment. */
  readonly problems: () => readonly ConfigurationProblem[];
  readonly domains: () => ReadonlyMap<string, CompiledDomain>;
  /** Decides a request without a network between. */
  readonly decide: (request: RateLimitRequest) => RateLimitResponse | Promise<RateLimitResponse>;
  /** Why no requests should be sent here; absent when they should. */
  readonly trouble: () => string | undefined;
  /** Settles when everything has ended after the signal aborted. */
  readonly finished: Promise<void>;
}

/** Under either name: the reference's, and the protocol's. */
const healthNames = ["ratelimit", rateLimitService];
const services = [rateLimitService, healthService];

function shouldRateLimit(decider: Decider, metrics: RateLimitMetrics): GrpcMethod {
  const told = (error: unknown) => {
    if (error instanceof WireError) {
      return new GrpcError(grpcStatus.invalidArgument, error.message, { cause: error });
    }
    if (!(error instanceof RefusedRequest)) return error;
    return new GrpcError(refusalStatus[error.reason], error.message, { cause: error });
  };
  const called = (begunMs: number) =>
    metrics.called("ShouldRateLimit", (performance.now() - begunMs) / 1_000);
  return {
    kind: "unary",
    call(bytes) {
      const begunMs = performance.now();
      try {
        const response = decider.decide(readRequest(bytes));
        if (!(response instanceof Promise)) {
          called(begunMs);
          return writeResponse(response);
        }
        return response.then((response) => {
          called(begunMs);
          return writeResponse(response);
        }, (error) => {
          called(begunMs);
          throw told(error);
        });
      } catch (error) {
        called(begunMs);
        throw told(error);
      }
    },
  };
}

const refusalStatus = {
  unknown: grpcStatus.unknown,
  invalid: grpcStatus.invalidArgument,
  unavailable: grpcStatus.unavailable,
} as const;

/** The limits of files and policies together. */
class LimitTable {
  domains: ReadonlyMap<string, CompiledDomain> = new Map();
  problems: readonly ConfigurationProblem[] = [];
  readonly #options: CompileOptions;
  readonly #log: ServiceLog;
  readonly #metrics: RateLimitMetrics;
  readonly #now: () => Date;
  readonly #kept: readonly CompiledDomain[];
  #files: ConfigurationState = { sources: [], problems: [], files: 0 };
  #told = "";
  #onChange: () => void = () => {};

  constructor(
    { compile, algorithm, log, domains = [] }: RateLimitServiceOptions,
    metrics: RateLimitMetrics,
    now: () => Date,
  ) {
    this.#options = { ...compile, algorithm };
    this.#log = log;
    this.#metrics = metrics;
    this.#now = now;
    this.#kept = domains;
    this.domains = this.#with(new Map());
  }

  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  check(source: DomainSource): readonly ConfigurationProblem[] {
    return compile([source], this.#options).problems;
  }

  setFiles(state: ConfigurationState): void {
    this.#files = state;
    this.#refresh();
    this.#log.info("read the limits", {
      files: state.files,
      domains: this.domains.size,
      problems: this.problems.length,
    });
  }

  #refresh(): void {
    const compiled = compile(this.#files.sources, this.#options);
    this.domains = this.#with(compiled.domains);
    this.problems = [...this.#files.problems, ...compiled.problems];
    const isError = ({ severity }: ConfigurationProblem) => severity === "error";
    this.#metrics.loaded(this.problems.filter(isError).length, this.#now());
    const told = this.problems.map(problemLine).join("\n");
    if (told !== this.#told) {
      for (const problem of this.problems) {
        this.#log[isError(problem) ? "error" : "warn"](problemLine(problem));
      }
    }
    this.#told = told;
    this.#onChange();
  }

  #with(domains: ReadonlyMap<string, CompiledDomain>): ReadonlyMap<string, CompiledDomain> {
    return new Map([...domains, ...this.#kept.map((domain) => [domain.name, domain] as const)]);
  }
}

/** A store, and whether it ever was there. */
interface WatchedStore {
  readonly store: Store;
  readonly wasUp: () => boolean;
  readonly onChange: (listener: () => void) => void;
}

function storeOf(
  { store: choice, log, onStoreFailure }: RateLimitServiceOptions,
  now: () => number,
): WatchedStore {
  if (choice.kind === "memory") {
    const store = new MemoryStore({ now, ...choice });
    return { store, wasUp: () => true, onChange: () => {} };
  }
  let wasUp = false;
  let changed = () => {};
  const store = new RedisStore({
    ...choice,
    onState(state) {
      switch (state.kind) {
        case "up":
          log.info(wasUp ? "Redis is back" : "connected to Redis");
          wasUp = true;
          break;
        case "down":
          log.error("cannot reach Redis", { reason: state.reason, answering: onStoreFailure });
      }
      changed();
    },
  });
  return { store, wasUp: () => wasUp, onChange: (listener) => changed = listener };
}
