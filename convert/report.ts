import type { Conversion } from "./convert.ts";
import { type Note, type Verdict, verdicts } from "./note.ts";

/** How a report can be written. */
export const reportFormats = ["text", "json", "markdown"] as const;

/** One of {@link reportFormats}. */
export type ReportFormat = (typeof reportFormats)[number];

/**
 * What became of what the input said. Text and markdown leave out what is kept, unless `all` is set;
 * JSON has everything.
 */
export function conversionReport(
  conversion: Conversion,
  format: ReportFormat,
  { all = false }: { readonly all?: boolean } = {},
): string {
  const notes = conversion.notes.filter(({ verdict }) => all || verdict !== "kept");
  switch (format) {
    case "text":
      return [...notes.map(textLines), `${summary(conversion)}\n`].join("");
    case "markdown":
      return markdown(conversion, notes);
    case "json":
      return json(conversion);
  }
}

function textLines(note: Note): string {
  const { verdict, subject, message, position: { file, line, column } } = note;
  const [target] = note.targets;
  const where = target === undefined ? "" : ` -> ${target.file}:${target.line}`;
  const first = `${file}:${line}:${column}  ${verdict.padEnd(12)}  ${plain(subject)}${where}\n`;
  return message === "" ? first : `${first}    ${plain(message)}\n`;
}

/** `3 Ingresses -> 4 HTTPProxies   kept 31   approximated 2   lost 1   unknown 0` */
function summary({ counts, notes }: Conversion): string {
  const { ingresses, ingressRoutes, httpProxies, others, passedOver } = counts;
  const from = [
    ingresses > 0 || ingressRoutes === 0 ? counted(ingresses, "Ingress", "Ingresses") : "",
    ingressRoutes > 0 ? counted(ingressRoutes, "IngressRoute", "IngressRoutes") : "",
  ].filter((text) => text !== "").join(", ");
  const more = others === 0 ? "" : `, ${counted(others, "other object", "other objects")}`;
  const skipped = passedOver === 0 ? "" : `   of other classes ${passedOver}`;
  const byVerdict = verdicts.map((verdict) => `   ${verdict} ${count(notes, verdict)}`).join("");
  return `${from} -> ${
    counted(httpProxies, "HTTPProxy", "HTTPProxies")
  }${more}${byVerdict}${skipped}`;
}

function markdown(conversion: Conversion, notes: readonly Note[]): string {
  const rows = notes.map(({ verdict, subject, message, position: { file, line }, targets }) => {
    const [target] = targets;
    const to = target === undefined ? "" : `${target.file}:${target.line}`;
    return `| ${verdict} | ${cell(`${file}:${line}`)} | ${cell(to)} | ${cell(subject)} | ${
      cell(message)
    } |\n`;
  });
  const table = rows.length === 0
    ? "Everything is kept.\n"
    : `| | From | To | What | How it differs, what to do |\n| --- | --- | --- | --- | --- |\n${
      rows.join("")
    }`;
  return `# Conversion\n\n${summary(conversion)}\n\n${table}`;
}

function json({ notes, counts, diagnostics }: Conversion): string {
  const byVerdict = Object.fromEntries(verdicts.map((verdict) => [verdict, count(notes, verdict)]));
  return `${
    JSON.stringify(
      {
        version: 1,
        notes: notes.map(({ verdict, object, path, subject, message, position, targets }) => ({
          verdict,
          object,
          path,
          file: position.file,
          line: position.line,
          column: position.column,
          subject,
          message,
          targets,
        })),
        diagnostics: diagnostics.map(({ code, severity, message, position }) => ({
          code,
          severity,
          message,
          ...(position === undefined
            ? {}
            : { file: position.file, line: position.line, column: position.column }),
        })),
        summary: { ...counts, ...byVerdict },
      },
      null,
      2,
    )
  }\n`;
}

/** Without what could move the cursor. */
function plain(text: string): string {
  return text.replace(/\r?\n/g, " ").replace(/\p{Cc}/gu, "?");
}

function count(notes: readonly Note[], verdict: Verdict): number {
  return notes.filter((note) => note.verdict === verdict).length;
}

function counted(count: number, one: string, many: string): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}

function cell(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("|", "\\|")
    .replaceAll(/\r?\n/g, " ");
}
