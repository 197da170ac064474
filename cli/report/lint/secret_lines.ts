import type { Finding } from "../../../lint/mod.ts";
import type { ShownReport } from "./report.ts";

/**
 * The files that hold Secrets: as they were read, as findings say, and as the text looks where it
 * could not be read. Lines of these are shown with care.
 */
export function filesWithSecrets(
  { findings, suppressed, objects, texts, fileOf }: Pick<
    ShownReport,
    "findings" | "suppressed" | "objects" | "texts" | "fileOf"
  >,
): ReadonlySet<string> {
  const files = new Set<string>();
  for (const key of objects) {
    const file = key.kind === "Secret" ? fileOf(key) : undefined;
    if (file !== undefined) files.add(file);
  }
  for (const { object, position } of [...findings, ...suppressed]) {
    if (object?.kind === "Secret" && position !== undefined) files.add(position.file);
  }
  for (const [file, text] of texts) if (looksLikeSecret.test(text)) files.add(file);
  return files;
}

const looksLikeSecret = /\bkind\b["']?[ \t]*:[^\n]*\bSecret\b|\bstringData\b/;

/** Whether a finding is about a Secret, or about what may be one. */
export function mayBeSecret({ object }: Finding): boolean {
  return object === undefined || object.kind === "Secret";
}

/** A line of a Secret without its value. */
export function masked(line: string): string {
  const key = /^(\s*(?:-\s+)*["']?[\w.$/-]+["']?\s*:)\s*\S/.exec(line)?.[1];
  if (key !== undefined) return `${key} …`;
  return /^\s*(?:-\s*)?["']?[\w.$/-]{1,40}["']?\s*:\s*$/.test(line) ? line : "…";
}

/**
 * Whether a line of a file with Secrets, about another object, may hold bytes of a Secret beside it:
 * in JSON and flow style objects share lines.
 */
export function isShared(line: string, start = line.length): boolean {
  if (/\bSecret\b|\b(?:stringData|data)\b["']?\s*:|\\[ux]/.test(line)) return true;
  // More is closed here than is opened: what was before may have been a Secret.
  let depth = 0;
  for (const character of line.slice(0, start)) {
    if (character === "{" || character === "[") depth++;
    else if ((character === "}" || character === "]") && --depth < 0) return true;
  }
  return false;
}
