import { type Event, parseEvents, YAMLException } from "js-yaml";

/** Deeper nesting is refused; no object of Kubernetes comes near. */
export const maximumDepth = 100;

/** The events of a text, which refer to it by offsets. */
export function parse(source: string): ParseResult {
  try {
    return { ok: true, events: parseEvents(source, { maxDepth: maximumDepth }) };
  } catch (error) {
    // js-yaml may throw more than its own class on odd input, so whatever it throws is the input's.
    const reason = error instanceof YAMLException ? error.reason : String(error);
    const offset = error instanceof YAMLException ? error.mark?.position ?? 0 : 0;
    return { ok: false, mistake: { code: codeOf(reason), offset, message: sentence(reason) } };
  }
}

/** The events, or the one mistake that made parsing stop. */
export type ParseResult =
  | { readonly ok: true; readonly events: readonly Event[] }
  | { readonly ok: false; readonly mistake: Mistake };

/** A mistake in a text, at an offset of it. */
export interface Mistake {
  readonly code: "CTR001" | "CTR002" | "CTR012" | "CTR014";
  readonly offset: number;
  readonly message: string;
}

function codeOf(reason: string): Mistake["code"] {
  return reason.includes("maxDepth") || reason.includes("call stack") ? "CTR014" : "CTR001";
}

function sentence(reason: string): string {
  return codeOf(reason) === "CTR014"
    ? `nested more than ${maximumDepth} levels deep`
    : `cannot parse: ${reason}`;
}
