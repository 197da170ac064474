import { type Command, Help, type HelpConfiguration, type Option } from "commander";

/** Gives a command examples, which its help shows before all else. */
export function exampled(command: Command, lines: readonly string[]): Command {
  examples.set(command, lines);
  return command;
}

const examples = new WeakMap<Command, readonly string[]>();

/**
 * How help looks: examples first, narrow descriptions wrapped rather than cut by the terminal, and no
 * word about switches that are off unless they are given.
 */
export const helpStyle: HelpConfiguration = {
  minWidthToWrap: 20,
  optionDescription(option: Option): string {
    const isOff = option.defaultValue === false && option.defaultValueDescription === undefined;
    const shown: Option = isOff
      ? Object.assign(Object.create(Object.getPrototypeOf(option)), option, {
        defaultValue: undefined,
      })
      : option;
    return plain.optionDescription(shown);
  },
  formatHelp(command: Command, helper: Help): string {
    const text = Help.prototype.formatHelp.call(helper, command, helper);
    const lines = examples.get(command);
    // The first heading: that of arguments, options or commands.
    const at = text.search(/^[A-Z][A-Za-z ]*:\n/m);
    if (lines === undefined || at < 0) return text;
    const shown = lines.map((line) => `  ${line}\n`).join("");
    return `${text.slice(0, at)}Examples:\n${shown}\n${text.slice(at)}`;
  },
};

const plain = new Help();
