/**
 * Contour as a library: what `serve` computes, without serving it.
 * @module
 */
export {
  Translation,
  type TranslationDelta,
  type TranslationOptions,
} from "./controller/translation/mod.ts";
