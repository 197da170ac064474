import type { CodeRow, Diagnostic, Position } from "../controller/api/mod.ts";
import { formatPath, parsePath } from "../controller/api/mod.ts";
import type { LintCode } from "./codes.ts";
import { type Edit, type Fix, lineStarts, offsets, positionAt } from "./edit.ts";
import type { Finding } from "./finding.ts";
import type { LintContents } from "./lint.ts";
import { removal } from "./removal.ts";
import type { Advice, Change, Step } from "./rule.ts";

/** What was written, and where: gives findings their places, and changes their text. */
export class Manuscript {
  readonly #contents: LintContents;
  readonly #starts = new Map<string, readonly number[]>();

  constructor(contents: LintContents) {
    this.#contents = contents;
  }

  /** What the reader or the controller says. */
  finding({ replacement, ...diagnostic }: Diagnostic): Finding {
    const { object, path } = diagnostic;
    const position = diagnostic.position ??
      (object === undefined ? undefined : this.#contents.locate(object, path));
    const fix = position === undefined || replacement === undefined
      ? undefined
      : this.#replacement(diagnostic, position, replacement);
    return {
      ...diagnostic,
      ...(position === undefined ? {} : { position }),
      ...(fix === undefined ? {} : { fix }),
    };
  }

  /** What a rule says. */
  advice(code: LintCode, row: CodeRow, advice: Advice): Finding {
    const { object, path, at, severity, message, hint, related = [], change } = advice;
    const position = this.#contents.locate(object, path, at);
    const places = related.flatMap(({ object, path, message }) => {
      const position = this.#contents.locate(object, path);
      return position === undefined ? [] : [{ position, message }];
    });
    const fix = change === undefined ? undefined : this.#fix(advice, change);
    return {
      code,
      severity: severity ?? row.severity,
      object,
      path,
      message,
      ...(position === undefined ? {} : { position }),
      ...(hint === undefined ? {} : { hint }),
      ...(places.length === 0 ? {} : { related: places }),
      ...(fix === undefined ? {} : { fix }),
    };
  }

  /** Another word where the reader pointed. Quotes stay, and are put where the word needs them. */
  #replacement({ code }: Diagnostic, position: Position, replacement: string): Fix | undefined {
    const now = this.#text(position);
    if (now === undefined || now.includes("\n")) return undefined;
    if (replacement.startsWith('"')) {
      // The scalar itself, quoted: it can mean nothing else.
      return { title: "Quote the value", safety: "safe", edits: [{ position, text: replacement }] };
    }
    const text = now.startsWith('"') || now.startsWith("'")
      ? `${now[0]}${replacement}${now[0]}`
      : replacement;
    const title = code === "CTR003" ? `Rename to ${replacement}` : `Change to ${replacement}`;
    return { title, safety: "unsafe", edits: [{ position, text }] };
  }

  /** The edits of a change, or none where the text does not allow it: behind aliases, or odd styles. */
  #fix(advice: Advice, { title, safety, steps }: Change): Fix | undefined {
    const edits: Edit[] = [];
    for (const step of steps) {
      const edit = this.#isWrittenOut(advice, step.path) ? this.#edit(advice, step) : undefined;
      if (edit === undefined) return undefined;
      edits.push(edit);
    }
    return { title, safety, edits };
  }

  #edit({ object }: Advice, step: Step): Edit | undefined {
    const { locate, texts } = this.#contents;
    const value = locate(object, step.path);
    const key = locate(object, step.path, "key");
    // Of an object of a cluster there is no text to change.
    if (value === undefined || key === undefined || !texts.has(value.file)) return undefined;
    switch (step.kind) {
      case "replace": {
        const now = this.#text(value);
        return now === undefined || now.includes("\n") ? undefined : {
          position: value,
          text: quotedLike(now, step.scalar),
        };
      }
      case "rename":
        return { position: key, text: quotedLike(this.#text(key) ?? "", step.name) };
      case "remove": {
        const text = texts.get(value.file);
        const steps = parsePath(step.path);
        const parent = locate(object, formatPath(steps.slice(0, -1)));
        if (text === undefined || parent === undefined) return undefined;
        const starts = this.#startsOf(value.file, text);
        const edit = removal(text, {
          parent: offsets(starts, parent),
          ...(typeof steps.at(-1) === "number" ? {} : { key: offsets(starts, key) }),
          value: offsets(starts, value),
        });
        return edit && { position: positionAt(starts, value.file, edit), text: edit.text };
      }
    }
  }

  /** Whether each step of the path lies inside the one before: not behind an alias or a merge. */
  #isWrittenOut({ object }: Advice, path: string): boolean {
    const { locate } = this.#contents;
    const steps = parsePath(path);
    let outer = locate(object, "");
    for (let length = 1; length <= steps.length; length++) {
      const inner = locate(object, formatPath(steps.slice(0, length)));
      if (outer === undefined || inner === undefined || !contains(outer, inner)) return false;
      outer = inner;
    }
    return true;
  }

  #text(position: Position): string | undefined {
    const text = this.#contents.texts.get(position.file);
    if (text === undefined) return undefined;
    const { start, end } = offsets(this.#startsOf(position.file, text), position);
    return text.slice(start, end);
  }

  #startsOf(file: string, text: string): readonly number[] {
    const starts = this.#starts.get(file) ?? lineStarts(text);
    this.#starts.set(file, starts);
    return starts;
  }
}

function quotedLike(now: string, scalar: string): string {
  const quote = now.startsWith('"') ? '"' : now.startsWith("'") ? "'" : "";
  return `${quote}${scalar}${quote}`;
}

function contains(outer: Position, inner: Position): boolean {
  const before = (a: number, b: number, c: number, d: number) => a < c || (a === c && b <= d);
  return outer.file === inner.file &&
    before(outer.line, outer.column, inner.line, inner.column) &&
    before(inner.endLine, inner.endColumn, outer.endLine, outer.endColumn);
}
