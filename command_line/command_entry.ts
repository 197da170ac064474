import type { Command } from "commander";
import type { ColorChoice, Terminal } from "./terminal.ts";

/**
 * A command as `contour --help` lists it. What lists commands reads none of them: most of the time
 * that a command takes to start is spent on reading it.
 */
export interface CommandEntry<Surroundings = CommandSurroundings> {
  readonly name: string;
  /** What follows the name in the list. */
  readonly usage: string;
  readonly summary: string;
  /** Reads what the command is made of, which costs more than saying what there is. */
  readonly load: (surroundings: Surroundings, program: Command) => Promise<Command>;
}

/** What every command is given, and whom it tells its exit code. */
export interface CommandSurroundings {
  readonly terminal: Terminal;
  /** The colours asked for. */
  readonly color: () => ColorChoice;
  /** 0: done; 1: something is wrong with what was looked at; 2: called wrongly. */
  readonly exit: (code: number) => void;
}
