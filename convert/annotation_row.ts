import type { Verdict } from "./note.ts";

/** What becomes of an annotation as a rule; its value may change that. */
export interface AnnotationRow {
  /** Without the prefix. */
  readonly name: string;
  /** Of the best case. */
  readonly verdict: Verdict;
  /** The field of HTTPProxy it becomes; empty for none. */
  readonly field: string;
  /** How it differs, or what to do. */
  readonly says: string;
}

/** Rows of one verdict and about one thing. */
export interface AnnotationGroup {
  readonly title: string;
  readonly rows: readonly AnnotationRow[];
}

/** A row that keeps its meaning. */
export function kept(name: string, field: string, says = ""): AnnotationRow {
  return { name, verdict: "kept", field, says };
}

/** A row that becomes something similar. */
export function near(name: string, field: string, says: string): AnnotationRow {
  return { name, verdict: "approximated", field, says };
}

/** A row that becomes nothing. */
export function lost(name: string, says: string): AnnotationRow {
  return { name, verdict: "lost", field: "", says };
}

/** A row that never mattered to requests, or is what Envoy does anyway. */
export function idle(name: string, says: string): AnnotationRow {
  return { name, verdict: "kept", field: "", says };
}
