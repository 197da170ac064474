/**
 * What commands are made with: a terminal, colours, values of flags, mistakes in how one is called.
 * Commands of ours are in `cli`; plugins in the box bring their own.
 * @module
 */
export type { CommandEntry, CommandSurroundings } from "./command_entry.ts";
export { parseCount, parsed } from "./flag_values.ts";
export {
  type ColorChoice,
  colorChoices,
  type Paint,
  paintFor,
  systemTerminal,
  type Terminal,
} from "./terminal.ts";
export { UsageError } from "./usage_error.ts";
