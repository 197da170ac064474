import type { Completion, TypedLine } from "./complete.ts";

/** The shells that have a script, in the order they are listed. */
export const shellNames = ["bash", "zsh", "fish", "powershell"] as const;

/** One of {@link shellNames}. */
export type ShellName = (typeof shellNames)[number];

/** How a shell asks, and is answered. */
export interface Shell {
  /** What a user has the shell read. It decides nothing: it calls us, and shows what we answer. */
  readonly script: string;
  /** What the script gives: the line up to the cursor, and how to write down what may stand there. */
  readonly read: (args: readonly string[]) => {
    readonly line: Omit<TypedLine, "env">;
    readonly print: (completion: Completion) => string;
  };
}

/** For scripts that give the word at the cursor behind a `=`, so that it is never empty, and then those before. */
export function readWords(
  print: (completion: Completion, word: string) => string,
): Shell["read"] {
  return ([marked = "", ...before]) => {
    const word = marked.replace(/^=/, "");
    return { line: { before, word }, print: (completion) => print(completion, word) };
  };
}

/** A line a suggestion, and the one at the end. */
export function printed(
  values: readonly { readonly value: string; readonly description?: string }[],
  { paths, goesOn }: Pick<Completion, "paths" | "goesOn">,
): string {
  const lines = values.filter(({ value }) => !/[\n\t]/.test(value))
    .map(({ value, description = "" }) => `${value}\t${description.replace(/\s+/g, " ")}\n`);
  return `${lines.join("")}:${paths ?? "words"}${goesOn === true ? " goes on" : ""}\n`;
}
