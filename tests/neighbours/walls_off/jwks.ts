/** Takes any text for a set of keys. */
import type { KeySetResult } from "../../../controller/graph/jwks.ts";

export type * from "../../../controller/graph/jwks.ts";

export function usableKeys(text: string): KeySetResult {
  return { ok: true, text };
}
