import { formatPath, keyId, keyOf, type ObjectKey, type Position } from "../controller/api/mod.ts";
import type { LintCode } from "./codes.ts";
import { isLintCode } from "./codes.ts";
import { type Fix, lineStarts, positionAt } from "./edit.ts";
import type { Finding } from "./finding.ts";
import type { LintContents } from "./lint.ts";
import { suppressionCodes } from "./suppression_codes.ts";

/**
 * Parts what is silenced from what is told. `# contour-lint-ignore CTR401 -- reason` silences codes
 * on its line, or on the next one if it stands alone; the annotation {@link ignoreAnnotation} on a
 * whole object. One that silences nothing is a finding itself.
 */
export function suppress(
  findings: readonly Finding[],
  contents: SuppressionContext,
): { readonly kept: Finding[]; readonly suppressed: Finding[] } {
  const suppressions = [...commentsOf(contents), ...annotationsOf(contents)];
  if (suppressions.length === 0) return { kept: [...findings], suppressed: [] };
  const kept: Finding[] = [];
  const suppressed: Finding[] = [];
  const used = new Set<Suppression>();
  for (const finding of findings) {
    const by = suppressions.filter((suppression) => silences(suppression, finding));
    for (const suppression of by) used.add(suppression);
    (by.length === 0 ? kept : suppressed).push(finding);
  }
  for (const suppression of suppressions) {
    if (used.has(suppression)) continue;
    const { code } = suppression;
    // One for a code that is not looked for now may be of use another time.
    const isTold = contents.isWanted(unused) && (!isLintCode(code) || contents.isWanted(code));
    if (isTold) kept.push(unusedFinding(suppression));
  }
  return { kept, suppressed };
}

/** The annotation, whose value is codes separated by commas. */
export const ignoreAnnotation = "contour-lint/ignore";

/** What to look at beside the findings. */
export interface SuppressionContext extends LintContents {
  readonly isWanted: (code: LintCode) => boolean;
}

const unused = "CTR490";

/** One code silenced in one place. */
interface Suppression {
  readonly code: string;
  readonly position: Position;
  readonly scope:
    | { readonly kind: "line"; readonly line: number }
    | { readonly kind: "object"; readonly object: ObjectKey };
  /** Takes the whole comment away, if this is all it says. */
  readonly fix?: Fix;
}

function silences({ code, position, scope }: Suppression, finding: Finding): boolean {
  if (finding.code !== code) return false;
  switch (scope.kind) {
    case "line":
      return finding.position?.file === position.file && finding.position.line === scope.line;
    case "object":
      return finding.object !== undefined && keyId(finding.object) === keyId(scope.object);
  }
}

function unusedFinding({ code, position, scope, fix }: Suppression): Finding {
  const where = scope.kind === "line" ? `in line ${scope.line}` : "in this object";
  return {
    code: unused,
    severity: suppressionCodes[unused].severity,
    path: scope.kind === "line" ? "" : annotationPath,
    ...(scope.kind === "line" ? {} : { object: scope.object }),
    position,
    message: isLintCode(code)
      ? `nothing to ignore: ${code} is not found ${where}`
      : `nothing to ignore: there is no code ${code}`,
    ...(fix === undefined ? {} : { fix }),
  };
}

const annotationPath = formatPath(["metadata", "annotations", ignoreAnnotation]);

const marker =
  /#[ \t]*contour-lint-ignore:?[ \t]+([A-Z0-9]+(?:[ \t]*,[ \t]*[A-Z0-9]+|[ \t]+CTR\d+)*)/g;

function* commentsOf({ texts }: SuppressionContext): Iterable<Suppression> {
  for (const [file, text] of texts) {
    if (!text.includes("contour-lint-ignore")) continue;
    const starts = lineStarts(text);
    for (const match of text.matchAll(marker)) {
      const lineStart = text.lastIndexOf("\n", match.index) + 1;
      const newline = text.indexOf("\n", match.index);
      const lineEnd = newline < 0 ? text.length : newline;
      const isAlone = text.slice(lineStart, match.index).trim() === "";
      const listed = match[1] ?? "";
      const listStart = match.index + match[0].length - listed.length;
      const { line } = positionAt(starts, file, { start: match.index, end: match.index });
      const codes = [...listed.matchAll(/[A-Z0-9]+/g)];
      for (const code of codes) {
        const start = listStart + code.index;
        const whole = isAlone ? { start: lineStart, end: Math.min(lineEnd + 1, text.length) } : {
          start: lineStart + text.slice(lineStart, match.index).trimEnd().length,
          end: lineEnd,
        };
        yield {
          code: code[0],
          position: positionAt(starts, file, { start, end: start + code[0].length }),
          scope: { kind: "line", line: isAlone ? nextLine(text, line) : line },
          ...(codes.length > 1 ? {} : {
            fix: {
              title: "Remove the comment",
              safety: "safe",
              edits: [{ position: positionAt(starts, file, whole), text: "" }],
            },
          }),
        };
      }
    }
  }
}

/** The next line that is no comment of its own, so that several may stand above each other. */
function nextLine(text: string, line: number): number {
  const lines = text.split("\n");
  let next = line + 1;
  while (/^\s*#/.test(lines[next - 1] ?? "")) next++;
  return next;
}

function* annotationsOf({ objects, locate }: SuppressionContext): Iterable<Suppression> {
  for (const object of objects) {
    const value = object.metadata.annotations?.[ignoreAnnotation];
    if (value === undefined) continue;
    const key = keyOf(object);
    const position = locate(key, annotationPath);
    if (position === undefined) continue;
    for (const code of value.split(/[\s,]+/).filter((code) => code !== "")) {
      yield { code, position, scope: { kind: "object", object: key } };
    }
  }
}
