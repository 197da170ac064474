import { Command, CommanderError, Option } from "commander";
import { bootstrapCommand } from "./bootstrap.ts";
import { certgenCommand } from "./certgen.ts";
import type { CommandContext } from "./command_context.ts";
import { completionCommand } from "./completion.ts";
import { envoyCommand } from "./envoy.ts";
import { UsageError } from "./flags.ts";
import { lintCommand } from "./lint.ts";
import type { Parts } from "./parts.ts";
import { serveCommand } from "./serve.ts";
import { statusCommand } from "./status.ts";
import { type ColorChoice, colorChoices, paintFor, type Terminal } from "./terminal.ts";
import { buildInfo, versionCommand } from "./version.ts";

/**
 * Runs the command line. Returns the exit code: 0 done, 1 there is something wrong with what was
 * looked at (or it could not be done), 2 called wrongly.
 */
export async function run(
  args: readonly string[],
  terminal: Terminal,
  parts: Parts,
): Promise<number> {
  let code = 0;
  const program = buildProgram(terminal, parts, (result) => code = result);
  if (args.length === 0) {
    program.outputHelp();
    return 0;
  }
  try {
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { red } = paintFor("err", terminal, program.opts<GlobalFlags>().color);
    terminal.err(`${red("error:")} ${error instanceof Error ? error.message : String(error)}\n`);
    if (!(error instanceof UsageError)) return 1;
    return 2;
  }
}

/** Flags that every command takes. */
export interface GlobalFlags {
  readonly color: ColorChoice;
}

function buildProgram(terminal: Terminal, parts: Parts, exit: (code: number) => void): Command {
  const program = new Command("contour");
  const color = () => program.opts<GlobalFlags>().color;
  const context: CommandContext = { terminal, parts, color, exit };
  program
    .description("An ingress controller for Envoy that reads HTTPProxy.")
    .version(buildInfo.version, "--version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help of a command")
    .addOption(
      new Option("--color <when>", "colour the output").choices(colorChoices).default("auto"),
    )
    .addOption(new Option("--no-color").hideHelp())
    .on("option:no-color", () => program.setOptionValue("color", "never"));
  program
    .addCommand(serveCommand(context))
    .addCommand(lintCommand(context))
    .addCommand(statusCommand(context))
    .addCommand(bootstrapCommand(context))
    .addCommand(certgenCommand(context))
    .addCommand(envoyCommand(context))
    .addCommand(completionCommand(context, program))
    .addCommand(versionCommand(context));
  for (const command of commandsOf(program)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  }
  return program;
}

/** A command with all beneath it. */
function commandsOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(commandsOf)];
}
