import type { FileEvent, SkipReason } from "../controller/files/mod.ts";

/** One line for what is passed over. */
export function skippedLine({ path, reason }: Extract<FileEvent, { kind: "skipped" }>): string {
  return `${path}: passed over: ${skipReasons[reason]}\n`;
}

const skipReasons: Readonly<Record<SkipReason, string>> = {
  "hidden": "its name begins with a dot",
  "other-extension": "it is no .yaml, .yml or .json file",
  "not-a-file": "it is neither a file nor a folder",
  "broken-link": "it links to nothing",
  "link-in-circle": "it links back to a folder around it",
};
