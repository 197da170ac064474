import { z } from "zod";
import { AddressRange } from "./address_range.ts";
import { HeaderName, Literal, Path, Regex } from "./text.ts";

/** A value that has to be there, or of a form. */
function value<Name extends z.ZodType>(name: Name, what: string) {
  return z.object({
    name,
    present: z.boolean().optional().describe("Whether it has to be there, with whatever value."),
    equals: Literal.optional().describe("The value it has to have."),
    pattern: Regex.optional().describe("A regular expression of RE2 for the whole of its value."),
  }).superRefine((condition, context) => {
    const given = (["present", "equals", "pattern"] as const)
      .filter((field) => condition[field] !== undefined);
    if (given.length === 1) return;
    const message = "must have one of present, equals and pattern";
    context.addIssue({ code: "custom", message, input: condition });
  }).describe(what);
}

/** What a header has to be like. */
export const HeaderCondition = value(HeaderName, "A header and what it has to be like.");
/** See {@link HeaderCondition}. */
export type HeaderCondition = z.infer<typeof HeaderCondition>;

const parameterName = z.string().min(1).max(256).describe("Name of the parameter, as it is sent.");

/** What a parameter of the query has to be like. */
export const QueryCondition = value(
  parameterName,
  "A parameter of the query and what it has to be like.",
);
/** See {@link QueryCondition}. */
export type QueryCondition = z.infer<typeof QueryCondition>;

/** What a path has to be like. */
export const PathCondition = z.object({
  exact: Path.optional().describe("The whole path."),
  prefix: Path.optional().describe("Its first segments."),
  pattern: Regex.optional().describe("A regular expression of RE2 for the whole path."),
}).superRefine((condition, context) => {
  const given = (["exact", "prefix", "pattern"] as const)
    .filter((field) => condition[field] !== undefined);
  if (given.length === 1) return;
  const message = "must have one of exact, prefix and pattern";
  context.addIssue({ code: "custom", message, input: condition });
}).describe("A path without its query.");
/** See {@link PathCondition}. */
export type PathCondition = z.infer<typeof PathCondition>;

/** What requests a limit is about, or not about. */
export const Condition = z.object({
  methods: z.array(
    z.string().max(64).regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, { error: "must be an HTTP method" }),
  ).min(1).max(16).optional().describe("The method is one of these."),
  paths: z.array(PathCondition).min(1).max(16).optional().describe(
    "The path, without the query, is one of these.",
  ),
  requestHeaders: z.array(HeaderCondition).min(1).max(16).optional().describe(
    "Headers of the request.",
  ),
  queryParameters: z.array(QueryCondition).min(1).max(16).optional().describe(
    "Parameters of the query.",
  ),
  clientAddresses: z.array(AddressRange).min(1).max(256).optional().describe(
    "The address of the client is in one of these ranges.",
  ),
}).refine((condition) => Object.values(condition).some((part) => part !== undefined), {
  error: "must hold a condition",
});
/** See {@link Condition}. */
export type Condition = z.infer<typeof Condition>;
