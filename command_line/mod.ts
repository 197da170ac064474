/**
 * What commands are made with: a terminal, colours, values of flags, mistakes in how one is called.
 * Commands of ours are in `cli`; plugins in the box bring their own.
 * @module
 */
export type { CommandEntry, CommandSurroundings } from "./command_entry.ts";
export {
  flagValue,
  parseCount,
  parsed,
  parseIp,
  parseMilliseconds,
  parseNames,
  parseNamespace,
  parsePort,
  parseTime,
} from "./flag_values.ts";
export { exampled, helpStyle } from "./help.ts";
export {
  type AskedValue,
  lastOfList,
  pathNames,
  suggesting,
  type Suggestion,
  type Suggestions,
  type SuggestionSource,
  suggestionSource,
} from "./suggestions.ts";
export {
  type ColorChoice,
  colorChoices,
  type Paint,
  paintFor,
  systemTerminal,
  type Terminal,
} from "./terminal.ts";
export { UsageError } from "./usage_error.ts";
