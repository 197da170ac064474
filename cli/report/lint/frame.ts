import { keyId } from "../../../controller/api/mod.ts";
import type { Finding } from "../../../lint/mod.ts";
import { severityPaint } from "../severity_paint.ts";
import { type Excerpt, excerpt, type LinesOfFile, linesOfFile } from "./excerpt.ts";
import { printable } from "./printable.ts";
import type { Look, ShownReport } from "./report.ts";
import { filesWithSecrets } from "./secret_lines.ts";

/** Each finding with the lines it is about, framed. */
export function frames(report: ShownReport, look: Look): string {
  const { findings, texts } = report;
  const withSecrets = filesWithSecrets(report);
  const explained = new Set<string>();
  const cut = new Map<string, LinesOfFile>();
  const linesOf = (file: string) => {
    const text = texts.get(file);
    const lines = cut.get(file) ??
      (text === undefined ? undefined : linesOfFile(text, withSecrets.has(file)));
    if (lines !== undefined) cut.set(file, lines);
    return lines;
  };
  return findings.map((finding) => {
    const isFirst = !explained.has(finding.code);
    explained.add(finding.code);
    return frame(finding, linesOf, { ...look, isFirst });
  }).join("");
}

interface FrameLook extends Look {
  /** Whether it is the first of its code, and says where more of it can be read. */
  readonly isFirst: boolean;
}

function frame(
  finding: Finding,
  linesOf: (file: string) => LinesOfFile | undefined,
  look: FrameLook,
): string {
  const { paint, columns } = look;
  const { code, severity, message, position, related = [] } = finding;
  const color = severityPaint(severity, paint);
  const label = `${severity}[${code}]`;
  const [first = "", ...more] = wrap(`${label}: ${printable(message)}`, columns, 2);
  const head = [
    `${color(paint.bold(label))}${paint.bold(first.slice(label.length))}`,
    ...more.map(paint.bold),
  ];
  const shown = position === undefined
    ? undefined
    : excerpt(finding, linesOf(position.file), columns);
  const gutter = shown?.gutter ?? 1;
  const bar = paint.blue(`${" ".repeat(gutter)} |`);
  const lines = [
    ...head,
    ...(position === undefined ? [] : [
      `${
        paint.blue(`${" ".repeat(gutter)}-->`)
      } ${position.file}:${position.line}:${position.column}`,
    ]),
    ...(shown === undefined ? [] : [bar, ...excerptLines(shown, bar, look, color), bar]),
    ...notes(finding, look.isFirst).flatMap(([name, text]) => note(gutter, name, text, look)),
    ...related.flatMap(({ position: at, message }) =>
      note(gutter, "see", `${at.file}:${at.line}:${at.column}: ${message}`, look)
    ),
  ];
  return `${lines.join("\n")}\n\n`;
}

function excerptLines(
  { lines, gutter, marked }: Excerpt,
  bar: string,
  { paint }: Look,
  color: (text: string) => string,
): string[] {
  return lines.flatMap(({ number, text, isMarked }) => {
    const line = `${paint.blue(`${String(number).padStart(gutter)} |`)} ${text}`.trimEnd();
    if (!isMarked) return [line];
    const under = `${" ".repeat(marked.column)}${color(paint.bold("^".repeat(marked.width)))}`;
    const rest = marked.rest === "" ? "" : ` ${color(marked.rest)}`;
    return [line, `${bar} ${under}${rest}`];
  });
}

/** What is told below the excerpt, by name. */
function notes(
  { object, path, condition, hint, fix, code }: Finding,
  isFirst: boolean,
): readonly (readonly [string, string])[] {
  const flag = fix?.safety === "unsafe" ? "--fix --unsafe-fixes" : "--fix";
  const list: [name: string, text: string | undefined][] = [
    ["object", object && `${keyId(object)}${path === "" ? "" : ` ${path}`}`],
    ["status", condition && `${condition.type}/${condition.reason}`],
    ["hint", hint],
    ["fix", fix && `${fix.title} (${flag})`],
    ["explain", isFirst ? `contour lint --explain ${code}` : undefined],
  ];
  return list.flatMap(([name, text]) => text === undefined ? [] : [[name, text] as const]);
}

function note(gutter: number, name: string, text: string, { paint, columns }: Look): string[] {
  const indent = " ".repeat(gutter);
  const [first = "", ...more] = wrap(
    printable(`${name}: ${text}`),
    columns - gutter - 3,
    name.length + 2,
  );
  return [
    `${indent} ${paint.blue("=")} ${paint.dim(`${name}:`)}${first.slice(name.length + 1)}`,
    ...more.map((line) => `${indent}   ${line}`),
  ];
}

/** Lines no longer than `columns` where words allow it; all but the first are indented. */
export function wrap(text: string, columns: number, indent: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const isFirst = line === "" || line === " ".repeat(indent);
    if (!isFirst && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = " ".repeat(indent) + word;
    } else line = isFirst ? line + word : `${line} ${word}`;
  }
  return [...lines, line];
}
