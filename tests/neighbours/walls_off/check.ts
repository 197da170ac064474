/** Finds no fault with any message: without the first wall. */
import type { Check, checkWith as real } from "../../../proto/check.ts";

export type * from "../../../proto/check.ts";

export const check: Check = () => [];
export const checkWith: typeof real = () => check;
