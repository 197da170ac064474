import { Command, Option } from "commander";
import { parseCount, parsed } from "../../command_line/mod.ts";
import { parseMilliseconds } from "../flags.ts";
import { logFormats, logger } from "../../controller/admin/mod.ts";
import {
  type AlgorithmName,
  type EnvironmentReading,
  readEnvironment,
  startRateLimitService,
  type StoreFailureChoice,
  storeFailureChoices,
} from "../../plugins/rate_limit/mod.ts";
import type { CommandContext } from "../command_context.ts";
import { type HostPort, parseHostPort, serviceSettings } from "./settings.ts";

/** `contour ratelimit serve`: the service alone, on files. */
export function serveCommand(context: CommandContext): Command {
  const algorithm = (text: string) => text.replaceAll("-", "_");
  return new Command("serve")
    .description(
      "answer Envoy whether requests may pass\n\n" +
        "Limits are read from files in the format of the reference service, and followed. Its\n" +
        "environment variables have an effect where they mean something here; flags go before them.",
    )
    .addOption(
      new Option("-c, --config <path>", "file or folder with limits, as often as you like")
        .argParser((
          path: string,
          before: readonly string[] | undefined,
        ) => [...before ?? [], path]),
    )
    .addOption(
      new Option("--grpc-address <address>", "where Envoy asks; a path is a Unix socket")
        .argParser(parsed(parseHostPort)).default(undefined, "127.0.0.1:8081"),
    )
    .addOption(
      new Option("--http-address <address>", "where metrics, health, /json and /rlconfig are")
        .argParser(parsed(parseHostPort)).default(undefined, "127.0.0.1:8082"),
    )
    .option("--grpc-cert-file <file>", "certificate to answer Envoy with")
    .option("--grpc-key-file <file>", "its key")
    .option("--grpc-ca-file <file>", "Envoy has to show a certificate signed by it")
    .option(
      "--redis <url>",
      "keep counters there: redis://, rediss://, redis+sentinel://, redis+cluster://, unix://",
    )
    .option("--redis-ca-file <file>", "who signs the certificate of Redis")
    .option("--redis-cert-file <file>", "our certificate for Redis")
    .option("--redis-key-file <file>", "its key")
    .addOption(
      new Option("--redis-timeout <duration>", "how long to wait for Redis")
        .argParser(parsed(parseMilliseconds)).default(undefined, "1s"),
    )
    .option("--key-prefix <text>", "stands before the key of every counter in Redis")
    .addOption(
      new Option("--local-cache <count>", "how many keys that are over to keep in mind, of Redis")
        .argParser(parsed(parseCount)).default(undefined, "10000"),
    )
    .addOption(
      new Option("--max-counters <count>", "how many counters to keep in memory")
        .argParser(parsed(parseCount)).default(1_000_000),
    )
    .addOption(
      new Option("--algorithm <name>", "how limits count that do not say it")
        .choices(["gcra", "fixed-window", "sliding-window"]).default("gcra"),
    )
    .addOption(
      new Option("--on-store-failure <choice>", "what to answer while Redis cannot be reached")
        .choices(storeFailureChoices).default("error"),
    )
    .option(
      "--response-headers <list>",
      "headers for clients: ratelimit, x-ratelimit, retry-after, rule",
    )
    .option("--dynamic-metadata", "tell Envoy what was decided, as metadata of the request")
    .option("--shadow-mode", "count, but let everything through")
    .option("--quota-mode", "refuse a request only when all its descriptors are over")
    .option("--merge-domain-configs", "several files may be of one domain")
    .option("--health-follows-store", "unhealthy whenever Redis cannot be reached")
    .addOption(
      new Option("--log-format <format>", "how to log").choices(logFormats)
        .default(undefined, "text"),
    )
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  contour ratelimit serve --config limits.yaml\n" +
        "  contour ratelimit serve --config limits/ --redis redis://127.0.0.1:6379 --on-store-failure open",
    )
    .action((flags: ServeFlags) =>
      run({ ...flags, algorithm: algorithm(flags.algorithm) as AlgorithmName }, context)
    );
}

/** As given; what has a default of the environment is absent. */
export interface ServeFlags {
  readonly config?: readonly string[];
  readonly grpcAddress?: HostPort;
  readonly httpAddress?: HostPort;
  readonly grpcCertFile?: string;
  readonly grpcKeyFile?: string;
  readonly grpcCaFile?: string;
  readonly redis?: string;
  readonly redisCaFile?: string;
  readonly redisCertFile?: string;
  readonly redisKeyFile?: string;
  readonly redisTimeout?: number;
  readonly keyPrefix?: string;
  readonly localCache?: number;
  readonly maxCounters: number;
  readonly algorithm: AlgorithmName;
  readonly onStoreFailure: StoreFailureChoice;
  readonly responseHeaders?: string;
  readonly dynamicMetadata?: boolean;
  readonly shadowMode?: boolean;
  readonly quotaMode?: boolean;
  readonly mergeDomainConfigs?: boolean;
  readonly healthFollowsStore?: boolean;
  readonly logFormat?: (typeof logFormats)[number];
}

async function run(flags: ServeFlags, { terminal, exit }: CommandContext): Promise<void> {
  const environment = readEnvironment((name) => terminal.env(name));
  const settings = await serviceSettings(flags, environment.values);
  const log = logger({
    format: settings.logFormat,
    level: "info",
    write: (line) => terminal.err(line),
    now: () => new Date(),
  });
  tellEnvironment(environment, log);
  const service = await startRateLimitService({
    ...settings.service,
    log,
    signal: terminal.interrupted(),
  });
  if (service.domains().size === 0) log.warn("there are no limits: every request is an error");
  const { grpc, http } = settings.service;
  log.info("answering Envoy", {
    grpc: grpc.kind === "socket" ? grpc.path : at(grpc.address, service.grpcPort),
    http: http === undefined ? undefined : at(http.address, service.httpPort ?? 0),
    store: settings.service.store.kind,
    algorithm: settings.service.algorithm,
  });
  await service.finished;
  exit(0);
}

function at(address: string, port: number): string {
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}

function tellEnvironment(
  { values, ignored }: EnvironmentReading,
  log: ReturnType<typeof logger>,
): void {
  const used = Object.keys(values);
  if (used.length > 0) log.info("settings of the environment", { used: used.join(" ") });
  for (const { name, reason } of ignored) {
    log.warn("a setting of the environment has no effect", { name, reason });
  }
}
