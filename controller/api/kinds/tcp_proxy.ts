import { z } from "zod";
import type { Immutable } from "./immutable.ts";
import { RouteService } from "./route.ts";
import { LoadBalancerPolicy, TCPHealthCheckPolicy } from "./traffic_policy.ts";

/** Another HTTPProxy that says where the bytes go. */
export const TCPProxyInclude = z.object({
  name: z.string().describe("Name of the HTTPProxy."),
  namespace: z.string().optional().describe("Its namespace; this one's if left out."),
});
/** See {@link TCPProxyInclude}. */
export type TCPProxyInclude = Immutable<z.infer<typeof TCPProxyInclude>>;

/** Forwards the bytes of connections to services: with either services or an include. */
export const TCPProxy = z.object({
  loadBalancerPolicy: LoadBalancerPolicy.optional().describe("How an endpoint is chosen."),
  services: z.array(RouteService).optional().describe("Where connections go."),
  include: TCPProxyInclude.optional().describe("The HTTPProxy that says where they go."),
  includes: TCPProxyInclude.optional().describe("Older spelling of include, used without it."),
  healthCheckPolicy: TCPHealthCheckPolicy.optional().describe("Probes of the endpoints."),
});
/** See {@link TCPProxy}. */
export type TCPProxy = Immutable<z.infer<typeof TCPProxy>>;
