import { z } from "zod";
import { textProblem } from "./header_value.ts";

/** Names of the sets of security headers; see `program/security_presets.ts`. */
export const presets = ["strict", "balanced", "api"] as const;

/** See {@link presets}. */
export type Preset = (typeof presets)[number];

/**
 * Headers by which browsers are told to be careful. A field that is not given is that of the preset,
 * `off` leaves the header to the Service.
 */
export const Security = z.object({
  preset: z.enum(presets).optional().describe(
    "Where to start from. Default: what wider policies say, or no header at all.",
  ),
  existing: z.enum(["replace", "keep"]).optional().describe(
    "What becomes of such headers from the Service. Default: replace.",
  ),
  strictTransportSecurity: value(
    /^max-age=\d{1,10}(; includeSubDomains)?(; preload)?$/,
    "max-age=SECONDS, then ; includeSubDomains and ; preload if wanted",
  ).superRefine((text, context) => {
    const message = preloadProblem(text);
    if (message !== undefined) context.addIssue({ code: "custom", message, input: text });
  }).optional().describe("Strict-Transport-Security; sent by TLS alone."),
  contentSecurityPolicy: value(
    /^[a-z][a-z-]*( [^;,]+)?(; [a-z][a-z-]*( [^;,]+)?)*;?$/,
    "directives with ; between them",
  ).optional().describe("Content-Security-Policy, the whole of it."),
  contentSecurityPolicyDirectives: z.record(
    z.string().regex(/^[a-z][a-z-]{0,63}$/, { error: "must be the name of a directive" }),
    z.string().max(1024).superRefine((text, context) => {
      const message = textProblem(text) ??
        (/[;,]/.test(text) ? "must not have ; or , in it" : undefined);
      if (message !== undefined) context.addIssue({ code: "custom", message, input: text });
    }),
  ).optional().describe(
    "Single directives of Content-Security-Policy, in place of those of the same name; `off` takes one away.",
  ),
  frameOptions: oneOf(["DENY", "SAMEORIGIN", "off"]).describe("X-Frame-Options."),
  contentTypeOptions: oneOf(["nosniff", "off"]).describe("X-Content-Type-Options."),
  referrerPolicy: oneOf([
    "no-referrer",
    "no-referrer-when-downgrade",
    "origin",
    "origin-when-cross-origin",
    "same-origin",
    "strict-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
    "off",
  ]).describe("Referrer-Policy."),
  permissionsPolicy: value(
    /^[a-z][a-z-]*=(\*|\([^()]*\)|self)(, [a-z][a-z-]*=(\*|\([^()]*\)|self))*$/,
    "features with , between them: camera=(), fullscreen=(self)",
  ).optional().describe("Permissions-Policy."),
  crossOriginOpenerPolicy: oneOf([
    "same-origin",
    "same-origin-allow-popups",
    "noopener-allow-popups",
    "unsafe-none",
    "off",
  ]).describe("Cross-Origin-Opener-Policy."),
  crossOriginEmbedderPolicy: oneOf(["require-corp", "credentialless", "unsafe-none", "off"])
    .describe("Cross-Origin-Embedder-Policy."),
  crossOriginResourcePolicy: oneOf(["same-origin", "same-site", "cross-origin", "off"])
    .describe("Cross-Origin-Resource-Policy."),
  permittedCrossDomainPolicies: oneOf([
    "none",
    "master-only",
    "by-content-type",
    "all",
    "off",
  ]).describe("X-Permitted-Cross-Domain-Policies."),
  cacheControl: value(/^[a-z][a-z0-9=, "-]*$/, "directives with , between them").optional()
    .describe("Cache-Control."),
  fingerprints: z.enum(["remove", "keep"]).optional().describe(
    "What becomes of headers that tell what a Service runs on, such as X-Powered-By.",
  ),
});
/** See {@link Security}. */
export type Security = z.infer<typeof Security>;

/** Stands for a header that is left to the Service. */
export const off = "off";

function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values).optional();
}

function value(pattern: RegExp, wanted: string) {
  return z.string().max(4096).superRefine((text, context) => {
    const message = textProblem(text) ??
      (text === off || pattern.test(text) ? undefined : `must be ${wanted}, or off`);
    if (message !== undefined) context.addIssue({ code: "custom", message, input: text });
  });
}

/** What browsers ask for before they put a host on their lists; see https://hstspreload.org */
function preloadProblem(text: string): string | undefined {
  if (!text.endsWith("; preload")) return undefined;
  if (!text.includes("; includeSubDomains")) {
    return "must have includeSubDomains where it has preload";
  }
  const seconds = Number(/^max-age=(\d+)/.exec(text)?.[1] ?? 0);
  return seconds < 31_536_000
    ? "must have a max-age of a year or more where it has preload"
    : undefined;
}
