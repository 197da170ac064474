import { z } from "zod";

/** Names of the sets of CORS settings; see `program/cors.ts`. */
export const corsPresets = ["public", "readOnly", "trusted"] as const;

/** See {@link corsPresets}. */
export type CorsPreset = (typeof corsPresets)[number];

const origin = /^(\*|[a-z][a-z0-9+.-]*:\/\/(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?)$/;

/** Which pages of other origins may ask, and for what. A field not given is that of the preset. */
export const Cors = z.object({
  preset: z.enum(corsPresets).optional().describe(
    "Where to start from. Default: what wider policies say.",
  ),
  allowOrigins: z.array(
    z.string().max(256).regex(origin, {
      error: "must be an origin such as https://example.com or https://*.example.com, or *",
    }),
  ).min(1).max(64).optional().describe("Origins; `*.` stands for any subdomain, `*` for all."),
  allowMethods: z.array(token("an HTTP method")).min(1).max(16).optional().describe("Methods."),
  allowHeaders: z.array(token("a header name")).max(64).optional().describe(
    "Headers that requests may have.",
  ),
  exposeHeaders: z.array(token("a header name")).max(64).optional().describe(
    "Headers of responses that pages may read.",
  ),
  maxAgeSeconds: z.int().min(0).max(86_400).optional().describe(
    "How long browsers may remember the answer, in seconds.",
  ),
  allowCredentials: z.boolean().optional().describe("Whether cookies and the like may come along."),
  allowPrivateNetwork: z.boolean().optional().describe(
    "Whether pages of the public network may ask.",
  ),
});
/** See {@link Cors}. */
export type Cors = z.infer<typeof Cors>;

function token(what: string) {
  return z.string().max(256).regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, { error: `must be ${what}` });
}
