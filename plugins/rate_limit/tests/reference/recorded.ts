/** What the reference service answered once: see `record.ts`. */
import type { RecordedFile } from "./live_files.ts";
import type { RecordedScenario } from "./scenario.ts";

/** Where they are, a line each. */
export const recordedScenarios = new URL("recorded/scenarios.jsonl", import.meta.url);
export const recordedFile = new URL("recorded/files.jsonl", import.meta.url);

/** Reads them. */
export async function readRecorded(): Promise<{
  readonly scenarios: readonly RecordedScenario[];
  readonly files: readonly RecordedFile[];
}> {
  const lines = async (url: URL) =>
    (await Deno.readTextFile(url)).trimEnd().split("\n").map((line) => JSON.parse(line));
  return { scenarios: await lines(recordedScenarios), files: await lines(recordedFile) };
}
