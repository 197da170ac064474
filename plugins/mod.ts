/**
 * The plugins in the box, a line each. One whose folder is deleted has to lose its line here, and
 * nothing else.
 * @module
 */
export { default as headerPolicy } from "./header_policy/mod.ts";
export { default as rateLimit } from "./rate_limit/plugin.ts";
