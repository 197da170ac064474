import { z } from "zod";
import { type Diagnostic, type Position, readDocument } from "../controller/api/mod.ts";

/**
 * Reads a file of request tests, YAML or JSON. Strict: a field that is not known is an error, with
 * the field that may be meant. The format is described in docs/test.md.
 */
export function readRequestCases(text: string, file: string): RequestCaseReading {
  const reading = readDocument(text, RequestCaseFile, file);
  return reading.ok ? { ok: true, cases: reading.value.tests, locate: reading.locate } : reading;
}

/** The cases, and where their fields stand: `tests[3].expect.status`; or why there are none. */
export type RequestCaseReading =
  | {
    readonly ok: true;
    readonly cases: readonly RequestCase[];
    readonly locate: (path: string) => Position;
  }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

const serviceForm = /^[a-z0-9][a-z0-9-]*\/[a-z0-9][a-z0-9.-]*:\d{1,5}$/;
const ServicePort = z.string().regex(serviceForm, "must be namespace/service:port");
const HeaderName = z.string().regex(/^[!#$%&'*+\-.^_`|~\w]+$/, "must be the name of a header");
const Headers = z.record(HeaderName, z.string());

/** What is sent. */
const SentRequest = z.object({
  url: z.string().min(1).describe("With http:// or https://, host and path."),
  method: z.string().min(1).optional().describe("GET if left out."),
  headers: Headers.optional(),
});

/** What has to become of a request; what is left out may be anything. */
const Expected = z.object({
  services: z.array(ServicePort).min(1).optional()
    .describe("Every Service port that gets a share of such requests is one of these."),
  shares: z.record(ServicePort, z.number().min(0).max(100)).optional()
    .describe("Exactly these Service ports get such requests, in percent."),
  path: z.string().optional().describe("With query string, as the Service sees it."),
  host: z.string().optional().describe("The Host header, as the Service sees it."),
  requestHeaders: Headers.optional().describe("Headers of these values, as the Service sees them."),
  withoutRequestHeaders: z.array(HeaderName).optional().describe("Headers it does not see."),
  responseHeaders: Headers.optional().describe("Headers that are set on the way back."),
  withoutResponseHeaders: z.array(HeaderName).optional()
    .describe("Headers that are taken away on the way back."),
  status: z.int().min(100).max(599).optional()
    .describe("Of an answer that Envoy gives itself: a redirect, an error."),
  location: z.string().optional().describe("Where a redirect leads to."),
  body: z.string().optional().describe("Of an answer that Envoy gives itself."),
  connection: z.literal("closed").optional().describe("Nobody speaks TLS for this name."),
  object: z.string().optional()
    .describe("Kind/namespace/name of the object whose rule takes the request."),
}).superRefine((value, context) => {
  const said = Object.values(value).some((field) => field !== undefined);
  if (!said) context.addIssue({ code: "custom", message: "must expect something" });
  const own = ["status", "location", "body", "connection"] as const;
  const far = ["services", "shares", "path", "host", "requestHeaders"] as const;
  const [answered] = own.filter((name) => value[name] !== undefined);
  const [forwarded] = far.filter((name) => value[name] !== undefined);
  if (answered === undefined || forwarded === undefined) return;
  context.addIssue({
    code: "custom",
    path: [answered],
    message:
      `cannot be expected beside "${forwarded}": what Envoy answers itself reaches no Service`,
  });
});

/** See {@link Expected}. */
export type ExpectedAnswer = z.infer<typeof Expected>;

/** A request and what has to become of it. */
export const RequestCase = z.object({
  name: z.string().min(1),
  from: z.string().optional().describe("Where the expectation comes from: file:line."),
  request: SentRequest,
  expect: Expected,
});
export type RequestCase = z.infer<typeof RequestCase>;

/** A file of cases, as `contour convert --tests` writes it. */
export const RequestCaseFile = z.object({
  version: z.literal(1),
  tests: z.array(RequestCase),
});
export type RequestCaseFile = z.infer<typeof RequestCaseFile>;
