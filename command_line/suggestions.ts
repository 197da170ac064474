import type { Argument, Option } from "commander";

/**
 * Says what shells may complete the value of an option or argument to. Without it shells offer its
 * choices, and files or folders where the word between its brackets is one of those in
 * {@link pathNames}.
 */
export function suggesting<Of extends Option | Argument>(of: Of, source: SuggestionSource): Of {
  sources.set(of, source);
  return of;
}

/** What was said by {@link suggesting}. */
export function suggestionSource(of: Option | Argument): SuggestionSource | undefined {
  return sources.get(of);
}

/** Finds what a value may be. What it rejects with, nobody sees. */
export type SuggestionSource = (asked: AskedValue) => Suggestions | Promise<Suggestions>;

/** What is known when a value is completed. */
export interface AskedValue {
  /** The beginning of the value, as far as it is typed. */
  readonly typed: string;
  /** The arguments before it, flags left out. */
  readonly words: readonly string[];
  /** The last value given to a flag, by its long name: `flag("--kubeconfig")`. */
  flag(long: string): string | undefined;
  env(name: string): string | undefined;
}

/** What a value may be. */
export interface Suggestions {
  readonly values: readonly Suggestion[];
  /** Absent: the values are all there is. */
  readonly paths?: "files" | "folders";
  /** Whether a value goes on after what is suggested, so that no space follows. */
  readonly goesOn?: boolean;
}

/** A word, and what it means. */
export interface Suggestion {
  readonly value: string;
  readonly description?: string;
}

/** The last of several values between commas: those before it stay. */
export function lastOfList(typed: string, values: readonly Suggestion[]): readonly Suggestion[] {
  const before = typed.slice(0, typed.lastIndexOf(",") + 1);
  const given = new Set(before.split(","));
  return values.filter(({ value }) => !given.has(value))
    .map((suggestion) => ({ ...suggestion, value: before + suggestion.value }));
}

/** How options and arguments that are files or folders are called, `<file>` for example. */
export const pathNames: Readonly<Record<string, NonNullable<Suggestions["paths"]>>> = {
  config: "files",
  file: "files",
  log: "files",
  path: "files",
  folder: "folders",
  outputdir: "folders",
};

const sources = new WeakMap<Option | Argument, SuggestionSource>();
