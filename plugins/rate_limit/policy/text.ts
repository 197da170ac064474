import { z } from "zod";
import { regexProblem } from "../outside.ts";

/** The name of a header of requests; the host goes by its name in HTTP/2, as Envoy knows it. */
export const HeaderName = z.string().min(1).max(256)
  .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, {
    error: "must be a header name: letters, digits and !#$%&'*+-.^_`|~",
  })
  .refine((name) => !name.toLowerCase().startsWith("x-contour-"), {
    error: "must not start with x-contour-, which is for our own use",
  })
  .describe("Header name; case does not matter.");

/** A name as Envoy has it. */
export function canonicalName(name: string): string {
  const lower = name.toLowerCase();
  return lower === "host" ? ":authority" : lower;
}

/** A regular expression of RE2; see https://github.com/google/re2/wiki/Syntax. */
export const Regex = z.string().min(1).max(512).superRefine((pattern, context) => {
  const message = regexProblem(pattern);
  if (message !== undefined) context.addIssue({ code: "custom", message, input: pattern });
});

/** A text that is compared with what a request holds. */
export const Literal = z.string().max(1024)
  .regex(/^\P{Cc}*$/u, { error: "must not hold control characters" })
  .refine((text) => text.isWellFormed(), { error: "must be well-formed Unicode" });

/** A path without a query. */
export const Path = z.string().max(1024).regex(/^\/[\x21-\x22\x24-\x3e\x40-\x7e]*$/, {
  error: "must be a path: it starts with / and has no query, blanks or other letters than ASCII",
});
