import { z } from "zod";
import { ReadableName } from "./header_name.ts";
import { textProblem } from "./header_value.ts";
import { ConditionRegex } from "./regex.ts";
import { contentTypePattern } from "../program/content_type.ts";
import { maximumCost, regexCost } from "./regex_cost.ts";
import type { Direction } from "./variables.ts";

/** What a header has to be like: there, of a value, or of a form. */
export const HeaderCondition = z.object({
  name: ReadableName,
  present: z.boolean().optional().describe("Whether it has to be there, with whatever value."),
  equals: literal().optional().describe("The value it has to have."),
  pattern: ConditionRegex.optional().describe(
    "A regular expression of RE2 for the whole of its value.",
  ),
}).superRefine((condition, context) => {
  const given = (["present", "equals", "pattern"] as const)
    .filter((field) => condition[field] !== undefined);
  if (given.length === 1) return;
  context.addIssue({
    code: "custom",
    message: "must have one of present, equals and pattern",
    input: condition,
  });
}).describe("A header and what it has to be like; several values are joined by commas.");
/** See {@link HeaderCondition}. */
export type HeaderCondition = z.infer<typeof HeaderCondition>;

/** The path of a request, without its query. */
export const PathCondition = z.object({
  exact: path().optional().describe("The whole path."),
  prefix: path().optional().describe("Its first segments."),
  pattern: ConditionRegex.optional().describe("A regular expression of RE2 for the whole path."),
}).superRefine((condition, context) => {
  const given = (["exact", "prefix", "pattern"] as const)
    .filter((field) => condition[field] !== undefined);
  if (given.length === 1) return;
  context.addIssue({
    code: "custom",
    message: "must have one of exact, prefix and pattern",
    input: condition,
  });
});
/** See {@link PathCondition}. */
export type PathCondition = z.infer<typeof PathCondition>;

const ofRequest = {
  methods: z.array(
    z.string().max(64).regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, {
      error: "must be an HTTP method",
    }),
  ).min(1).max(16).optional().describe("The method is one of these."),
  path: PathCondition.optional().describe("The path, without the query."),
  scheme: z.enum(["http", "https"]).optional().describe("How the client sent the request."),
  requestHeaders: z.array(HeaderCondition).min(1).max(16).optional().describe(
    "Headers of the request; all have to hold.",
  ),
};

const ofResponse = {
  status: z.array(
    z.string().regex(/^([1-5]xx|[1-5]\d\d)$/, {
      error: 'must be a status or a class: "404", "5xx"',
    }),
  ).min(1).max(16).optional().describe('The status is one of these: "404", "5xx".'),
  contentTypes: z.array(
    z.string().max(80).regex(/^[\w!#$&^.+-]+\/([\w!#$&^.+-]+|\*)$/, {
      error: "must be a media type without parameters: text/html, image/*",
    }).refine((type) => regexCost(contentTypePattern(type)) <= maximumCost, {
      error: "must be shorter",
    }),
  ).min(1).max(16).optional().describe("The media type is one of these: text/html, image/*."),
  responseHeaders: z.array(HeaderCondition).min(1).max(16).optional().describe(
    "Headers of the response; all have to hold.",
  ),
};

/** What a request has to be like; all that is given has to hold. */
export const RequestCondition = notEmpty(z.object(ofRequest));

/** What a response, and the request it answers, have to be like; all that is given has to hold. */
export const ResponseCondition = notEmpty(z.object({ ...ofRequest, ...ofResponse }));

/** Either, as the two share their fields. */
export type Condition = z.infer<typeof ResponseCondition>;

/** The conditions for messages of a direction. */
export function condition(direction: Direction): z.ZodType<Condition> {
  return direction === "request" ? RequestCondition : ResponseCondition;
}

function notEmpty<Shape extends z.core.$ZodLooseShape>(schema: z.ZodObject<Shape>) {
  return schema.refine((value) => Object.values(value).some((field) => field !== undefined), {
    error: "must hold a condition",
  });
}

function literal() {
  return z.string().max(1024).superRefine((text, context) => {
    const problem = textProblem(text);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem, input: text });
  });
}

function path() {
  return z.string().max(1024).regex(/^\/[\x21-\x22\x24-\x3e\x40-\x7e]*$/, {
    error: "must be a path: it starts with / and has no query, blanks or other letters than ASCII",
  });
}
