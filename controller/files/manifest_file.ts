import { codeNamed, type Diagnostic, readManifest, type ReadOptions } from "../api/mod.ts";
import type { FileReading } from "./file_table.ts";

/** Files above this are refused: 64 MiB, some 100,000 HTTPProxies. */
export const largestFileBytes = 64 * 1024 * 1024;

/** The text of a file, or why there is none; `moving` when it was written to meanwhile. */
export async function readText(
  path: string,
  shown: string,
  before: Deno.FileInfo,
): Promise<FileText> {
  try {
    if (before.size > largestFileBytes) {
      return { kind: "problem", stamp: stampOf(before), problem: tooLarge(shown, before.size) };
    }
    const bytes = await Deno.readFile(path);
    const stamp = stampOf(await Deno.stat(path));
    if (stamp !== stampOf(before)) return { kind: "moving" };
    return decode(bytes, stamp, shown);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "missing" };
    return { kind: "problem", stamp: "", problem: unreadable(shown, "file", error) };
  }
}

/** The same at once, of a file that nobody is writing to. */
export function readTextNow(
  path: string,
  shown: string,
): Extract<FileText, { readonly kind: "text" | "problem" }> {
  try {
    const info = Deno.statSync(path);
    if (info.size > largestFileBytes) {
      return { kind: "problem", stamp: "", problem: tooLarge(shown, info.size) };
    }
    const bytes = Deno.readFileSync(path);
    if (bytes.length > largestFileBytes) {
      return { kind: "problem", stamp: "", problem: tooLarge(shown, bytes.length) };
    }
    return decode(bytes, "", shown);
  } catch (error) {
    const cause = error instanceof Deno.errors.NotFound ? leadsNowhere : error;
    return { kind: "problem", stamp: "", problem: unreadable(shown, "file", cause) };
  }
}

/** What a text says, and which objects it fails to say. */
export function parseManifest(text: string, options: ReadOptions): FileReading {
  const { objects, diagnostics, broken } = readManifest(text, options);
  return {
    objects,
    diagnostics: diagnostics.map((diagnostic) => withTemplateHint(diagnostic, text, options.file)),
    broken: broken.flatMap(({ key }) => key === undefined ? [] : [key]),
    unidentified: broken.some(({ key }) => key === undefined),
  };
}

/** Charts of Helm lie beside manifests, and are none before they are rendered. */
function withTemplateHint(diagnostic: Diagnostic, text: string, file: string): Diagnostic {
  if (diagnostic.hint !== undefined) return diagnostic;
  const isTemplate = diagnostic.code === codeNamed("Syntax") && text.includes("{{");
  const isPart = diagnostic.code === codeNamed("NotAnObject") &&
    /(^|\/)(Chart|values[^/]*)\.ya?ml$/.test(file);
  if (!isTemplate && !isPart) return diagnostic;
  return {
    ...diagnostic,
    hint: isTemplate
      ? "It looks like a template: give what is made of it, as helm template . | contour lint -"
      : "It is part of a Helm chart: give what is made of it, as helm template . | contour lint -",
  };
}

/** What came of reading a file. */
export type FileText =
  | { readonly kind: "text"; readonly text: string; readonly stamp: string }
  | { readonly kind: "problem"; readonly problem: Diagnostic; readonly stamp: string }
  | { readonly kind: "missing" }
  | { readonly kind: "moving" };

/** Equal as long as a file or folder is, as far as can be told from outside. */
export function stampOf({ mtime, ctime, size, dev, ino }: Deno.FileInfo): string {
  return `${mtime?.getTime()} ${ctime?.getTime()} ${size} ${dev}:${ino}`;
}

/**
 * The stamp of what was looked at, or an empty one, which no stamp equals, if it was written only
 * now: clocks of file systems tick slowly, and another write within the tick would not show.
 */
export function lastingStampOf(info: Deno.FileInfo): string {
  return Date.now() - (info.mtime?.getTime() ?? 0) < clockTickMs ? "" : stampOf(info);
}

const clockTickMs = 50;

/** A file or folder that the operating system does not let us read. */
export function unreadable(shown: string, what: "file" | "folder", error: unknown): Diagnostic {
  return pathProblem(shown, "error", `Cannot read ${what} "${shown}": ${reason(error)}`);
}

/** What is wrong with a link to nothing. */
export const leadsNowhere = new Error("the link leads to nothing");

/** A path of the command line that is a pipe, a device or the like: it cannot be followed. */
export function notAFile(shown: string): Diagnostic {
  return {
    ...pathProblem(shown, "error", `Cannot read "${shown}": it is neither a file nor a folder`),
    hint: 'Give what comes from a pipe on standard input, as "-" of `contour status`',
  };
}

/** A path of the command line with nothing there. */
export function nothingThere(shown: string, wasThere: boolean): Diagnostic {
  if (wasThere) {
    return pathProblem(shown, "error", `"${shown}" has vanished: what was read there is kept`);
  }
  const hint = otherPath(shown);
  return {
    ...pathProblem(shown, "error", `Cannot read "${shown}": no such file or folder`),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** What to give in place of a path that can be none. */
function otherPath(shown: string): string | undefined {
  if (/^https?:/.test(shown)) {
    return "Nothing is fetched: give what is there on standard input, as curl -sL URL | contour lint -";
  }
  if (/[*?]/.test(shown)) return "The shell found no file that this stands for";
  return shown.includes("\\") ? "Folders are parted by /" : undefined;
}

/** A folder of the command line with nothing to read. */
export function emptyFolder(shown: string): Diagnostic {
  return {
    ...pathProblem(shown, "warning", `Folder "${shown}" holds no .yaml, .yml or .json file`),
    code: codeNamed("EmptyFolder"),
  };
}

function decode(
  bytes: Uint8Array,
  stamp: string,
  shown: string,
): Extract<FileText, { readonly kind: "text" | "problem" }> {
  try {
    return { kind: "text", stamp, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    const readable = new TextDecoder().decode(bytes);
    const lines = readable.slice(0, readable.indexOf("\ufffd")).split("\n");
    const line = lines.length;
    const column = (lines.at(-1)?.length ?? 0) + 1;
    const problem: Diagnostic = {
      code: codeNamed("Syntax"),
      severity: "error",
      path: "",
      position: { file: shown, line, column, endLine: line, endColumn: column + 1 },
      message: `File "${shown}" is not UTF-8 text`,
      ...(isUtf16(bytes)
        ? { hint: "It is UTF-16, as > of Windows writes it: save it as UTF-8" }
        : {}),
    };
    return { kind: "problem", stamp, problem };
  }
}

/** By the mark at its beginning. */
function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

function tooLarge(shown: string, size: number): Diagnostic {
  const mebibytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
  return {
    ...pathProblem(
      shown,
      "error",
      `File "${shown}" has ${mebibytes(size)}: more than ${
        mebibytes(largestFileBytes)
      } are not read`,
    ),
    code: codeNamed("TooLarge"),
    hint: "Split it into several files",
  };
}

function pathProblem(shown: string, severity: "error" | "warning", message: string): Diagnostic {
  return {
    code: codeNamed("UnreadableFile"),
    severity,
    path: "",
    position: { file: shown, line: 1, column: 1, endLine: 1, endColumn: 1 },
    message,
  };
}

function reason(error: unknown): string {
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.FilesystemLoop) return "the link leads in a circle";
  return error instanceof Error ? error.message : String(error);
}
