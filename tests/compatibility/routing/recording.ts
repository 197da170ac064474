/** Recorded answers, as a file: a line that says what was asked, then a line for each world. */
import { fileURLToPath } from "node:url";
import type { Answered, Asked } from "./ask.ts";

/** What was recorded of a variant. */
export interface Recording {
  /** The text of the configuration file. */
  readonly configuration: string;
  /** Objects that belong to no world. */
  readonly more: readonly object[];
  readonly worlds: readonly RecordedWorld[];
}

/** Objects, and the requests to them with what came back. */
export interface RecordedWorld {
  readonly name: string;
  readonly objects: readonly object[];
  readonly exchanges: readonly (readonly [Asked, Answered])[];
}

/** Reads the recording of a variant. */
export async function readRecording(variant: string): Promise<Recording> {
  const [head = "", ...lines] = (await Deno.readTextFile(pathOf(variant))).trimEnd().split("\n");
  const { configuration, more }: Omit<Recording, "worlds"> = JSON.parse(head);
  return { configuration, more, worlds: lines.map((line): RecordedWorld => JSON.parse(line)) };
}

/** Writes the recording of a variant. */
export async function writeRecording(
  variant: string,
  { worlds, ...head }: Recording,
): Promise<void> {
  const lines = [head, ...worlds].map((each) => JSON.stringify(each));
  await Deno.writeTextFile(pathOf(variant), lines.join("\n") + "\n");
}

function pathOf(variant: string): string {
  return fileURLToPath(new URL(`recorded/${variant}.jsonl`, import.meta.url));
}
