import type { Diagnostic } from "../controller/api/mod.ts";
import type { LintCode } from "./codes.ts";
import type { Fix } from "./edit.ts";
import type { Position } from "../controller/api/mod.ts";

/** Something lint says: a diagnostic of the controller, or the advice of a rule. */
export interface Finding extends Omit<Diagnostic, "code" | "replacement"> {
  readonly code: LintCode;
  /** Other places that have to do with it. */
  readonly related?: readonly Related[];
  /** What would mend it. */
  readonly fix?: Fix;
}

/** Another place, and what it has to do with a finding. */
export interface Related {
  readonly position: Position;
  readonly message: string;
}

/** By file, line and column, then by code and message; what has no place comes last. */
export function byPlace(a: Finding, b: Finding): number {
  const [at, other] = [a.position, b.position];
  if (at === undefined || other === undefined) {
    return Number(at === undefined) - Number(other === undefined) || bySubstance(a, b);
  }
  if (at.file !== other.file) return at.file < other.file ? -1 : 1;
  return at.line - other.line || at.column - other.column || bySubstance(a, b);
}

function bySubstance(a: Finding, b: Finding): number {
  const [left, right] = [`${a.code} ${a.message}`, `${b.code} ${b.message}`];
  return left < right ? -1 : left > right ? 1 : 0;
}
