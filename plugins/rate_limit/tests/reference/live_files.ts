/** Which files the reference service takes. */
import { join } from "node:path";
import { eventually } from "../../../../tests/support/wait.ts";
import type { TestRedis } from "../redis.ts";
import { type ReferenceService, startReference } from "./reference_service.ts";

/** A file, and why it was refused. */
export interface RecordedFile {
  readonly text: string;
  /** Without the name of the file; `null`: it was taken. */
  readonly refused: string | null;
}

/** Has it read one file after the other, in place of each other. */
export async function readByReference(
  binary: string,
  redis: TestRedis,
  texts: readonly string[],
): Promise<readonly RecordedFile[]> {
  await using reference = await startReference(binary, {
    files: { "limits.yaml": "domain: d" },
    redis,
    env: { LOG_LEVEL: "INFO" },
  });
  const found: RecordedFile[] = [];
  for (const text of texts) {
    const before = await inForce(reference);
    const refused = await verdictOn(reference, text);
    found.push({ text, refused });
    // With a mistake all of what was there stands.
    if (refused !== null && await inForce(reference) !== before) {
      throw new Error(`It did not keep its configuration: ${text}`);
    }
  }
  return found;
}

async function verdictOn(reference: ReferenceService, text: string): Promise<string | null> {
  const seen = reference.log.length;
  const file = join(reference.folder, "limits.yaml");
  const other = join(reference.folder, "..", "..", "next.yaml");
  await Deno.writeTextFile(other, text);
  await Deno.rename(other, file);
  const verdicts = () => reference.log.slice(seen).filter((line) => verdict.test(line));
  await eventually("it has read the file", () => verdicts().length > 0);
  const [, message] = verdict.exec(verdicts()[0] ?? "") ?? [];
  if (message === undefined) return null;
  const said: string = JSON.parse(`"${message}"`);
  return said.replace(/^limits\.yaml: /, "");
}

const verdict = /Successfully loaded new configuration|Error loading new configuration: (.*?)"$/;

async function inForce({ debugPort }: ReferenceService): Promise<string> {
  const text = await (await fetch(`http://127.0.0.1:${debugPort}/rlconfig`)).text();
  return text.split("\n").sort().join("\n");
}
