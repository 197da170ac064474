import type { Plugin } from "../controller/plugin/mod.ts";
import {
  type LoadedPlugins,
  loadPlugins,
  type PluginRequest,
} from "../controller/plugin_host/mod.ts";
import { pluginsInTheBox } from "./plugins_in_the_box.ts";

/**
 * The plugins in the box, and those that are asked for. Paths are relative to the folder the command
 * runs in, and packages are looked for in its `node_modules`.
 */
export async function usedPlugins(requests: readonly PluginRequest[]): Promise<LoadedPlugins> {
  return loadPlugins({ builtIn: await builtInPlugins(), requests, folder: Deno.cwd() });
}

/** The plugins in the box, by name. */
export async function builtInPlugins(): Promise<readonly Plugin[]> {
  const found = await Promise.all(pluginsInTheBox.map(({ load }) => load()));
  return found.sort((a, b) => a.name < b.name ? -1 : 1);
}
