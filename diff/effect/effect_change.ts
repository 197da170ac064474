import type { PathMatch, Request } from "../../controller/graph/mod.ts";
import {
  type Effect,
  type TreatmentChange,
  treatmentChanges,
  type TreatmentName,
} from "./effect.ts";
import { changedPath, knownPath, pathChangeText, samePathChange } from "./path_change.ts";

/** How much a change matters to whoever sends the requests. */
export type ChangeKind = "lost" | "moved" | "gained" | "changed";

/** What becomes of requests before and after, where it is not the same. */
export interface EffectChange {
  readonly kind: ChangeKind;
  /** Beside where they go; empty for those that are lost or gained. */
  readonly treatment: readonly TreatmentChange[];
}

/** The difference of two effects on requests that meet both path conditions; absent: there is none. */
export function effectChange(
  before: Effect,
  after: Effect,
  paths: { readonly before: PathMatch | undefined; readonly after: PathMatch | undefined },
): EffectChange | undefined {
  const isPathKept = samePathChange(before.path, after.path, knownPath(paths.before, paths.after));
  return change(before, after, isPathKept);
}

/** Whether two effects differ for one request. */
export function differsFor(before: Effect, after: Effect, request: Request): boolean {
  const isPathKept = changedPath(before.path, request) === changedPath(after.path, request);
  return change(before, after, isPathKept) !== undefined;
}

/** What is only done to requests that are passed on. */
const ofForwarding: ReadonlySet<TreatmentName> = new Set<TreatmentName>([
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
  "affinity",
  "followed redirects",
  "body",
  "protocol",
  "TLS to the Service",
  "load balancing",
  "health check",
  "circuit breakers",
  "connections to the Service",
]);

function change(before: Effect, after: Effect, isPathKept: boolean): EffectChange | undefined {
  const isElsewhere = before.destination !== after.destination;
  const all = treatmentChanges(before.treatment, after.treatment);
  // How a Service is spoken to is no matter where none is any more, or was before.
  const isOtherKind = before.treatment.has("protocol") !== after.treatment.has("protocol");
  const treatment = all.filter(({ name }) => {
    if (isElsewhere && isOtherKind && ofForwarding.has(name)) return false;
    // Who changes the path says what it was; that the path changes says it all.
    return isPathKept || name !== "x-envoy-original-path";
  });
  if (!isElsewhere && isPathKept && treatment.length === 0) return undefined;
  if (before.isServed && !after.isServed) return { kind: "lost", treatment: [] };
  if (!before.isServed && after.isServed) return { kind: "gained", treatment: [] };
  const isRedirect = /^3\d\d to /.test(before.destination);
  if (isElsewhere) {
    return { kind: before.isServed ? "moved" : "changed", treatment };
  }
  if (isPathKept || isRedirect) return { kind: isPathKept ? "changed" : "moved", treatment };
  const texts = { before: pathChangeText(before.path), after: pathChangeText(after.path) };
  // The same from another beginning of the path.
  if (texts.before === texts.after) texts.after = `${texts.after} (of another rule)`;
  return { kind: "changed", treatment: [{ name: "path", ...texts }, ...treatment] };
}
