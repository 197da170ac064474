import { z } from "zod";
import { type Direction, variables } from "./variables.ts";

/** A value with variables of Envoy in it; {@link parseValue} reads it. */
export function headerValue(direction: Direction) {
  return z.string().max(maximumBytes).superRefine((text, context) => {
    const problem = valueProblem(text, direction);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem, input: text });
  }).describe("Value, in which %VARIABLES% may stand. An empty one is sent empty.");
}

/** A part of a value: text as it stands, or a variable as Envoy writes it. */
export type ValuePart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "variable"; readonly format: string };

/**
 * The parts of a value without problems. A `%` that begins no variable is text. `namespace` is that
 * of the policy.
 */
export function parseValue(text: string, namespace: string): readonly ValuePart[] {
  const parts: ValuePart[] = [];
  let end = 0;
  for (const { index, 0: all, 1: name = "", 2: argument, 3: length } of tokens(text)) {
    if (index > end) parts.push({ kind: "text", text: text.slice(end, index) });
    end = index + all.length;
    const own = variables[name]?.format({ argument: argument ?? "", namespace });
    if (own === undefined) continue; // not for a value without problems
    if (own.kind === "text") parts.push(own);
    else {
      const limit = length === undefined ? "" : `:${length}`;
      parts.push({ kind: "variable", format: `%${own.format}${limit}%` });
    }
  }
  if (end < text.length) parts.push({ kind: "text", text: text.slice(end) });
  return parts;
}

/** The parts in Envoy's format language, where a `%` of its own is written twice. */
export function formatted(parts: readonly ValuePart[]): string {
  return parts.map((part) => part.kind === "text" ? part.text.replaceAll("%", "%%") : part.format)
    .join("");
}

/** The most bytes of a value that Envoy takes, as it is written there. */
export const maximumBytes = 16_384;

/** How many bytes a text is in UTF-8. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** What is wrong with text that is to stand in a header as it is. */
export function textProblem(text: string): string | undefined {
  if (!text.isWellFormed()) return "must be well-formed Unicode";
  for (const character of text) {
    const code = character.charCodeAt(0);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) {
      return /[\r\n]/.test(character)
        ? "must not contain line breaks"
        : "must not contain control characters";
    }
  }
  if (/^[ \t]|[ \t]$/.test(text)) return "must not begin or end with blanks";
  return undefined;
}

function valueProblem(text: string, direction: Direction): string | undefined {
  const problem = textProblem(text);
  if (problem !== undefined) return problem;
  for (const { 0: all, 1: name = "", 2: argument, 3: length } of tokens(text)) {
    const variable = variables[name];
    if (variable === undefined) return `has the unknown variable "${all}"`;
    if (variable.only !== undefined && variable.only !== direction) {
      return `has the variable "${all}", which is known in responses only`;
    }
    const wrong = variable.problem(argument);
    if (wrong !== undefined) return `has the variable "${all}", which ${wrong}`;
    if (length === undefined) continue;
    if (!variable.limited) return `has the variable "${all}", which takes no length`;
    if (!/^[1-9]\d{0,4}$/.test(length)) return `has the variable "${all}" with a length of none`;
  }
  const namespace = "n".repeat(63);
  if (byteLength(formatted(parseValue(text, namespace))) > maximumBytes) {
    return `must be at most ${maximumBytes} bytes`;
  }
  return undefined;
}

/** What is meant as a variable: a word in capitals between percent signs, or with an argument. */
function tokens(text: string): IterableIterator<RegExpExecArray> {
  return text.matchAll(/%([A-Z][A-Z0-9_]*)(?:\(([^()%]*)\))?(?::(\d*))?%/g);
}
