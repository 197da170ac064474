import { z } from "zod";
import type { Immutable } from "./immutable.ts";
import { nonEmpty } from "./values.ts";

/** A test of one request header. One operator is used: the first set, in the order of the fields. */
export const HeaderMatchCondition = z.object({
  name: nonEmpty().describe("Header to look at; case does not matter."),
  present: z.boolean().optional().describe("Matches when the header exists. False means unset."),
  notpresent: z.boolean().optional().describe("Matches when the header does not exist."),
  contains: z.string().optional().describe("Matches when the value has this substring."),
  notcontains: z.string().optional().describe("Matches when the value lacks this substring."),
  exact: z.string().optional().describe("Matches when the value is equal to this."),
  notexact: z.string().optional().describe("Matches when the value differs from this."),
  regex: z.string().optional().describe("RE2 expression that has to match the whole value."),
  ignoreCase: z.boolean().optional().describe(
    "Compares without regard to case; used by contains, notcontains, exact and notexact.",
  ),
  treatMissingAsEmpty: z.boolean().optional().describe(
    "Lets notcontains and notexact see a missing header as an empty value, so that they match.",
  ),
});
/** See {@link HeaderMatchCondition}. */
export type HeaderMatchCondition = Immutable<z.infer<typeof HeaderMatchCondition>>;

/** A test of one query parameter, with exactly one operator. */
export const QueryParameterMatchCondition = z.object({
  name: z.string().describe("Parameter to look at; case matters."),
  exact: z.string().optional().describe("Matches when the value is equal to this."),
  prefix: z.string().optional().describe("Matches when the value begins with this."),
  suffix: z.string().optional().describe("Matches when the value ends with this."),
  regex: z.string().optional().describe("RE2 expression that has to match the whole value."),
  contains: z.string().optional().describe("Matches when the value has this substring."),
  ignoreCase: z.boolean().optional().describe(
    "Compares without regard to case; used by exact, prefix, suffix and contains.",
  ),
  present: z.boolean().optional().describe("Matches when the parameter exists."),
});
/** See {@link QueryParameterMatchCondition}. */
export type QueryParameterMatchCondition = Immutable<z.infer<typeof QueryParameterMatchCondition>>;

/** One condition on a request; those of a list must all hold. */
export const MatchCondition = z.object({
  prefix: z.string().optional().describe(
    "Beginning of the path, from its slash on. Compared as text: /foo also matches /foobar.",
  ),
  exact: z.string().optional().describe("The whole path, from its slash on. Only in routes."),
  regex: z.string().optional().describe(
    "RE2 expression, beginning with a slash, for the whole path. Only in routes.",
  ),
  header: HeaderMatchCondition.optional().describe("A condition on a request header."),
  queryParameter: QueryParameterMatchCondition.optional().describe(
    "A condition on a query parameter.",
  ),
});
/** See {@link MatchCondition}. */
export type MatchCondition = Immutable<z.infer<typeof MatchCondition>>;
