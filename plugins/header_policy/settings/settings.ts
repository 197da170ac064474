import { z } from "zod";
import { Cors } from "./cors.ts";
import { Security } from "./security.ts";
import { step } from "./step.ts";

/** What stands in the `spec` of a HeaderPolicy, beside what it is for. */
export const Settings = z.object({
  inherit: z.boolean().optional().describe(
    "Whether wider policies hold too: those of the host for a route, those of the namespace for both. Default: true.",
  ),
  request: z.array(step("request")).max(64).optional().describe(
    "Steps for requests on their way to a Service, taken one after the other.",
  ),
  security: Security.optional().describe("Security headers of responses, set before the steps."),
  response: z.array(step("response")).max(64).optional().describe(
    "Steps for responses on their way to the client, taken one after the other.",
  ),
  cors: Cors.optional().describe(
    "Sharing with pages of other origins. For a host, a corsPolicy of the HTTPProxy holds in its place.",
  ),
}).refine((settings) => Object.values(settings).some((field) => field !== undefined), {
  error: "must hold something",
});
/** See {@link Settings}. */
export type Settings = z.infer<typeof Settings>;
