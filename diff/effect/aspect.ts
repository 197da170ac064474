import type { Aspect, Treatment, TreatmentName } from "./effect.ts";

/** An aspect with what it is about. */
export type AspectEntry = readonly [name: TreatmentName, aspect: Aspect];

/** Something that is done: by what it is compared, and how it is told; the text alone may do. */
export function aspect(name: TreatmentName, value: unknown, text?: string): AspectEntry {
  const canonical = typeof value === "string" ? value : JSON.stringify(value);
  return [name, { value: canonical, text: text ?? canonical }];
}

/** All that is done, what is told as nothing left out. */
export function treatmentOf(entries: readonly AspectEntry[]): Treatment {
  return new Map(entries);
}

/**
 * What is left of a part of the model once all its fields are taken care of: nothing, or the compiler
 * names the field that nobody compares yet.
 */
export function nothingElse(_rest: Readonly<Record<string, never>>): void {}
