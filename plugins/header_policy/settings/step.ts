import { z } from "zod";
import { conditionExpression } from "../program/condition_expression.ts";
import { condition } from "./condition.ts";
import {
  canonicalName,
  endangered,
  isJoinable,
  ReadableName,
  RemovableName,
  WritableName,
} from "./header_name.ts";
import { byteLength, headerValue, maximumBytes, textProblem } from "./header_value.ts";
import { ByteRegex, groupsOf, matchesWhole } from "./regex.ts";
import type { Direction } from "./variables.ts";

/** What a step does; one of them stands in each. */
export const operations = [
  "set",
  "add",
  "addIfAbsent",
  "replace",
  "copy",
  "rename",
  "move",
  "rewrite",
  "remove",
] as const;

/** See {@link operations}. */
export type Operation = (typeof operations)[number];

/** A change to the headers of messages of a direction, and when it is made. */
export function step(direction: Direction) {
  const put = z.object({ name: WritableName, value: headerValue(direction) });
  return z.object({
    when: condition(direction).optional().describe("The step is taken where all of this holds."),
    unless: condition(direction).optional().describe("It is not taken where all of this holds."),
    set: put.optional().describe("The header gets this value, in place of those it has."),
    add: put.optional().describe("The header gets this value beside those it has."),
    addIfAbsent: put.optional().describe("The header gets this value where it is not there."),
    replace: put.optional().describe("The header gets this value where it is there."),
    copy: z.object({
      from: Source,
      to: Target,
      existing: z.enum(["replace", "append", "keep"]).optional().describe(
        "What becomes of a header that is there already. Default: replace.",
      ),
    }).superRefine(distinct).optional().describe("The values of one header, also in another."),
    rename: z.object({ from: MovedSource, to: Target }).superRefine(distinct).optional().describe(
      "The values of one header go to another, in place of those it has.",
    ),
    move: z.object({ from: MovedSource, to: Target }).superRefine(distinct).optional().describe(
      "The values of one header go to another, beside those it has.",
    ),
    rewrite: Rewrite.optional().describe("Every match in the value is replaced."),
    remove: Removal.optional().describe("The headers of a name, or of names of a form, are gone."),
  }).superRefine((value, context) => {
    const given = operations.filter((operation) => value[operation] !== undefined);
    const wrong = (message: string) => context.addIssue({ code: "custom", message, input: value });
    if (given.length !== 1) {
      wrong(`must have one of ${operations.join(", ")}${given.length === 0 ? "" : ", not more"}`);
    }
    if (value.when === undefined && value.unless === undefined) return;
    const put = value.set ?? value.add ?? value.addIfAbsent ?? value.replace;
    if (put?.value === "") wrong("must not have a condition and an empty value");
    if (value.remove?.pattern !== undefined) {
      wrong("must not have a condition and take away by pattern: name a prefix, suffix or part");
    }
    const expression = conditionExpression(value.when, value.unless, direction);
    if (expression !== undefined && byteLength(expression) > maximumBytes / 2) {
      wrong("must have shorter conditions");
    }
  });
}

/** See {@link step}. */
export type Step = z.infer<ReturnType<typeof step>>;

const Target = joinable(WritableName);
const Source = joinable(ReadableName);
const MovedSource = joinable(RemovableName);

const Rewrite = z.object({
  name: Target,
  pattern: ByteRegex.describe("A regular expression of RE2."),
  substitution: z.string().max(1024).describe(
    "What stands in place of each match; \\1 to \\9 are what the groups matched, \\0 the whole.",
  ),
}).superRefine(({ pattern, substitution }, context) => {
  const message = substitutionProblem(pattern, substitution);
  if (message !== undefined) {
    context.addIssue({ code: "custom", message, path: ["substitution"], input: substitution });
  }
});

const Removal = z.object({
  name: RemovableName.optional(),
  prefix: part().optional().describe("What the names begin with."),
  suffix: part().optional().describe("What the names end with."),
  contains: part().optional().describe("What the names have in them."),
  pattern: ByteRegex.optional().describe(
    "A regular expression of RE2 for the names in lower case.",
  ),
}).superRefine((removal, context) => {
  const wrong = (message: string) => context.addIssue({ code: "custom", message, input: removal });
  const given = Object.values(removal).filter((field) => field !== undefined);
  if (given.length !== 1) {
    return wrong("must have one of name, prefix, suffix, contains and pattern");
  }
  const { prefix, suffix, contains, pattern } = removal;
  const taken = endangered((name) =>
    prefix !== undefined
      ? name.startsWith(prefix.toLowerCase())
      : suffix !== undefined
      ? name.endsWith(suffix.toLowerCase())
      : contains !== undefined
      ? name.includes(contains.toLowerCase())
      : pattern !== undefined && matchesWhole(pattern, name)
  );
  if (taken !== undefined) wrong(`must not take along "${taken}"`);
});

function part() {
  return z.string().min(1).max(256).regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, {
    error: "must be a part of a header name",
  });
}

function joinable<Schema extends z.ZodString>(schema: Schema): Schema {
  return schema.refine((name) => isJoinable(name), {
    error: "must not be set-cookie, whose values cannot be joined",
  });
}

function distinct(
  { from, to }: { readonly from: string; readonly to: string },
  context: z.RefinementCtx,
): void {
  if (canonicalName(from) !== canonicalName(to)) return;
  context.addIssue({ code: "custom", message: "must be another header", path: ["to"], input: to });
}

/** Only what RE2 takes for a replacement, so that no match ends with nothing being replaced. */
function substitutionProblem(pattern: string, text: string): string | undefined {
  const problem = textProblem(text.trim());
  if (problem !== undefined) return problem;
  const groups = groupsOf(pattern);
  if (groups === undefined) return undefined; // told of the pattern
  for (const [, escaped = ""] of text.matchAll(/\\(.?)/gs)) {
    if (escaped === "\\") continue;
    if (!/^\d$/.test(escaped)) return "must have a digit or another \\ after each \\";
    if (Number(escaped) > groups) return `must not speak of group ${escaped}: there are ${groups}`;
  }
  return undefined;
}
