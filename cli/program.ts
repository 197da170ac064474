import { Command, CommanderError, Option } from "commander";
import {
  type ColorChoice,
  colorChoices,
  exampled,
  helpStyle,
  paintFor,
  type Terminal,
  UsageError,
} from "../command_line/mod.ts";
import { version } from "../controller/version.ts";
import type { CommandContext } from "./command_context.ts";
import { commands } from "./commands.ts";
import type { Parts } from "./parts.ts";

/**
 * Runs the command line. Returns the exit code: 0 done, 1 there is something wrong with what was
 * looked at (or it could not be done), 2 called wrongly.
 */
export async function run(
  args: readonly string[],
  terminal: Terminal,
  parts: Parts,
): Promise<number> {
  // No command for people: what the scripts of `contour completion` ask.
  if (args[0] === "__complete") {
    const { answer } = await import("./completion/answer.ts");
    const silent: Terminal = { ...terminal, out: () => {}, err: () => {} };
    await answer(
      args.slice(1),
      (words) => buildProgram(words, silent, parts, () => {}),
      terminal,
    );
    return 0;
  }
  let code = 0;
  const program = await buildProgram(args, terminal, parts, (result) => code = result);
  if (args.length === 0) {
    program.outputHelp();
    return 0;
  }
  try {
    // Commander would answer for an unknown command with the help of all.
    const [first, second = ""] = args;
    const isUnknown = first === "help" && second !== "" && !second.startsWith("-") &&
      !commands.some(({ name }) => name === second);
    await program.parseAsync(isUnknown ? [second] : [...args], { from: "user" });
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

/** All commands, with those read whose names are among the arguments. */
export async function buildProgram(
  args: readonly string[],
  terminal: Terminal,
  parts: Parts,
  exit: (code: number) => void,
): Promise<Command> {
  const program = new Command("contour");
  const color = () => program.opts<GlobalFlags>().color;
  const context: CommandContext = { terminal, parts, color, exit };
  program
    .description("An ingress controller for Envoy that reads HTTPProxy.")
    .version(version, "--version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help of a command")
    .addOption(
      new Option("--color <when>", "colour the output").choices(colorChoices).default("auto"),
    )
    .addOption(new Option("--no-color").hideHelp())
    .on("option:no-color", () => program.setOptionValue("color", "never"));
  // Which word is the command, commander finds out; one too many is read without harm.
  const isNeeded = (name: string) => args.includes(name);
  for (const { name, summary, load } of commands) {
    const command = isNeeded(name) ? await load(context, program) : new Command(name);
    program.addCommand(command.summary(summary));
  }
  for (const command of commandsOf(program)) {
    command.helpOption("-h, --help", "print help").configureHelp(helpStyle).exitOverride();
    command.configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      outputError: (text, write) => write(unknownBelow(command, text) ?? text),
    });
  }
  program.configureHelp({
    ...helpStyle,
    subcommandTerm: (command) => {
      const entry = commands.find(({ name }) => name === command.name());
      // That there are options goes without saying, and would take the room of the words behind.
      return `${command.name()} ${(entry?.usage ?? command.usage()).replace("[options]", "")}`
        .replace(/ +/g, " ").trimEnd();
    },
  });
  return exampled(program, [
    "contour lint routes/",
    "contour explain https://shop.example.com/cart routes/",
    "contour serve routes/ --envoy",
    "contour help lint",
  ]);
}

/** Of a command that does something by itself, too, commander takes its unknown ones for arguments. */
function unknownBelow({ commands }: Command, text: string): string | undefined {
  const [, word] =
    /^error: too many arguments .* Expected 0 .* got \d+: ([^,\s]+?)\.?,?$/m.exec(text) ??
      [];
  if (word === undefined || commands.length === 0) return undefined;
  const names = commands.map((command) => command.name()).join(", ");
  return `error: unknown command '${word}': there are ${names}\n`;
}

/** A command with all beneath it. */
function commandsOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(commandsOf)];
}
