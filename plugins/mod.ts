/**
 * The plugins in the box, a line each. One whose folder is deleted has to lose its line here, and
 * nothing else.
 * @module
 */
export { default as headerPolicy } from "./header_policy/entry.ts";
export { default as rateLimit } from "./rate_limit/entry.ts";
export type { PluginEntry } from "./plugin_entry.ts";
