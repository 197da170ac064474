import type { CommandSurroundings } from "../command_line/mod.ts";
import type { Parts } from "./parts.ts";

/** What a command of ours is given. */
export interface CommandContext extends CommandSurroundings {
  readonly parts: Parts;
}
