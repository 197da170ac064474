import { flagValue } from "../command_line/mod.ts";
import { type LogFormat, type Logger, logger } from "../controller/admin/mod.ts";
import { drainEnvoy, type DrainEvent, serveShutdownManager } from "../controller/data_plane/mod.ts";
import { parseAdminAddress } from "../controller/serve_options.ts";
import type { CommandContext } from "./command_context.ts";
import type { ManagerFlags, ShutdownFlags } from "./envoy.ts";

/** Answers until it is told to stop. */
export async function runShutdownManager(
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

/** Drains an Envoy. */
export async function runShutdown(flags: ShutdownFlags, context: CommandContext): Promise<void> {
  const log = logTo(context, flags.logFormat);
  if (flags.adminPort !== undefined) log.warn("--admin-port is not used any more");
  await drainEnvoy({
    admin: flagValue("--admin-address <address>", flags.adminAddress, parseAdminAddress),
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
