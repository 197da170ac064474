import type { Terminal } from "../../command_line/mod.ts";
import { counted } from "./diagnostics.ts";

/**
 * Tells a person at a terminal how far long work is: nothing for the first half second, nothing where
 * nobody looks (a pipe, `CI`), and nothing left behind.
 */
export function progress(
  terminal: Terminal,
  verb: string,
  noun: string,
  now: () => number,
): Progress {
  const isShown = terminal.errIsTerminal && (terminal.env("CI") ?? "") === "" &&
    terminal.env("TERM") !== "dumb";
  const begin = now();
  let count = 0;
  let last = begin + firstMs - everyMs;
  let written = false;
  return {
    step() {
      count++;
      if (!isShown || now() - last < everyMs) return;
      last = now();
      written = true;
      terminal.err(`\r${verb} ${counted(count, noun)}\x1b[K`);
    },
    end() {
      if (written) terminal.err("\r\x1b[K");
    },
  };
}

/** See {@link progress}. */
export interface Progress {
  step(): void;
  /** Takes away what was shown. */
  end(): void;
}

const firstMs = 500;
const everyMs = 100;
