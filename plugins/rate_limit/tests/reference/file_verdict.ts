/** Whether ours takes the files that the reference service takes, and no others. */
import { configured } from "../configured.ts";
import type { RecordedFile } from "./live_files.ts";

/** What is different, in words; `undefined`: nothing. */
export function verdictOn({ text, refused }: RecordedFile): string | undefined {
  const { problems } = configured({ "limits.yaml": text });
  const errors = problems.filter((line) => line.includes(": error: "));
  if (refused === null) {
    return errors.length === 0 ? undefined : `taken by the reference, not by ours: ${errors[0]}`;
  }
  if (errors.length === 0) return `taken by ours, not by the reference: ${refused}`;
  const words = wordsOf(refused);
  return errors.some((line) => line.includes(words))
    ? undefined
    : `other words, reference: ${refused}, ours: ${errors[0]}`;
}

/** What of its message is ours too: not what the types of values are told in, nor the values. */
function wordsOf(refused: string): string {
  if (refused.startsWith("share_threshold")) {
    return "share_threshold can only be used with wildcard";
  }
  if (/^error loading config file|list of type other than map/.test(refused)) return "";
  const [, untilValue = refused] = /^(config error, key is not of type string)/.exec(refused) ?? [];
  return untilValue;
}
