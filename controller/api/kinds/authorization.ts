import { z } from "zod";
import type { Immutable } from "./immutable.ts";
import { nonEmpty, stringMap, timeout, uint32, withRule } from "./values.ts";

/** Whether requests are authorized, and what the authorization server is told beside them. */
export const AuthorizationPolicy = z.object({
  disabled: z.boolean().optional().describe("Turns authorization off."),
  context: stringMap().optional().describe("Entries sent along with each check; gRPC only."),
});
/** See {@link AuthorizationPolicy}. */
export type AuthorizationPolicy = Immutable<z.infer<typeof AuthorizationPolicy>>;

/** Which headers are let through between Envoy and an HTTP authorization server. */
export const AllowedHeader = withRule(
  z.object({
    exact: z.string().optional().describe("The name."),
    prefix: z.string().optional().describe("The beginning of the name."),
    suffix: z.string().optional().describe("The end of the name."),
    contains: z.string().optional().describe("A part of the name."),
    ignoreCase: z.boolean().optional().describe("Compares without regard to case."),
  }),
  {
    cel:
      "(has(self.exact) ? 1 : 0) + (has(self.prefix) ? 1 : 0) + (has(self.suffix) ? 1 : 0) + (has(self.contains) ? 1 : 0) == 1",
    message: "exactly one of exact, prefix, suffix and contains must be set",
    holds: ({ exact, prefix, suffix, contains }) =>
      [exact, prefix, suffix, contains].filter((value) => value !== undefined).length === 1,
  },
);
/** See {@link AllowedHeader}. */
export type AllowedHeader = Immutable<z.infer<typeof AllowedHeader>>;

/** The external authorization of a virtual host. */
export const AuthorizationServer = withRule(
  z.object({
    extensionRef: z.object({
      apiVersion: nonEmpty().optional().describe(
        "Version of the ExtensionService; projectcontour.io/v1alpha1 if left out.",
      ),
      namespace: nonEmpty().optional().describe("Namespace; that of the HTTPProxy if left out."),
      name: nonEmpty().optional().describe("Name of the ExtensionService."),
    }).optional().describe("The ExtensionService that answers."),
    serviceType: z.enum(["http", "grpc"]).default("grpc").describe(
      "What the authorization server speaks.",
    ),
    httpSettings: z.object({
      pathPrefix: z.string().optional().describe("Put before the path of the check."),
      allowedAuthorizationHeaders: z.array(AllowedHeader).optional().describe(
        "Request headers the server gets to see.",
      ),
      allowedUpstreamHeaders: z.array(AllowedHeader).optional().describe(
        "Headers of its answer that the upstream gets to see.",
      ),
    }).optional().describe("Settings for a server that speaks HTTP."),
    authPolicy: AuthorizationPolicy.optional().describe("The default for the routes of the host."),
    responseTimeout: timeout().optional().describe(
      "Time to wait for the server; that of the ExtensionService if left out.",
    ),
    failOpen: z.boolean().optional().describe("Lets requests pass when the server fails."),
    withRequestBody: z.object({
      maxRequestBytes: uint32().min(1).default(1024).describe("Bytes of the body to send."),
      allowPartialMessage: z.boolean().optional().describe(
        "Sends the beginning of a longer body instead of refusing the request with 413.",
      ),
      packAsBytes: z.boolean().optional().describe("Sends the body as bytes, not as text."),
    }).optional().describe("Sends the body of the request to the server."),
  }),
  {
    cel: "!has(self.httpSettings) || self.serviceType == 'http'",
    message: "httpSettings needs serviceType http",
    holds: ({ httpSettings, serviceType }) => httpSettings === undefined || serviceType === "http",
  },
);
/** See {@link AuthorizationServer}. */
export type AuthorizationServer = Immutable<z.infer<typeof AuthorizationServer>>;
