/**
 * Envoy's messages: which ones we use, how they become bytes, and which rules Envoy puts on them.
 *
 * `messages.ts` lists them; `deno run -A proto/generate.ts` must have run once after a checkout.
 * @module
 */
export { messageType } from "./descriptors.ts";
export {
  type AnyMessage,
  duration,
  isMessage,
  type Json,
  type Message,
  struct,
  structValue,
  typeName,
  typeUrl,
} from "./message.ts";
export { appendRepeated, encode, encodeAny, EncodeError } from "./encode.ts";
export { type Check, check, checkWith } from "./check.ts";
export type { FurtherRule, Violation } from "./checker.ts";
export { decode } from "./decode.ts";
export { toJson } from "./json.ts";
export { refId, type Resource, type ResourceDelta, type ResourceRef } from "./resource.ts";
