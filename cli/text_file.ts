import type { Diagnostic } from "../controller/api/mod.ts";
import { readTextNow } from "../controller/files/mod.ts";

/** The text of one file that is named on the command line, or why there is none. Never throws. */
export async function readTextFile(path: string): Promise<TextReading> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "no such file"
      : error instanceof Deno.errors.PermissionDenied
      ? "permission denied"
      : error instanceof Error
      ? error.message
      : String(error);
    return problem(path, reason);
  }
  if (info.isDirectory) return problem(path, "it is a folder: name its files");
  // A device may never end.
  if (!info.isFile && !info.isFifo) return problem(path, "it is no file");
  const read = readTextNow(path, path);
  return read.kind === "text"
    ? { ok: true, text: read.text }
    : { ok: false, diagnostics: [read.problem] };
}

/** See {@link readTextFile}. */
export type TextReading =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

function problem(path: string, reason: string): TextReading {
  return {
    ok: false,
    diagnostics: [{
      code: "CTR015",
      severity: "error",
      path: "",
      message: `Cannot read "${path}": ${reason}`,
      position: { file: path, line: 1, column: 1, endLine: 1, endColumn: 1 },
    }],
  };
}
