import type { z } from "zod";
import { durationOrZeroWanted, durationWanted } from "./duration.ts";
import { nearest } from "./nearest.ts";
import type { Segment } from "./path.ts";
import type { Problem } from "./problem.ts";

type Issue = z.core.$ZodIssue;

/**
 * What zod found wrong with a value, in our words.
 *
 * @param secret whether the values are secret, so that messages must not show them
 */
export function schemaProblem(issue: Issue, root: unknown, secret: boolean): Problem {
  const path = issue.path.map((step): Segment => typeof step === "number" ? step : String(step));
  const value = valueAt(root, path);
  const name = fieldName(path);
  const problem = { severity: "error" as const, path, at: "value" as const };
  if (value === undefined && issue.code !== "custom") {
    return { ...problem, code: "CTR006", message: `required field "${name}" is missing` };
  }
  const shown = secret ? "" : `, not ${show(value)}`;
  switch (issue.code) {
    case "invalid_type":
      return {
        ...problem,
        code: "CTR004",
        message: `"${name}" must be ${typeName(issue.expected)}${
          secret ? "" : `, not ${describe(value)}`
        }`,
        ...(issue.expected === "string" ? asText(value, issue.message) : {}),
        ...(isNumeric(issue.expected) && typeof value === "string" && /^\d+$/.test(value)
          ? { hint: "take away the quotes" }
          : {}),
      };
    case "invalid_union":
      return {
        ...problem,
        code: "CTR004",
        message: `"${name}" must be an integer or text${secret ? "" : `, not ${describe(value)}`}`,
      };
    case "invalid_value": {
      const allowed = issue.values.map(String);
      const near = typeof value === "string" ? nearest(value, allowed) : undefined;
      const meant = near === undefined ? "" : `, did you mean "${near}"?`;
      return {
        ...problem,
        code: typeof value === typeof issue.values[0] ? "CTR005" : "CTR004",
        message: `"${name}" must be ${oneOf(allowed)}${shown}${meant}`,
        ...(near === undefined ? {} : { meant: near }),
      };
    }
    case "too_small":
    case "too_big":
      return {
        ...problem,
        code: "CTR005",
        message: `"${name}" ${bound(issue)}${atSize(value, shown)}`,
      };
    case "invalid_format":
      return { ...problem, code: "CTR005", message: `"${name}" ${issue.message}${shown}` };
    default:
      return { ...problem, code: "CTR005", message: ruleMessage(name, issue.message) };
  }
}

/** How a value becomes the text that is wanted: a duration needs its unit, other text its quotes. */
function asText(value: unknown, wanted: string): Pick<Problem, "hint" | "wantsQuotes"> {
  const isDuration = wanted === durationWanted || wanted === durationOrZeroWanted;
  if (!isDuration || (value === 0 && wanted === durationOrZeroWanted)) {
    return typeof value === "number" || typeof value === "boolean" ? { wantsQuotes: true } : {};
  }
  if (typeof value !== "number" || !/^\d+(\.\d+)?$/.test(String(value))) return {};
  return { hint: `add a unit: ${value}s` };
}

/** A value as a message shows it. */
export function show(value: unknown): string {
  const text = typeof value === "object" && value !== null
    ? Array.isArray(value) ? "a list" : "an object"
    : typeof value === "string"
    ? JSON.stringify(value)
    : String(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}..."`;
}

function describe(value: unknown): string {
  switch (typeof value) {
    case "string":
      return `the text ${show(value)}`;
    case "boolean":
      return `the boolean ${value}`;
    case "number":
      return `the number ${value}`;
    default:
      return value === null ? "null" : show(value);
  }
}

function typeName(expected: string): string {
  switch (expected) {
    case "string":
      return "text";
    case "int":
    case "number":
      return "an integer";
    case "boolean":
      return "true or false";
    case "array":
      return "a list";
    case "object":
      return "an object";
    case "record":
      return "a map of names and values";
    default:
      return `of type ${expected}`;
  }
}

function isNumeric(expected: string): boolean {
  return expected === "int" || expected === "number";
}

function bound(issue: Extract<Issue, { readonly code: "too_small" | "too_big" }>): string {
  const limit = issue.code === "too_small" ? issue.minimum : issue.maximum;
  const atLeast = issue.code === "too_small" ? "at least" : "at most";
  switch (issue.origin) {
    case "string":
      if (issue.code === "too_small" && limit === 1) return "must not be empty";
      return `must have ${atLeast} ${limit} characters`;
    case "array":
    case "set":
      if (issue.code === "too_small" && limit === 1) return "must not be empty";
      return `must have ${atLeast} ${limit} items`;
    default:
      if (issue.inclusive === false) {
        return `must be ${issue.code === "too_small" ? "greater" : "less"} than ${limit}`;
      }
      return `must be ${atLeast} ${limit}`;
  }
}

/** Sizes speak of themselves; a number beyond its range is worth showing. */
function atSize(value: unknown, shown: string): string {
  return typeof value === "number" ? shown : "";
}

function oneOf(allowed: readonly string[]): string {
  const [only] = allowed;
  return allowed.length === 1 && only !== undefined ? only : `one of ${allowed.join(", ")}`;
}

function ruleMessage(name: string, message: string): string {
  return message.startsWith("must") ? `"${name}" ${message}` : `"${name}": ${message}`;
}

function fieldName(path: readonly Segment[]): string {
  const last = path.at(-1);
  if (typeof last !== "number") return last ?? "object";
  return `${path.findLast((step) => typeof step === "string") ?? "item"}[${last}]`;
}

function valueAt(root: unknown, path: readonly Segment[]): unknown {
  let value = root;
  for (const segment of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) {
      return undefined;
    }
    value = (value as Record<Segment, unknown>)[segment];
  }
  return value;
}
