import * as box from "../plugins/mod.ts";

/** What the box lists, without reading any of the plugins. */
export const pluginsInTheBox: readonly box.PluginEntry[] = Object.values<box.PluginEntry>(box);
