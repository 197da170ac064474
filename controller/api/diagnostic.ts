import type { Code } from "./codes.ts";
import type { ObjectKey } from "./object_key.ts";

/**
 * One thing that is wrong, or worth knowing, about what a user wrote. Reports, status conditions
 * and the dashboard are renderings of this value.
 */
export interface Diagnostic {
  /** Stable and documented in {@link codes}; a retired code is never used again. */
  readonly code: Code;
  readonly severity: Severity;
  /** The object to blame; absent when a document yielded no object. */
  readonly object?: ObjectKey;
  /** Where in the object: `spec.routes[0].services[1].name`; empty for the object as a whole. */
  readonly path: string;
  /** The offending node, when the object came from a file. */
  readonly position?: Position;
  /** One sentence without a final period. Never holds the bytes of a Secret. */
  readonly message: string;
  /** How the same fact appears in the status of the object. */
  readonly condition?: Condition;
  /** What to do about it. */
  readonly hint?: string;
  /** What should stand at the position, where there is one answer: YAML of a scalar. */
  readonly replacement?: string;
}

/** `error`: not accepted or not served. `warning`: served, but look. `info`: nothing to do. */
export type Severity = "error" | "warning" | "info";

/** The type and reason of an entry of `status.conditions[].errors` or `warnings`. */
export interface Condition {
  readonly type: string;
  readonly reason: string;
}

/** A range of a file. Lines and columns count from 1 (columns in UTF-16 units); the end is exclusive. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}
