/**
 * Running plugins: reading their modules, the processes of those that come from outside, and their
 * services.
 * @module
 */
export { type LoadedPlugins, loadPlugins, noPlugins, type PluginRequest } from "./loading.ts";
export { pluginProcess } from "./plugin_process.ts";
export { type RunningServices, type ServiceLog, startServices } from "./services.ts";
export { type Budget, type Opened, openStranger, type StrangerPlugin } from "./stranger.ts";
export { pluginProcessWord } from "./word.ts";
