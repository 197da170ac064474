import type { Code } from "./codes.ts";
import type { Severity } from "./diagnostic.ts";
import type { Segment } from "./path.ts";

/** Something wrong with a value read from outside, before it is known where in a file it stands. */
export interface Problem {
  readonly code: Code;
  readonly severity: Severity;
  /** From the root of the object. */
  readonly path: readonly Segment[];
  /** Whether to point at the name of the field or at its value. */
  readonly at: "key" | "value";
  readonly message: string;
  readonly hint?: string;
  /** The one word that was most likely meant in place of the key or value pointed at. */
  readonly meant?: string;
  /** Text was wanted, but the scalar says something else unless quoted. */
  readonly wantsQuotes?: boolean;
}
