import type { Condition, Severity } from "../diagnostic.ts";

/** What is known of a code. */
export interface CodeRow {
  /** Its name in our own code: that of the condition, as in `RouteError/TimeoutPolicyNotValid`, or a word. */
  readonly name: string;
  /** A few words. */
  readonly title: string;
  readonly severity: Severity;
  /** How it appears in the status of an object. */
  readonly condition?: Condition;
  /** What it means, why it matters and what to do. */
  readonly explanation: string;
}
