import { partChanges } from "./part_changes.ts";
import type { PathChange } from "./path_change.ts";

/** What becomes of a request, in a form that can be compared and shown. */
export interface Effect {
  /** Whether somebody answers who was meant to: not with 404 by nobody, nor with 5xx by Envoy itself. */
  readonly isServed: boolean;
  /** Where it goes, whatever its path: `web/shop:80`, `301 to https://…`, `(404)`. Equal for the same. */
  readonly destination: string;
  /** The same for people, with what becomes of the path in a redirect. */
  readonly words: string;
  /** What becomes of the path: on its way to the upstream, or in the location of a redirect. */
  readonly path: PathChange;
  /** What else is done, by what it is about. Absent: nothing is. */
  readonly treatment: Treatment;
}

/** What is done to a request, by what it is about. */
export type Treatment = ReadonlyMap<TreatmentName, Aspect>;

/** One thing that is done. */
export interface Aspect {
  /** Equal when the same is done. Never holds a secret; those are in it by their hash. */
  readonly value: string;
  /** For people, and on one line. */
  readonly text: string;
  /** Of what it is made, by name: what differs among that is told in its place. */
  readonly parts?: ReadonlyMap<string, unknown>;
}

/** What can be done to a request, in the order in which it is told. */
export const treatmentNames = [
  "addresses",
  "authorization",
  "token",
  "rate limit",
  "told to the rate limit service",
  "cors",
  "mirror",
  "host",
  "x-envoy-original-path",
  "timeout",
  "idle timeout",
  "retries",
  "websockets",
  "request headers",
  "response headers",
  "cookies",
  "policies",
  "affinity",
  "followed redirects",
  "body",
  "protocol",
  "TLS to the Service",
  "load balancing",
  "health check",
  "circuit breakers",
  "connections to the Service",
  "certificate",
  "TLS versions",
  "client certificate",
  "fallback certificate",
] as const;

/** See {@link treatmentNames}. */
export type TreatmentName =
  | (typeof treatmentNames)[number]
  | "path"
  /** With where in the policy: `policy RateLimit default/shop limits[0].requests`. */
  | `policy ${string}`;

/** Something that is done otherwise. Texts are "" for what is not done at all. */
export interface TreatmentChange {
  readonly name: TreatmentName;
  readonly before: string;
  readonly after: string;
}

/** Nobody takes the request. */
export function nobody(words: string): Effect {
  return {
    isServed: false,
    destination: words,
    words,
    path: { kind: "kept" },
    treatment: new Map(),
  };
}

/** What is done otherwise, in the order of telling. The path is compared apart. */
export function treatmentChanges(before: Treatment, after: Treatment): readonly TreatmentChange[] {
  return treatmentNames.flatMap((name): TreatmentChange[] => {
    const [a, b] = [before.get(name), after.get(name)];
    if (a?.value === b?.value) return [];
    const ofParts = partChanges(a?.parts, b?.parts);
    if (ofParts.length > 0) return ofParts;
    const texts = { before: a?.text ?? "", after: b?.text ?? "" };
    // What differs somewhere within, and not in its words.
    if (texts.before === texts.after) texts.after = `${texts.after} (in other details)`;
    return [{ name, ...texts }];
  });
}
