import { z } from "zod";
import { Conditions } from "./condition.ts";
import type { Immutable } from "./immutable.ts";
import { Metadata } from "./metadata.ts";
import { LoadBalancerPolicy, TimeoutPolicy } from "./traffic_policy.ts";
import { UpstreamValidation } from "./upstream_validation.ts";
import { port, uint32 } from "./values.ts";

/** A Service behind an ExtensionService. */
export const ExtensionServiceTarget = z.object({
  name: z.string().describe("A Service in the namespace of this object."),
  port: port().describe("A port of the Service."),
  weight: uint32().optional().describe("Share relative to the other services."),
});
/** See {@link ExtensionServiceTarget}. */
export type ExtensionServiceTarget = Immutable<z.infer<typeof ExtensionServiceTarget>>;

/** Limits on what Envoy may have open towards a cluster; 0 means unset. */
export const CircuitBreakerPolicy = z.object({
  maxConnections: uint32().optional().describe("Connections at most."),
  maxPendingRequests: uint32().optional().describe("Requests waiting for a connection at most."),
  maxRequests: uint32().optional().describe("Requests at most."),
  maxRetries: uint32().optional().describe("Retries at most."),
  perHostMaxConnections: uint32().optional().describe("Connections to one endpoint at most."),
});
/** See {@link CircuitBreakerPolicy}. */
export type CircuitBreakerPolicy = Immutable<z.infer<typeof CircuitBreakerPolicy>>;

/** A service that Envoy itself asks: for authorization, rate limits or traces. */
export const ExtensionService = z.object({
  apiVersion: z.literal("projectcontour.io/v1alpha1"),
  kind: z.literal("ExtensionService"),
  metadata: Metadata,
  spec: z.object({
    services: z.array(ExtensionServiceTarget).min(1).describe("The Services that answer."),
    validation: UpstreamValidation.optional().describe("How the server is checked; with h2."),
    protocol: z.enum(["http/1.1", "h2", "h2c"]).optional().describe(
      "h2 is HTTP/2 over TLS, h2c HTTP/2 and http/1.1 HTTP/1.1 without. h2 if left out.",
    ),
    loadBalancerPolicy: LoadBalancerPolicy.optional().describe("How an endpoint is chosen."),
    timeoutPolicy: TimeoutPolicy.optional().describe("Timeouts; idle is not used here."),
    protocolVersion: z.enum(["v3"]).optional().describe("Version of Envoy's API that is spoken."),
    circuitBreakerPolicy: CircuitBreakerPolicy.optional().describe(
      "Limits, in place of all those configured globally.",
    ),
  }).describe("What the ExtensionService asks for."),
  status: z.object({
    conditions: Conditions.optional().describe("Conditions; the type we write is Valid."),
  }).optional().describe("What became of it; written by the controller."),
}).describe("A helper service of Envoy, such as an authorization server.");
/** See {@link ExtensionService}. */
export type ExtensionService = Immutable<z.infer<typeof ExtensionService>>;
