import type { CommandEntry } from "../command_line/mod.ts";
import type { Plugin } from "../controller/plugin/mod.ts";

/**
 * A plugin as the box lists it. The entry stands in a file of its own, `entry.ts`, which reads nothing
 * else of the plugin: every start of `contour` reads all entries.
 */
export interface PluginEntry {
  /** Reads the plugin itself. */
  readonly load: () => Promise<Plugin>;
  /** Commands that it brings, which `contour --help` lists among the others. */
  readonly commands?: readonly CommandEntry[];
}
