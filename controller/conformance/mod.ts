/**
 * Whether a plugin keeps the contract: what `contour plugins check` tries.
 * @module
 */
export { type Check, checkPlugin } from "./check_plugin.ts";
