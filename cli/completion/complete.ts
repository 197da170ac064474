import type { Argument, Command, Option } from "commander";
import {
  pathNames,
  type Suggestion,
  type Suggestions,
  suggestionSource,
} from "../../command_line/mod.ts";

/**
 * What a command line may go on with: commands, flags, their values, arguments. Suggestions are not
 * narrowed to what is typed already: shells have their own notions of likeness.
 *
 * @param program with those commands read that the words name
 */
export async function complete(program: Command, line: TypedLine): Promise<Completion> {
  const place = new Place(program, line.env);
  for (const word of line.before) place.pass(word);
  return await place.suggest(line.word);
}

/** A command line up to the cursor. */
export interface TypedLine {
  /** The words before, without quotes; not the name of the program. */
  readonly before: readonly string[];
  /** The beginning of the word at the cursor, or nothing. */
  readonly word: string;
  env(name: string): string | undefined;
}

/** What may stand at the cursor. */
export interface Completion extends Suggestions {
  /** The beginning of the word that belongs to no value: `--output=`. */
  readonly head: string;
}

/** Where in a command line we are. */
class Place {
  #command: Command;
  readonly #env: TypedLine["env"];
  readonly #words: string[] = [];
  readonly #flags = new Map<string, string>();
  /** The option that takes the next word. */
  #waiting: Option | undefined;
  #onlyArguments = false;

  constructor(program: Command, env: TypedLine["env"]) {
    this.#command = program;
    this.#env = env;
  }

  /** Reads a word as commander does. */
  pass(word: string): void {
    const waiting = this.#waiting;
    if (waiting !== undefined && !(waiting.variadic && word.startsWith("-"))) {
      this.#give(waiting, word);
      if (!waiting.variadic) this.#waiting = undefined;
      return;
    }
    this.#waiting = undefined;
    if (this.#onlyArguments || !/^-./.test(word)) return this.#passArgument(word);
    if (word === "--") {
      this.#onlyArguments = true;
      return;
    }
    const { option, value } = this.#flagOf(word);
    if (option === undefined) return;
    if (value !== undefined) this.#give(option, value);
    else if (option.required) this.#waiting = option;
  }

  async suggest(word: string): Promise<Completion> {
    if (this.#waiting !== undefined) return await this.#valuesOf(this.#waiting, "", word);
    if (!this.#onlyArguments && word.startsWith("-")) {
      const { option, value } = this.#flagOf(word);
      if (option !== undefined && value !== undefined) {
        return await this.#valuesOf(option, word.slice(0, word.length - value.length), value);
      }
      return { head: "", values: this.#flagNames() };
    }
    const commands = this.#commandNames();
    const argument = this.#argument();
    const given = argument === undefined
      ? { values: [] }
      : await this.#suggestionsFor(argument, argument.name(), word);
    const values = [...commands, ...given.values];
    // Where nothing else can follow, flags can.
    const isOver = values.length === 0 && argument === undefined && !this.#onlyArguments &&
      this.#command.commands.length === 0;
    return { ...given, head: "", values: isOver ? this.#flagNames() : values };
  }

  #passArgument(word: string): void {
    const isFirst = this.#words.length === 0 && !this.#onlyArguments;
    const child = isFirst
      ? visibleCommands(this.#command).find((command) =>
        command.name() === word || command.aliases().includes(word)
      )
      : undefined;
    // That of help is none of those that are registered: it stays a word.
    if (child !== undefined && this.#command.commands.includes(child)) this.#command = child;
    else this.#words.push(word);
  }

  #give(option: Option, value: string): void {
    if (option.long) this.#flags.set(option.long, value);
  }

  /** The option that a word names, with the value that stands in the same word. */
  #flagOf(word: string): { readonly option?: Option; readonly value?: string } {
    const options = this.#options();
    if (word.startsWith("--")) {
      const equals = word.indexOf("=");
      const name = equals < 0 ? word : word.slice(0, equals);
      const option = options.find(({ long }) => long === name);
      if (option === undefined) return {};
      return equals < 0 ? { option } : { option, value: word.slice(equals + 1) };
    }
    // Short ones share a dash, until one takes a value: -qo json, -ojson.
    for (let at = 1; at < word.length; at++) {
      const option = options.find(({ short }) => short === `-${word[at]}`);
      if (option === undefined) return {};
      if (!option.required) continue;
      return at === word.length - 1 ? { option } : { option, value: word.slice(at + 1) };
    }
    return {};
  }

  /** Those of the command, and of the commands above it. */
  #options(): readonly Option[] {
    return this.#lineage().flatMap(({ options }) => options);
  }

  #lineage(): readonly Command[] {
    const lineage: Command[] = [];
    for (let command: Command | null = this.#command; command; command = command.parent) {
      lineage.push(command);
    }
    return lineage;
  }

  #flagNames(): readonly Suggestion[] {
    const seen = new Map<string, Suggestion>();
    for (const command of this.#lineage()) {
      for (const { long, short, description } of visibleOptions(command)) {
        // --version is of the program alone.
        if (command !== this.#command && long === "--version") continue;
        for (const value of [long, short]) {
          if (value && !seen.has(value)) seen.set(value, { value, description });
        }
      }
    }
    return [...seen.values()];
  }

  #commandNames(): readonly Suggestion[] {
    const [first, ...others] = this.#words;
    const isHelp = first === "help" && others.length === 0;
    if (first !== undefined && !isHelp) return [];
    const commands = isHelp ? this.#command.commands : visibleCommands(this.#command);
    return commands.map((command) => ({
      value: command.name(),
      description: command.summary() || firstLine(command.description()),
    }));
  }

  #argument(): Argument | undefined {
    const { registeredArguments } = this.#command;
    return registeredArguments[this.#words.length] ??
      registeredArguments.findLast(({ variadic }) => variadic);
  }

  async #valuesOf(option: Option, head: string, typed: string): Promise<Completion> {
    const [, name = ""] = /[<[]([^\].>]*)/.exec(option.flags) ?? [];
    return { head, ...await this.#suggestionsFor(option, name, typed) };
  }

  async #suggestionsFor(of: Option | Argument, name: string, typed: string): Promise<Suggestions> {
    const source = suggestionSource(of);
    if (source !== undefined) {
      const { flag, env } = { flag: (long: string) => this.#flags.get(long), env: this.#env };
      return await source({ typed, words: this.#words, flag, env });
    }
    if (of.argChoices !== undefined) return { values: of.argChoices.map((value) => ({ value })) };
    // Object.hasOwn: a plugin may call a value as it likes.
    const paths = Object.hasOwn(pathNames, name) ? pathNames[name] : undefined;
    return paths === undefined ? { values: [] } : { values: [], paths };
  }
}

function visibleCommands(command: Command): readonly Command[] {
  return command.createHelp().visibleCommands(command);
}

function visibleOptions(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
