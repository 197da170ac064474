import type { Parts } from "./parts.ts";
import type { ColorChoice, Terminal } from "./terminal.ts";

/** What a command is given, and whom it tells its exit code. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly parts: Parts;
  /** The colours asked for. */
  readonly color: () => ColorChoice;
  readonly exit: (code: number) => void;
}
