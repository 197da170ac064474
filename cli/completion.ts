import { Argument, Command } from "commander";
import type { CommandContext } from "./command_context.ts";

/** `contour completion`: a script that makes a shell complete our commands and flags. */
export function completionCommand({ terminal, exit }: CommandContext, program: Command): Command {
  return new Command("completion")
    .description("print a script that completes commands and flags")
    .addArgument(new Argument("<shell>", "your shell").choices(Object.keys(scripts)))
    .addHelpText("after", "\nExample:\n  source <(contour completion bash)")
    .action((shell: keyof typeof scripts) => {
      terminal.out(scripts[shell](wordsOf(program)));
      exit(0);
    });
}

/** What can follow `contour`, and what can follow that. */
interface Words {
  readonly commands: readonly CommandWords[];
  readonly flags: readonly FlagWords[];
}

interface CommandWords {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly FlagWords[];
}

interface FlagWords {
  readonly long: string;
  readonly description: string;
  /** The words it takes; empty: any text, or none. */
  readonly choices: readonly string[];
}

const scripts = { bash, zsh, fish } as const;

function wordsOf(program: Command): Words {
  const commands = program.commands.map((command) => ({
    name: command.name(),
    description: firstLine(command.description()),
    flags: flagsOf(command),
  }));
  return { commands, flags: flagsOf(program) };
}

function flagsOf(command: Command): readonly FlagWords[] {
  return command.createHelp().visibleOptions(command).flatMap(({ long, description, argChoices }) =>
    long ? [{ long, description: firstLine(description), choices: argChoices ?? [] }] : []
  );
}

function bash({ commands, flags }: Words): string {
  const global = flags.map(({ long }) => long);
  const cases = commands.map(({ name, flags }) =>
    `    ${name}) words="${[...flags.map(({ long }) => long), ...global].join(" ")}" ;;`
  );
  const values = choicesOf({ commands, flags }).map(([long, choices]) =>
    `    ${long}) COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$word")); return ;;`
  );
  return `_contour() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words
  case "$before" in
${values.join("\n")}
  esac
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    *) words="${[...commands.map(({ name }) => name), ...global].join(" ")}" ;;
  esac
  if [[ $COMP_CWORD -gt 1 && "$word" != -* ]]; then
    COMPREPLY=($(compgen -f -- "$word"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$word"))
  fi
}
complete -o filenames -F _contour contour
`;
}

function zsh({ commands, flags }: Words): string {
  const quote = (text: string) => text.replaceAll("'", "'\\''").replace(/[[\]:]/g, "\\$&");
  const option = ({ long, description, choices }: FlagWords) => {
    const values = choices.length === 0 ? "" : `: :(${choices.join(" ")})`;
    return `'${long}[${quote(description)}]${values}'`;
  };
  const cases = commands.map((command) =>
    `    ${command.name}) _arguments ${
      [...command.flags, ...flags].map(option).join(" ")
    } '*:file:_files' ;;`
  );
  const names = commands.map(({ name, description }) => `'${name}:${quote(description)}'`);
  return `#compdef contour
_contour() {
  if (( CURRENT == 2 )); then
    local -a commands=(${names.join(" ")})
    _describe command commands
    return
  fi
  case "$words[2]" in
${cases.join("\n")}
  esac
}
compdef _contour contour
`;
}

function fish({ commands, flags }: Words): string {
  const quote = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const option = (condition: string, { long, description, choices }: FlagWords) =>
    `complete -c contour ${condition}-l ${long.slice(2)} -d ${quote(description)}` +
    (choices.length === 0 ? "" : ` -x -a ${quote(choices.join(" "))}`);
  const lines = commands.flatMap(({ name, description, flags }) => [
    `complete -c contour -n __fish_use_subcommand -f -a ${name} -d ${quote(description)}`,
    ...flags.map((flag) => option(`-n '__fish_seen_subcommand_from ${name}' `, flag)),
  ]);
  return `${[...lines, ...flags.map((flag) => option("", flag))].join("\n")}\n`;
}

function choicesOf({ commands, flags }: Words): [long: string, choices: readonly string[]][] {
  const byFlag = new Map<string, Set<string>>();
  for (const { long, choices } of [...flags, ...commands.flatMap(({ flags }) => flags)]) {
    if (choices.length === 0) continue;
    const known = byFlag.get(long) ?? new Set();
    choices.forEach((choice) => known.add(choice));
    byFlag.set(long, known);
  }
  return [...byFlag].map(([long, choices]) => [long, [...choices]]);
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
