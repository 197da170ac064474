import { Command, Option } from "commander";
import { parseCount, parsed } from "../command_line/mod.ts";
import { type LogFormat, logFormats, type Logger, logger } from "../controller/admin/mod.ts";
import { parseDuration } from "../controller/api/mod.ts";
import {
  type Address,
  drainEnvoy,
  type DrainEvent,
  serveShutdownManager,
} from "../controller/data_plane/mod.ts";
import { parseAdminAddress, parsePort } from "../controller/serve_options.ts";
import type { CommandContext } from "./command_context.ts";

/** `contour envoy`: what runs beside an Envoy that others start and stop. */
export function envoyCommand(context: CommandContext): Command {
  return new Command("envoy")
    .description("end an Envoy without losing requests")
    .addCommand(shutdownManagerCommand(context))
    .addCommand(shutdownCommand(context));
}

const readyFileOption = () =>
  new Option("--ready-file <file>", "says that Envoy is drained").default("/admin/ok");

const logFormatOption = () =>
  new Option("--log-format <format>", "how to log").choices(logFormats).default("text");

function shutdownManagerCommand(context: CommandContext): Command {
  return new Command("shutdown-manager")
    .description("answer /shutdown when Envoy is drained, for the hook before it is stopped")
    .addOption(readyFileOption())
    .addOption(
      new Option("--serve-port <port>", "where to answer, on all addresses")
        .argParser(parsed(parsePort)).default(8090),
    )
    .addOption(logFormatOption())
    .action((flags: ManagerFlags) => shutdownManager(flags, context));
}

interface ManagerFlags {
  readonly readyFile: string;
  readonly servePort: number;
  readonly logFormat: LogFormat;
}

async function shutdownManager(
  { readyFile, servePort: port, logFormat }: ManagerFlags,
  context: CommandContext,
): Promise<void> {
  const { terminal, exit } = context;
  const log = logTo(context, logFormat);
  const manager = await serveShutdownManager({ port, readyFile, signal: terminal.interrupted() });
  log.info("Waiting for the end of Envoy", { port: manager.port, readyFile });
  await manager.finished;
  exit(0);
}

function shutdownCommand(context: CommandContext): Command {
  const time = (flag: string, description: string, text: string) =>
    new Option(`--${flag} <duration>`, description).argParser(parsed(parseTime))
      .default(parseTime(text), text);
  return new Command("shutdown")
    .description("drain Envoy: turn it unhealthy, and wait until its clients are gone")
    .addOption(
      new Option("--admin-address <address>", "Envoy's admin interface: a socket path or host:port")
        .argParser(parsed(parseAdminAddress))
        .default({ path: "/admin/admin.sock" }, "/admin/admin.sock"),
    )
    .addOption(new Option("--admin-port <port>").argParser(parsed(parsePort)).hideHelp())
    .addOption(time("drain-delay", "wait before Envoy turns unhealthy", "0s"))
    .addOption(time("check-delay", "wait before the first look at its connections", "0s"))
    .addOption(time("check-interval", "wait between two looks", "5s"))
    .addOption(
      new Option("--min-open-connections <count>", "with that many, or fewer, it is drained")
        .argParser(parsed(parseCount)).default(0),
    )
    .addOption(readyFileOption())
    .addOption(logFormatOption())
    .action((flags: ShutdownFlags) => shutdown(flags, context));
}

interface ShutdownFlags {
  readonly adminAddress: Address;
  readonly adminPort?: number;
  readonly drainDelay: number;
  readonly checkDelay: number;
  readonly checkInterval: number;
  readonly minOpenConnections: number;
  readonly readyFile: string;
  readonly logFormat: LogFormat;
}

async function shutdown(flags: ShutdownFlags, context: CommandContext): Promise<void> {
  const log = logTo(context, flags.logFormat);
  if (flags.adminPort !== undefined) log.warn("--admin-port is not used any more");
  await drainEnvoy({
    admin: flags.adminAddress,
    drainDelayMs: flags.drainDelay,
    checkDelayMs: flags.checkDelay,
    checkIntervalMs: flags.checkInterval,
    minOpenConnections: flags.minOpenConnections,
    readyFile: flags.readyFile,
    signal: context.terminal.interrupted(),
    onEvent: (event) => tell(event, log),
  });
  context.exit(0);
}

function tell(event: DrainEvent, log: Logger): void {
  switch (event.kind) {
    case "unhealthy":
      return log.info("Envoy calls itself unhealthy");
    case "not told":
      return log.error("Cannot turn Envoy unhealthy", { error: event.message });
    case "connections":
      return log.info("Connections of clients", { open: event.open });
    case "not counted":
      return log.warn("Cannot count the connections", { error: event.message });
    case "drained":
      return log.info("Envoy is drained");
  }
}

function logTo({ terminal }: CommandContext, format: LogFormat): Logger {
  const write = (line: string) => terminal.err(line);
  return logger({ format, level: "info", write, now: () => new Date() });
}

/** Milliseconds. Throws a `RangeError` for what is no duration. */
function parseTime(text: string): number {
  const duration = parseDuration(text);
  if (duration.ok && duration.ms >= 0) return duration.ms;
  throw new RangeError("A duration is needed, such as 500ms, 5s or 1m30s");
}
