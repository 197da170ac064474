import { Command, Option } from "commander";
import {
  type CommandSurroundings,
  parseCount,
  parsed,
  parseMilliseconds,
} from "../../../command_line/mod.ts";
import type { AlgorithmName } from "../configuration/schema.ts";
import type { StoreFailureChoice } from "../decision/decider.ts";
import { type HostPort, parseHostPort } from "./host_port.ts";
import type { LogFormat } from "./outside.ts";

/** `contour ratelimit serve`: the service alone, on files. */
export function serveCommand(surroundings: CommandSurroundings): Command {
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
        .choices(["error", "open", "closed", "memory"] satisfies StoreFailureChoice[]).default(
          "error",
        ),
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
      new Option("--log-format <format>", "how to log").choices(
        ["text", "json"] satisfies LogFormat[],
      )
        .default(undefined, "text"),
    )
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  contour ratelimit serve --config limits.yaml\n" +
        "  contour ratelimit serve --config limits/ --redis redis://127.0.0.1:6379 --on-store-failure open",
    )
    .action(async (flags: ServeFlags) => {
      const { runServe } = await import("./serve_run.ts");
      const named = { ...flags, algorithm: algorithm(flags.algorithm) as AlgorithmName };
      await runServe(named, surroundings);
    });
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
  readonly logFormat?: LogFormat;
}
