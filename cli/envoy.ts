import { Command, Option } from "commander";
import { parseCount, parsed, parsePort, parseTime } from "../command_line/mod.ts";
import type { LogFormat } from "../controller/admin/mod.ts";
import type { CommandContext } from "./command_context.ts";
import { logFormatOption } from "./flags.ts";

/** `contour envoy`: what runs beside an Envoy that others start and stop. */
export function envoyCommand(context: CommandContext): Command {
  return new Command("envoy")
    .description("end an Envoy without losing requests")
    .addCommand(shutdownManagerCommand(context))
    .addCommand(shutdownCommand(context));
}

const readyFileOption = () =>
  new Option("--ready-file <file>", "says that Envoy is drained").default("/admin/ok");

function shutdownManagerCommand(context: CommandContext): Command {
  return new Command("shutdown-manager")
    .description("answer /shutdown when Envoy is drained, for the hook before it is stopped")
    .addOption(readyFileOption())
    .addOption(
      new Option("--serve-port <port>", "where to answer, on all addresses")
        .argParser(parsed(parsePort)).default(8090),
    )
    .addOption(logFormatOption())
    .action(async (flags: ManagerFlags) => {
      const { runShutdownManager } = await import("./envoy_run.ts");
      await runShutdownManager(flags, context);
    });
}

/** What the command is told. */
export interface ManagerFlags {
  readonly readyFile: string;
  readonly servePort: number;
  readonly logFormat: LogFormat;
}

function shutdownCommand(context: CommandContext): Command {
  const time = (flag: string, description: string, text: string) =>
    new Option(`--${flag} <duration>`, description).argParser(parsed(parseTime))
      .default(parseTime(text), text);
  return new Command("shutdown")
    .description("drain Envoy: turn it unhealthy, and wait until its clients are gone")
    .addOption(
      new Option("--admin-address <address>", "Envoy's admin interface: a socket path or host:port")
        .default("/admin/admin.sock"),
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
    .action(async (flags: ShutdownFlags) => {
      const { runShutdown } = await import("./envoy_run.ts");
      await runShutdown(flags, context);
    });
}

/** What the command is told. */
export interface ShutdownFlags {
  readonly adminAddress: string;
  readonly adminPort?: number;
  readonly drainDelay: number;
  readonly checkDelay: number;
  readonly checkInterval: number;
  readonly minOpenConnections: number;
  readonly readyFile: string;
  readonly logFormat: LogFormat;
}
