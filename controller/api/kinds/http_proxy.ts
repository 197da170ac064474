import { z } from "zod";
import { Conditions, LoadBalancerStatus } from "./condition.ts";
import type { Immutable } from "./immutable.ts";
import { MatchCondition } from "./match_condition.ts";
import { Metadata } from "./metadata.ts";
import { Route } from "./route.ts";
import { TCPProxy } from "./tcp_proxy.ts";
import { nonEmpty } from "./values.ts";
import { VirtualHost } from "./virtual_host.ts";

/** Takes in the routes of another HTTPProxy, under conditions. */
export const Include = z.object({
  name: nonEmpty().describe("Name of the HTTPProxy."),
  namespace: z.string().optional().describe("Its namespace; this one's if left out."),
  conditions: z.array(MatchCondition).optional().describe(
    "Conditions put before those of its routes: prefix, header and queryParameter, one prefix at most.",
  ),
});
/** See {@link Include}. */
export type Include = Immutable<z.infer<typeof Include>>;

/**
 * The routes of a host, or of a part of one that another HTTPProxy includes.
 * See https://projectcontour.io/docs/main/config/fundamentals/
 */
export const HTTPProxy = z.object({
  apiVersion: z.literal("projectcontour.io/v1"),
  kind: z.literal("HTTPProxy"),
  metadata: Metadata,
  spec: z.object({
    virtualhost: VirtualHost.optional().describe(
      "The host. With it the HTTPProxy is a root; without it others may include it.",
    ),
    routes: z.array(Route).optional().describe("Routes of HTTP requests."),
    tcpproxy: TCPProxy.optional().describe("Forwards connections; the root needs TLS."),
    includes: z.array(Include).optional().describe("Other HTTPProxies to take in."),
    ingressClassName: z.string().optional().describe(
      "Class of the controller this is for; class annotations win over it.",
    ),
  }).describe("What the HTTPProxy asks for."),
  status: z.object({
    currentStatus: z.string().optional().describe("valid, invalid, orphaned or NotReconciled."),
    description: z.string().optional().describe("The status in a sentence."),
    loadBalancer: LoadBalancerStatus.optional().describe("Where Envoy can be reached."),
    conditions: Conditions.optional().describe("Conditions; the type we write is Valid."),
  }).optional().meta({
    default: { currentStatus: "NotReconciled", description: "Waiting for controller" },
  }).describe("What became of it; written by the controller."),
}).describe("Routes of HTTP and TCP traffic for a host, or for a part of one.");
/** See {@link HTTPProxy}. */
export type HTTPProxy = Immutable<z.infer<typeof HTTPProxy>>;
