import { z } from "zod";
import type { Immutable } from "./immutable.ts";
import { cookieNamePattern, cookiePathPattern, dnsNamePattern } from "./patterns.ts";
import { matching, nonEmpty } from "./values.ts";

/** A header and the value it gets. */
export const HeaderValue = z.object({
  name: nonEmpty().describe("Header name; case does not matter."),
  value: nonEmpty().describe("Value, in which %VARIABLES% of Envoy may stand."),
});
/** See {@link HeaderValue}. */
export type HeaderValue = Immutable<z.infer<typeof HeaderValue>>;

/** Changes to the headers of a request or response. */
export const HeadersPolicy = z.object({
  set: z.array(HeaderValue).optional().describe("Headers to add, or to overwrite if they exist."),
  remove: z.array(z.string()).optional().describe("Names of headers to take away."),
});
/** See {@link HeadersPolicy}. */
export type HeadersPolicy = Immutable<z.infer<typeof HeadersPolicy>>;

/** Changes to the attributes of a cookie that an upstream sets. */
export const CookieRewritePolicy = z.object({
  name: matching(cookieNamePattern, "a cookie name").min(1).max(4096).describe(
    "Cookie whose Set-Cookie header is changed; case matters.",
  ),
  pathRewrite: z.object({
    value: matching(cookiePathPattern, "a cookie path").min(1).max(4096).describe("New path."),
  }).optional().describe("Replaces the Path attribute."),
  domainRewrite: z.object({
    value: matching(dnsNamePattern, "a DNS name in lower case").min(1).max(4096).describe(
      "New domain.",
    ),
  }).optional().describe("Replaces the Domain attribute."),
  secure: z.boolean().optional().describe("Adds (true) or takes away (false) Secure."),
  sameSite: z.enum(["Strict", "Lax", "None"]).optional().describe("Sets SameSite."),
});
/** See {@link CookieRewritePolicy}. */
export type CookieRewritePolicy = Immutable<z.infer<typeof CookieRewritePolicy>>;
