import { z } from "zod";

/** What the names of headers begin with that never leave the proxy. */
export const privatePrefix = "x-contour-";

/** A header that a step may write. */
export const WritableName = name((text) =>
  framing.has(text)
    ? `must not be "${text}", which says where a message goes or ends`
    : text.startsWith("x-envoy-")
    ? "must not start with x-envoy-, by which Envoy itself is steered"
    : isPrivate(text)
    ? `must not start with ${privatePrefix}, which is for our own use`
    : undefined
).describe("Header name; case does not matter.");

/** A header that a step may take away. */
export const RemovableName = name((text) =>
  framing.has(text)
    ? `must not be "${text}", which says where a message goes or ends`
    : isPrivate(text)
    ? `must not start with ${privatePrefix}, which is for our own use`
    : undefined
).describe("Header name; case does not matter.");

/** A header that is only read; those of HTTP/2 such as `:path` are among them. */
export const ReadableName = z.string().min(1).max(256)
  .regex(/^:?[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, { error: `must be ${wanted()}` })
  .refine((text) => !isPrivate(text.toLowerCase()), {
    error: `must not start with ${privatePrefix}, which is for our own use`,
  })
  .describe("Header name; case does not matter.");

/**
 * The first of the headers nobody may take away that a pattern would take along; `undefined` when it
 * spares them all.
 */
export function endangered(matches: (name: string) => boolean): string | undefined {
  return [...pseudo, ...framing, ...privateNames].find(matches);
}

/** A name as Envoy has it: in lower case, and the host under its name in HTTP/2. */
export function canonicalName(name: string): string {
  const lower = name.toLowerCase();
  return lower === "host" ? ":authority" : lower;
}

/** Whether several values of the header can be joined by commas. */
export function isJoinable(name: string): boolean {
  return canonicalName(name) !== "set-cookie";
}

function name(problem: (text: string) => string | undefined) {
  return z.string().min(1).max(256)
    .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, { error: `must be ${wanted()}` })
    .superRefine((text, context) => {
      const message = problem(text.toLowerCase());
      if (message !== undefined) context.addIssue({ code: "custom", message, input: text });
    });
}

function wanted(): string {
  return "a header name: letters, digits and !#$%&'*+-.^_`|~";
}

function isPrivate(name: string): boolean {
  return name.startsWith(privatePrefix);
}

const pseudo = [":authority", ":method", ":path", ":protocol", ":scheme", ":status"];

/** What connections, lengths and upgrades hang on; see https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const framing = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "sec-websocket-accept",
  "sec-websocket-extensions",
  "sec-websocket-key",
  "sec-websocket-version",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** One that is there for each purpose, so that no pattern reaches any of them. */
const privateNames = [`${privatePrefix}scope`, `${privatePrefix}header-policy-drop`];
